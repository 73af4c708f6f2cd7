package gateway

import (
	"strings"
	"sync"

	"chord/node"
	"chord/trust"
)

// A string is a key with one value: SET puts, GET gets. Where puts at the same
// moment left several, GET returns the latest, as every member sees it.
func stringCommands() []*command {
	return []*command{
		{name: "get", arity: 2, role: trust.Read, access: reads, first: 1, last: 1, step: 1, group: "string", summary: "Returns the value of a key, of several the latest.", do: get},
		{name: "set", arity: -3, role: trust.Write, access: writes, first: 1, last: 1, step: 1, group: "string", summary: "Makes a value the only one of a key.", do: set},
		{name: "mget", arity: -2, role: trust.Read, access: reads, large: true, first: 1, last: -1, step: 1, group: "string", summary: "Returns the values of keys, each as GET does.", do: mget},
		{name: "mset", arity: -3, role: trust.Write, access: writes, first: 1, last: -1, step: 2, group: "string", summary: "Sets keys to values, each on its own.", do: mset},
		{name: "strlen", arity: 2, role: trust.Read, access: reads, first: 1, last: 1, step: 1, group: "string", summary: "Returns the length of the value that GET returns.", do: strlen},
	}
}

func (c *call) get(key []byte) (value []byte, found bool, err error) {
	r, err := c.operate(node.Op{Kind: node.Get, Key: key})
	if err != nil || len(r.Values) == 0 {
		return nil, false, err
	}
	return r.Values[0], true, nil
}

// got is get with hits and misses counted.
func (c *call) got(key []byte) (value []byte, found bool, err error) {
	value, found, err = c.get(key)
	if found {
		c.conn.server.stats.hits.Add(1)
	} else if err == nil {
		c.conn.server.stats.misses.Add(1)
	}
	return value, found, err
}

func get(c *call) {
	value, found, err := c.got(c.args[1])
	switch {
	case err != nil:
		c.failure(err)
	case !found:
		c.null()
	case c.hold(len(value)):
		c.bulk(value)
	}
}

// refusals of SET's options: what a ring cannot keep.
var refusals = map[string]string{
	"NX":  "a ring has no order of all writes, so nobody can be told that he was first; insert a value of your own with SADD and look at SMEMBERS",
	"XX":  "a ring has no order of all writes, so whether the key is there cannot be tied to the write",
	"GET": "the old value cannot be read in one step with the write; send GET before it",
	"EX":  expiry, "PX": expiry, "EXAT": expiry, "PXAT": expiry,
}

const expiry = "keys of a ring do not expire; delete them with DEL"

func set(c *call) {
	for _, option := range c.args[3:] {
		name := strings.ToUpper(string(option[:min(len(option), maxName)]))
		if name == "KEEPTTL" { // there is none to be lost
			continue
		}
		if why := refusals[name]; why != "" {
			c.syntax("%s is not supported: %s", name, why)
		} else {
			c.syntax("syntax error at %.64q", option)
		}
		return
	}
	if _, err := c.operate(node.Op{Kind: node.Put, Key: c.args[1], Value: c.args[2]}); err != nil {
		c.failure(err)
		return
	}
	c.ok()
}

func strlen(c *call) {
	value, _, err := c.get(c.args[1])
	if err != nil {
		c.failure(err)
		return
	}
	c.integer(len(value))
}

// maxAnswer is how many bytes the values of one answer may have.
const maxAnswer = 64 << 20

func mget(c *call) {
	keys := c.args[1:]
	type found struct {
		value []byte
		ok    bool
	}
	values := make([]found, len(keys))
	var all outcome
	c.each(len(keys), func(i int) {
		if all.over(maxAnswer) {
			return
		}
		var err error
		values[i].value, values[i].ok, err = c.got(keys[i])
		all.add(len(values[i].value), err)
	})
	switch {
	case all.err != nil:
		c.failure(all.err)
		return
	case all.over(maxAnswer):
		c.fail("ERR the values of these keys have more than 64 MiB; ask for fewer")
		return
	case !c.hold(all.sum + len(keys)*overhead):
		return
	}
	c.array(len(keys))
	for _, v := range values {
		if v.ok {
			c.bulk(v.value)
		} else {
			c.null()
		}
	}
}

// mset sets every key once, to its last value.
func mset(c *call) {
	if len(c.args)%2 == 0 {
		c.arguments()
		return
	}
	last := make(map[string]int, len(c.args)/2)
	for i := 1; i < len(c.args); i += 2 {
		last[string(c.args[i])] = i
	}
	var all outcome
	c.each(len(c.args)/2, func(n int) {
		i := 2*n + 1
		if last[string(c.args[i])] != i {
			return
		}
		_, err := c.operate(node.Op{Kind: node.Put, Key: c.args[i], Value: c.args[i+1]})
		all.add(1, err)
	})
	if all.err != nil {
		c.failure(partly(all.err, all.sum, len(last)))
		return
	}
	c.ok()
}

// outcome is what came of operations beside each other.
type outcome struct {
	mu  sync.Mutex
	sum int
	err error
}

// add counts n where there was no error, and keeps the worst error: that of an
// outcome nobody knows.
func (o *outcome) add(n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.sum += n
	case o.err == nil || node.KindOf(err) == node.Unknown:
		o.err = err
	}
}

// over reports whether the sum is larger than a limit.
func (o *outcome) over(limit int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sum > limit
}
