// Package app is a node of a ring as a service: the options, the listener, the
// database, the node and what speaks for it on the network, put together.
//
// An [Options] is read by [Load] from flags, environment and file, all of which
// come from one table ([Table]). [New] makes an [App] of it; [App.Start] brings
// it up and [App.Stop] down, so that a program can hold several; [App.Run] is
// the whole life of a server process, told by signals and telling systemd.
//
// Invariant: readiness is announced once the node is joined and serving, and
// the watchdog is fed only by a check that the node does its work.
//
// Caveat: stopping an app leaves its node a member of the ring. It takes no
// data with it and hands none over, unless leave-on-stop says so.
package app
