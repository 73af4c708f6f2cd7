package store

import "time"

// Meter hears what the disk has to do. It is called by the committer, which
// waits for it meanwhile, and by the flusher beside it.
type Meter interface {
	// Committed: so many changes became durable with one record of that many bytes.
	// Took is for all of it, carrying them out included; synced is the sync's part.
	Committed(changes, bytes int, took, synced time.Duration)
	// Flushed: a full log went into the database's file.
	Flushed(took time.Duration)
}
