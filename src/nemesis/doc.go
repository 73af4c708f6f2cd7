// Package nemesis runs a ring of real chord processes, ill-treats it while
// clients write and read, and says which promises it broke.
//
// Each node has a network namespace on one bridge and a file system of its own:
// so it can be cut off from any other, in one direction too, lose its power with
// what was not synced, or run out of disk. [Run] works inside namespaces of its
// own (network, mounts, processes), which [Confine] makes by starting the
// program again: when that process ends, however it does, the kernel ends the
// nodes and takes away links, mounts and loop devices. What can remain of a
// crashed run is its directory; [Sweep] removes those.
//
// The seed decides the schedule of faults and what the workers draw. What they
// meet depends on the machine: a run of the same seed is like the first, not
// equal to it.
//
// Invariant: nothing outside of the namespaces is changed but the run's
// directory and, for the slow disk, a control group named after it.
//
// Caveat: it needs root, ip (iproute2), mkfs.ext4, mount, umount and loop
// devices. It does not set clocks: the kernel has no namespace for the time of
// day; tests of package node do that.
package nemesis
