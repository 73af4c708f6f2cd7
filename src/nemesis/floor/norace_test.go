//go:build !race

package floor

// usual is how many seeds run unasked.
const usual = 2

// formerly are plans that broke something once, from the faults that there were then.
// 287: a restored copy that was to be handed over, and two joiners that lacked one
// source, waited for each other. 12082: a damaged row in a copy that was given up kept
// this and other such copies from being deleted. 20008: copies that waited for an
// answer of who then left were compared with enough others, and never became synced.
// 20013: a row was damaged at the one member that did not leave, and those who left
// could not hand their buckets over, nor were they asked for the row. 30134: all who
// had synced copies left, and a restored copy to be handed over waited for one of
// them to confirm that nothing was purged since.
var formerly = []plan{
	draw(287, allBut(rot, replace)...).plain(), draw(12082, allBut(replace)...).plain(), draw(20008).plain(), draw(20013).plain(),
	draw(30134),
}
