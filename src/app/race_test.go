//go:build race

package app

// underRace is set where every node is slow for the race detector's sake.
const underRace = true
