package gateway

import (
	"sync"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/trust"
)

func keyCommands() []*command {
	return []*command{
		{name: "del", arity: -2, role: trust.Write, access: writes, first: 1, last: -1, step: 1, group: "generic", summary: "Takes all values out of keys, and counts those that had some.", do: del},
		{name: "unlink", arity: -2, role: trust.Write, access: writes, first: 1, last: -1, step: 1, group: "generic", summary: "The same as DEL.", do: del},
		{name: "exists", arity: -2, role: trust.Read, access: reads, first: 1, last: -1, step: 1, group: "generic", summary: "Counts those of the keys that have a value.", do: exists},
		{name: "type", arity: 2, role: trust.Read, access: reads, first: 1, last: 1, step: 1, group: "generic", summary: "Says string of a key with one value, set with more, none without.", do: kind},
		{name: "scan", arity: -2, role: trust.Read, group: "generic", summary: "Returns the keys of the whole ring, some at a time.", do: scanKeys},
		{name: "dbsize", arity: 1, role: trust.Read, group: "server", summary: "Counts the keys of the whole ring.", do: dbsize},
	}
}

func del(c *call) {
	keys := c.args[1:]
	if len(keys) > 1 {
		keys = distinct(keys)
	}
	var all outcome
	c.each(len(keys), func(i int) {
		r, err := c.operate(node.Op{Kind: node.Delete, Key: keys[i]})
		n := 0
		if r.Changed {
			n = 1
		}
		all.add(n, err)
	})
	if all.err != nil {
		c.failure(partly(all.err, all.sum, len(keys)))
		return
	}
	c.integer(all.sum)
}

func exists(c *call) {
	var all outcome
	c.each(len(c.args)-1, func(i int) {
		n, err := c.count(c.args[i+1])
		all.add(int(min(n, 1)), err)
	})
	if all.err != nil {
		c.failure(all.err)
		return
	}
	c.integer(all.sum)
}

func kind(c *call) {
	n, err := c.count(c.args[1])
	if err != nil {
		c.failure(err)
		return
	}
	c.simple(typeOf(n))
}

func scanKeys(c *call) {
	s, ok := c.scanOf(c.args[1:])
	if !ok {
		return
	}
	found, next, err := s.pages(func(from keyspace.ID, limit int) (page, error) { return s.keys(c, from, limit) })
	if err != nil {
		c.failure(err)
		return
	}
	if c.hold(sizeOf(found)) {
		c.page(next, found)
	}
}

func dbsize(c *call) {
	n, err := c.conn.server.countKeys()
	if err != nil {
		c.failure(err)
		return
	}
	c.unsigned(n)
}

// sizeAge is how old the number of keys may be: to count them is work for the
// members.
const sizeAge = time.Second

// sizeCache is the number of keys, as it was a moment ago.
type sizeCache struct {
	mu   sync.Mutex
	at   time.Time
	keys uint64
}

// countKeys returns about how many keys the ring has: of one copy of each bucket.
func (s *Server) countKeys() (uint64, error) {
	s.size.mu.Lock()
	defer s.size.mu.Unlock()
	if !s.size.at.IsZero() && time.Since(s.size.at) < sizeAge {
		return s.size.keys, nil
	}
	n := uint64(0)
	for from := (keyspace.ID{}); ; {
		r, err := s.node.ScanRing(s.ctx, node.Scan{From: from})
		if err != nil {
			return 0, err
		}
		n += r.Count
		if from = r.Next; from.IsZero() {
			break
		}
	}
	s.size.at, s.size.keys = time.Now(), n
	return n, nil
}
