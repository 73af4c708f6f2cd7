//go:build race

package bench

// underRace: what no goroutine of this process does shows nothing there.
const underRace = true
