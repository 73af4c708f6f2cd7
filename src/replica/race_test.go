//go:build race

package replica_test

// underRace leaves out the long runs of the model: they have one goroutine.
const underRace = true
