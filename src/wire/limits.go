package wire

import (
	"time"

	"chord/keyspace"
)

// What a message may hold, beside the limits of package store.
const (
	maxName       = 255 // of rings, nodes, domains and addresses
	maxText       = 4 << 10
	maxSuccessors = 64
	maxMembers    = 20_000
	maxSteps      = 1_000 // of a lookup
	maxFingers    = keyspace.Bits
)

// What a call may cost.
const (
	// maxRequest fits the largest key with the largest value and its dots, and
	// the table of some 20,000 members with names of usual length.
	maxRequest = 4 << 20
	// maxAnswer bounds the set of values that one call can retrieve.
	maxAnswer = 64 << 20
	// entryChunk is where a large entry of a stream is cut into messages.
	entryChunk = 256 << 10
	// backupChunk is how much of a database one message carries.
	backupChunk = 256 << 10

	maxHeader    = 64 << 10 // bytes of metadata
	maxStreams   = 512      // calls at once on one connection
	maxInFlight  = 1024     // calls at once on one server, without liveness traffic
	maxConns     = 1024     // connections that a dialer keeps
	callTimeout  = 5 * time.Second
	longestCall  = time.Minute      // for a server, of calls that are no streams
	longestStall = time.Minute      // a stream that stands still for so long ends
	longestLeave = time.Hour        // handing over everything
	greetTimeout = 5 * time.Second  // for a new connection to speak gRPC
	idleTimeout  = 5 * time.Minute  // a connection without calls is closed after it
	maxOps       = 64 << 10         // operations in one message
	maxUnsent    = 8 << 20          // bytes of answers on a stream, from which on it is not read
	maxIdle      = 256              // goroutines of a server that wait for operations
	exchangeIdle = 30 * time.Second // a caller ends an exchange without operations after it
	unaryTime    = time.Minute      // how long a node without exchange is taken for one
	pingEvery    = 10 * time.Second
	pingTimeout  = 5 * time.Second
)
