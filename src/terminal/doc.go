// Package terminal shows a ring to a person: [Ring] and [Status] once, [Top] again
// and again. It asks nobody anything: what it shows is handed in.
//
// A [Style] says what the other side can show: colours, the letters of Unicode, how
// many cells there are. Without a terminal the output is plain, whole and for
// tools that cut columns; on one it fits the width.
//
// Invariant: what nodes tell of themselves cannot move the cursor: everything
// that is printed is free of control characters.
package terminal
