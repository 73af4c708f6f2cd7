//go:build !race

package floor

// usual is how many seeds run unasked.
const usual = 2

// formerly are plans that broke something once, from the faults that there were then.
// 287: a restored copy that was to be handed over, and two joiners that lacked one
// source, waited for each other. 12082: a damaged row in a copy that was given up kept
// this and other such copies from being deleted.
var formerly = []plan{draw(287, allBut(rot)...), draw(12082)}
