// Package floor ill-treats whole rings of real nodes with real databases in one
// process, in virtual time, and judges what they answered: each seed is a
// schedule of faults with the work of some clients beside it.
//
// A run obeys the limits within which the promises hold: between two moments
// of full redundancy fewer disks are destroyed than a write waits for. At its end
// all faults end, everybody restarts, and the ring has to become whole. Then every
// acknowledged write has to be there, no removed value may be back, nothing may
// be there that was refused, and all copies have to be equal.
//
//	go test ./nemesis/floor                      # some seeds
//	go test ./nemesis/floor -floor.seeds=300     # many
//	go test ./nemesis/floor -floor.seed=17 -v    # one, with a log of its events
//	go test -tags faults ./nemesis/floor -run Planted -floor.fault=all
//
// Caveat: a seed fixes the schedule and what clients ask, not the order in which
// goroutines run: what one finds it finds again within a few tries.
package floor
