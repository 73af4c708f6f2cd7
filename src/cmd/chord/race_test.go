//go:build race

package main

// underRace is set where every process is slow for the race detector's sake.
const underRace = true
