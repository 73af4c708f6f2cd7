//go:build race

package store_test

// underRace makes the long histories shorter.
const underRace = true
