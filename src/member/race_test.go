//go:build race

package member

// underRace leaves out the long runs of the state machine: they have one goroutine.
const underRace = true
