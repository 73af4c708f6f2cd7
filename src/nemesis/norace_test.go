//go:build !race

package nemesis

const underRace = false
