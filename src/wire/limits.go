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
	maxCAs        = 1_000
	maxSteps      = 1_000 // of a lookup
	maxFingers    = keyspace.Bits
	maxKeys       = 100_000 // of a page, or to be fetched at once
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

	maxHeader = 64 << 10 // bytes of metadata
	// What may be on its way on a stream, or on a connection, before the other side
	// has read it. Fixed: gRPC would measure what a connection needs, with a ping
	// and its answer beside nearly every message.
	streamWindow = 512 << 10
	connWindow   = 4 << 20
	// maxSet is where a set no longer stands in the answer to a read.
	maxSet = maxRequest - 4<<10
	// fetchBatch is how many bytes of pieces share a message.
	fetchBatch = 64 << 10
	// fetchPause is for how long a piece may wait for others to share it with.
	fetchPause = time.Second

	maxStreams   = 512  // calls at once on one connection, and small operations on an exchange
	maxLarge     = 32   // large operations on an exchange
	maxCrowd     = 4    // how many times as many may wait for a stalled copy
	maxInFlight  = 1024 // calls at once on one server, of each rank
	maxConns     = 1024 // connections that a dialer keeps
	maxAccepted  = 4096 // connections of a server
	maxReceipts  = 256  // messages on their way to a server, of each kind
	maxSittings  = 8    // streams of operations on one connection
	maxForeign   = 128  // streams of the health and the reflection service
	callTimeout  = 5 * time.Second
	longestCall  = time.Minute      // for a server, of calls that are no streams
	longestStall = time.Minute      // a stream that stands still for so long ends
	longestLeave = time.Hour        // handing over everything
	longestTake  = time.Hour        // fetching buckets
	greetTimeout = 5 * time.Second  // for a new connection to speak gRPC
	idleTimeout  = 5 * time.Minute  // a connection without calls is closed after it
	maxOps       = 64 << 10         // operations in one message
	maxUnsent    = 8 << 20          // bytes of answers on a stream, from which on it is not read
	maxUnsentAll = 64 << 20         // of all streams together; twice as many, and large answers are dropped
	maxTaken     = 256 << 20        // bytes of the requests of a rank that are worked on
	maxIdle      = 256              // goroutines of a server that wait for operations
	exchangeIdle = 30 * time.Second // a caller ends an exchange without operations after it
	pingEvery    = 10 * time.Second
	pingTimeout  = 5 * time.Second
)
