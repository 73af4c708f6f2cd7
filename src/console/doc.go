// Package console is the interactive shell: it reads commands, one a line, from
// a person at a terminal, from a pipe, or from the arguments of the program, and
// carries them out on nodes that somebody else makes.
//
// A [Shell] owns the nodes it asked for: the one that joinN made by a [Remote],
// and those of the simulated network that create made by a [Local]. [Commands]
// is the one table of what can be typed; parsing, help, completion and the
// manual are made from it. The vocabulary and the shapes of the output are
// OpenChord's, so that a transcript made for it works here; its faults are not.
//
// Invariant: no command outlasts its limit of time, and when it is over that is
// said. wait and executeMacro take as long as they are told to; Ctrl-C ends them.
//
// Invariant: what is printed of keys and values can be typed again as it
// stands, whatever bytes they hold, and never steers the terminal.
//
// Caveat: the console knows nothing of networks and databases. A failed command
// is told to the person and counted ([Shell.Failed]); it does not end the shell.
package console
