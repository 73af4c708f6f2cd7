package member

import "cmp"

// Config is what a table is born with. A tick is a second in real life; what
// is zero gets the default.
type Config struct {
	// Self is the node's own record; its State is Alive unless told otherwise.
	Self Member
	// Seed feeds the order of probes and the choice of helpers, which is all the
	// randomness there is.
	Seed uint64
	// ProbeEvery is the number of ticks between two probes; 1.
	ProbeEvery int
	// ProbeTimeout is the number of ticks after which a call counts as failed that
	// the driver has not reported. The driver's own time-out is shorter, or should
	// be; 10.
	ProbeTimeout int
	// Helpers is how many others are asked to probe in the table's place; 3.
	Helpers int
	// SyncEvery is the number of ticks between two exchanges with members that
	// are down, and the least between two with others; 10.
	SyncEvery int
	// ContactEvery is the number of ticks between two rounds of the bootstrap
	// addresses, until one answers; 3.
	ContactEvery int
	// DoubtFor is how many ticks a table that finds its own probes failing
	// waits before it accuses all the same; 60.
	DoubtFor int
	// Remember is how many ticks a member is kept that left, or is down and holds
	// nothing; 30 days. Who holds copies, and who was forgotten, is kept for ever.
	Remember int
	// Limit is how many members a table holds, itself included; 10,000.
	Limit int
}

func (c Config) withDefaults() Config {
	c.ProbeEvery = cmp.Or(c.ProbeEvery, 1)
	c.ProbeTimeout = cmp.Or(c.ProbeTimeout, 10)
	c.Helpers = cmp.Or(c.Helpers, 3)
	c.SyncEvery = cmp.Or(c.SyncEvery, 10)
	c.ContactEvery = cmp.Or(c.ContactEvery, 3)
	c.DoubtFor = cmp.Or(c.DoubtFor, 60)
	c.Remember = cmp.Or(c.Remember, 30*24*60*60)
	c.Limit = cmp.Or(c.Limit, 10_000)
	return c
}
