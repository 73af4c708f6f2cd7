package floor

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"chord/nemesis/history"
	"chord/node"
)

// remove of everything; history knows nothing of it, so its keys are judged here
// alone.
const deletes history.Kind = "delete"

// retrieves of one copy, which history takes for no promise.
const one history.Kind = "retrieve one"

// keys of the workloads: sets whose values are inserted once, registers, and
// mixed ones on which every operation is tried, values coming again.
var keys = []string{"set 0", "set 1", "set 2", "set 3", "hot", "hot", "hot", "reg 0", "reg 1", "reg 2", "mix 0", "mix 1"}

// content is what a value of that number looks like. Some are large.
func content(v history.ID) []byte {
	size := 0
	if v%97 == 13 {
		size = 64<<10 + int(v%4)*64<<10
	}
	return append(fmt.Appendf(nil, "%d:", v), bytes.Repeat([]byte{byte(v)}, size)...)
}

// decode returns the number of a value, and false where it is none.
func decode(b []byte) (history.ID, bool) {
	text, _, _ := strings.Cut(string(b[:min(len(b), 24)]), ":")
	n, err := strconv.ParseUint(text, 10, 64)
	return history.ID(n), err == nil && bytes.Equal(b, content(history.ID(n)))
}

// client asks one random node after the other, until it is told to stop.
type client struct {
	w    *world
	id   int
	rng  *rand.Rand
	mine map[string][]history.ID // what it wrote, by key
}

func (c *client) run(stop <-chan struct{}) {
	for n := 0; ; n++ {
		pause := time.Duration(c.rng.ExpFloat64() * float64(200*time.Millisecond))
		if n > c.w.plan.ops {
			pause *= 40
		}
		select {
		case <-time.After(pause):
			c.one()
		case <-stop:
			return
		}
	}
}

func (c *client) one() {
	key := keys[c.rng.IntN(len(keys))]
	o := history.Op{Worker: c.id, Key: key, ID: c.w.log.Next()}
	o.Value = o.ID
	old := func() history.ID {
		if m := c.mine[key]; len(m) > 0 {
			return m[len(m)-1-c.rng.IntN(min(len(m), 4))]
		}
		return o.ID
	}
	what := c.rng.IntN(10)
	switch register := strings.HasPrefix(key, "reg"); {
	case register && what < 5:
		o.Kind = history.Put
	case register:
		o.Kind = history.Get
	case strings.HasPrefix(key, "mix") && what == 0:
		o.Kind = deletes
	case strings.HasPrefix(key, "mix") && what == 1:
		o.Kind = history.Put
	case strings.HasPrefix(key, "mix") && what == 2:
		o.Kind, o.Value = history.Insert, old()
	case what < 5:
		o.Kind = history.Insert
	case what < 7:
		o.Kind, o.Value = history.Remove, old()
	case what == 9 && c.w.plan.ones:
		o.Kind = one
	default:
		o.Kind = history.Retrieve
	}
	if o.Kind == history.Insert || o.Kind == history.Put {
		c.mine[key] = append(c.mine[key], o.Value)
	}
	var request node.RequestID
	for i := range request {
		request[i] = byte(c.rng.Uint32())
	}
	c.carryOut(&o, request)
	c.w.log.Add(o)
}

var opKinds = map[history.Kind]node.OpKind{
	history.Insert: node.Insert, history.Remove: node.Remove, history.Retrieve: node.Retrieve,
	history.Put: node.Put, history.Get: node.Get, deletes: node.Delete,
	one: node.Retrieve,
}

// carryOut asks nodes until one answers or the client has had enough. A write
// that one try left open is not tried again, as in package wire.
func (c *client) carryOut(o *history.Op, request node.RequestID) {
	o.Call, o.Outcome = c.w.now(), history.Refused
	defer func() { o.Return = c.w.now() }()
	op := node.Op{Kind: opKinds[o.Kind], Key: []byte(o.Key), Request: request, One: o.Kind == one}
	if o.Kind.Writes() && o.Kind != deletes {
		op.Value = content(o.Value)
	}
	for range 1 + c.rng.IntN(3) {
		o.Node = c.rng.IntN(1 << 16)
		ctx, cancel := context.WithTimeout(c.w.t.Context(), time.Duration(1+c.rng.IntN(5))*time.Second)
		r, err := c.w.operate(ctx, &o.Node, op)
		cancel()
		if err == nil {
			o.Outcome = history.Done
			see(o, r.Values)
			return
		}
		o.Error, o.Text = node.KindOf(err).String(), err.Error()
		if !certain(err) {
			o.Outcome = history.Unknown
			if o.Kind.Writes() || o.Kind == deletes {
				return
			}
		}
	}
}

// certain reports whether an error says that nothing was changed.
func certain(err error) bool {
	k := node.KindOf(err)
	return k != node.Unknown && k != node.Internal
}

// see notes what a read returned.
func see(o *history.Op, values [][]byte) {
	for _, b := range values {
		if v, ok := decode(b); ok {
			o.Saw = append(o.Saw, v)
		} else {
			o.Strange = append(o.Strange, string(b[:min(len(b), 40)]))
		}
	}
}
