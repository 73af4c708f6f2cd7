// Package gateway serves a node to programs of any language over the Redis
// protocol, RESP2 and RESP3.
//
// A [Server] answers commands from a [Node]: strings are puts and gets, sets are
// inserts, removes and retrieves. What a command cannot keep in a ring, it does
// not pretend: options such as NX and EX are refused with the reason.
//
// The commands that came with one read are a batch. They run beside each other,
// so that they share the commits of the ring's stores, except that those on one
// key keep their order; answers come in the order of the commands.
//
// Invariant: a command is answered once, after all before it, and one that writes
// only when the ring has acknowledged it.
//
// Invariant: what a connection makes the server keep is bounded: a command by
// [maxCommand], a batch by [maxBatch], all buffers and answers together by [maxBuffers], large
// answers by turns. Who does not read its answers is pushed back, then dropped;
// who does not finish a command is dropped.
//
// Invariant: no client keeps others out: connections, memory, and turns at
// operations are divided by address, and what one may ask for in a second is bounded
// where that is asked for.
//
// Invariant: bytes that came are copied once before they are given to the node,
// which may keep them after it has answered.
//
// Caveat: a batch ends when its slowest command does.
package gateway
