//go:build race

package nemesis

// underRace leaves out the runs of real processes, which are built without the detector.
const underRace = true
