package node

import (
	"sync/atomic"
	"time"
)

// Counters say what a node did since its process started.
type Counters struct {
	// Reads and Writes are operations that clients asked this node for, Failed
	// those of both that failed, Took the time of all together.
	Reads, Writes, Failed uint64
	Took                  time.Duration
	// Forwarded is how often this node asked another one to coordinate an operation,
	// Coordinated how many it coordinated, for whomever.
	Forwarded, Coordinated uint64
	// CopyReads and CopyWrites are what coordinators asked of the copies here.
	CopyReads, CopyWrites uint64
}

// counters count. The zero value is ready, and safe for concurrent use.
type counters struct {
	reads, failed, took atomic.Uint64
	roles               [len(roleNames)]atomic.Uint64
}

// add counts a request that has ended.
func (c *counters) add(role Role, op OpKind, took time.Duration, err error) {
	c.roles[role].Add(1)
	if role != Asked {
		return
	}
	c.took.Add(uint64(took))
	if op.Reads() {
		c.reads.Add(1)
	}
	if err != nil {
		c.failed.Add(1)
	}
}

func (c *counters) get() Counters {
	reads := c.reads.Load() // before all: never more than all
	return Counters{
		Reads: reads, Writes: c.roles[Asked].Load() - reads, Failed: c.failed.Load(), Took: time.Duration(c.took.Load()),
		Forwarded: c.roles[Forwarded].Load(), Coordinated: c.roles[Coordinated].Load(),
		CopyReads: c.roles[Seen].Load(), CopyWrites: c.roles[Written].Load(),
	}
}
