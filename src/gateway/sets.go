package gateway

import (
	"bytes"
	"slices"

	"chord/keyspace"
	"chord/node"
	"chord/trust"
)

func setCommands() []*command {
	return []*command{
		{name: "sadd", arity: -3, role: trust.Write, access: adds, first: 1, last: 1, step: 1, group: "set", summary: "Adds values to the set of a key, and counts those that were not there.", do: sadd},
		{name: "srem", arity: -3, role: trust.Write, access: writes, first: 1, last: 1, step: 1, group: "set", summary: "Takes values out of the set of a key, and counts those that were there.", do: srem},
		{name: "smembers", arity: 2, role: trust.Read, access: reads, large: true, first: 1, last: 1, step: 1, group: "set", summary: "Returns all values of a key.", do: smembers},
		{name: "scard", arity: 2, role: trust.Read, access: reads, first: 1, last: 1, step: 1, group: "set", summary: "Counts the values of a key.", do: scard},
		{name: "sismember", arity: 3, role: trust.Read, access: reads, first: 1, last: 1, step: 1, group: "set", summary: "Says whether a key has a value.", do: sismember},
		{name: "smismember", arity: -3, role: trust.Read, access: reads, first: 1, last: 1, step: 1, group: "set", summary: "Says of each of several values whether a key has it.", do: smismember},
		{name: "sscan", arity: -3, role: trust.Read, access: reads, large: true, first: 1, last: 1, step: 1, group: "set", summary: "Returns the values of a key, some at a time.", do: sscan},
	}
}

func sadd(c *call) { c.change(node.Insert) }
func srem(c *call) { c.change(node.Remove) }

// change does an operation for each member, and counts those that made a
// difference.
func (c *call) change(kind node.OpKind) {
	key, members := c.args[1], c.args[2:]
	if len(members) > 1 {
		members = distinct(members)
	}
	var all outcome
	done := 0
	c.each(len(members), func(i int) {
		r, err := c.operate(node.Op{Kind: kind, Key: key, Value: members[i]})
		n := 0
		if r.Changed {
			n = 1
		}
		all.add(n, err)
		if err == nil {
			all.mu.Lock()
			done++
			all.mu.Unlock()
		}
	})
	if all.err != nil {
		c.failure(partly(all.err, done, len(members)))
		return
	}
	c.integer(all.sum)
}

// distinct returns each of them once.
func distinct(list [][]byte) [][]byte {
	list = slices.Clone(list)
	slices.SortFunc(list, bytes.Compare)
	return slices.CompactFunc(list, bytes.Equal)
}

func smembers(c *call) {
	r, err := c.largely(node.Op{Kind: node.Retrieve, Key: c.args[1]})
	if err != nil {
		c.failure(err)
		return
	}
	values := r.Values
	if size := sizeOf(values); size > maxAnswer {
		c.fail("ERR the values of this key have more than 64 MiB; read them with SSCAN")
	} else if c.hold(size) {
		c.set(len(values))
		c.bulks(values)
	}
}

func scard(c *call) {
	n, err := c.count(c.args[1])
	if err != nil {
		c.failure(err)
		return
	}
	c.unsigned(n)
}

// count returns how many values a key has.
func (c *call) count(key []byte) (uint64, error) {
	r, err := c.operate(node.Op{Kind: node.Count, Key: key})
	return r.Count, err
}

func sismember(c *call) {
	r, err := c.operate(node.Op{Kind: node.Has, Key: c.args[1], Value: c.args[2]})
	if err != nil {
		c.failure(err)
		return
	}
	c.unsigned(r.Count)
}

func smismember(c *call) {
	members := c.args[2:]
	found := make([]uint64, len(members))
	var all outcome
	c.each(len(members), func(i int) {
		r, err := c.operate(node.Op{Kind: node.Has, Key: c.args[1], Value: members[i]})
		found[i] = r.Count
		all.add(0, err)
	})
	if all.err != nil {
		c.failure(all.err)
		return
	}
	c.array(len(members))
	for _, n := range found {
		c.unsigned(n)
	}
}

// sscan goes through the values in the order of their hashes, so that one that
// stays is given, whatever comes and goes.
func sscan(c *call) {
	s, ok := c.scanOf(c.args[2:])
	if !ok {
		return
	}
	if s.kind != "" {
		c.syntax("TYPE is for SCAN alone")
		return
	}
	found, next, err := s.pages(func(from keyspace.ID, limit int) (page, error) {
		r, err := c.largely(node.Op{Kind: node.Page, Key: c.args[1], From: from, Limit: limit})
		return page{found: r.Values, read: len(r.Values), next: r.Next}, err
	})
	if err != nil {
		c.failure(err)
		return
	}
	if c.hold(sizeOf(found)) {
		c.page(next, found)
	}
}
