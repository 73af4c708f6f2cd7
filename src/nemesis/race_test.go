//go:build race

package nemesis

// underRace: the run is a process of its own, and has to be built with the detector
// for anything to be found in it.
const underRace = true
