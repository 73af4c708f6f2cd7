package nemesis

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"chord/client"
	"chord/nemesis/history"
	"chord/node"
	"chord/wire"
)

// ringName is the ring's; no other is ever met.
const ringName = "nemesis"

// clients write and read through all nodes.
type clients struct {
	log       *history.Log
	timeout   time.Duration
	workloads []*workload
	// avoid says which hosts are down: they are asked less often, since an
	// operation through them takes until its deadline.
	avoid func(host int) bool

	mu sync.Mutex
	to []*client.Client // by host, from 0
}

// add connects to one more host.
func (c *clients) add(addr string) error {
	w, err := client.Open(context.Background(), []string{addr}, client.Options{Direct: true, Wire: wire.Options{Ring: ringName}})
	if err == nil {
		c.mu.Lock()
		c.to = append(c.to, w)
		c.mu.Unlock()
	}
	return err
}

func (c *clients) node(i int) *client.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.to[i-1]
}

func (c *clients) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.to)
}

func (c *clients) close() {
	for _, w := range c.to {
		w.Close()
	}
}

// work does one operation after the other until ctx is done, each begun at least
// pause after the one before.
func (c *clients) work(ctx context.Context, worker int, seed uint64, pause time.Duration) {
	r := rand.New(rand.NewPCG(seed, uint64(worker)))
	tick := time.NewTicker(max(pause, time.Nanosecond))
	defer tick.Stop()
	for ctx.Err() == nil {
		w := c.workloads[r.IntN(len(c.workloads))]
		if w.large() && r.IntN(8) > 0 { // they cost a thousand times the others
			w = c.workloads[0]
		}
		o, s := w.draw(r, c.log.Next())
		o.Worker, o.Node = worker, 1+r.IntN(c.count())
		for try := 0; try < 8 && c.avoid(o.Node) && r.IntN(32) > 0; try++ {
			o.Node = 1 + r.IntN(c.count())
		}
		o = c.do(context.WithoutCancel(ctx), o, w.large())
		w.ended(o, s)
		c.log.Add(o)
		if pause > 0 || o.Outcome != history.Done {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}
}

// do carries out an operation and fills in what came of it.
func (c *clients) do(ctx context.Context, o history.Op, large bool) history.Op {
	timeout := c.timeout
	if o.Final {
		timeout = finalRead
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return c.ask(ctx, c.node(o.Node), o, large)
}

func (c *clients) ask(ctx context.Context, to *client.Client, o history.Op, large bool) history.Op {
	key := []byte(o.Key)
	o.Call = c.log.Now()
	var values [][]byte
	var err error
	switch o.Kind {
	case history.Insert:
		err = to.Insert(ctx, key, value(o.Value, large))
	case history.Remove:
		err = to.Remove(ctx, key, value(o.Value, large))
	case history.Retrieve:
		values, err = to.Retrieve(ctx, key)
	case history.Put:
		err = to.Put(ctx, key, value(o.Value, large))
	case history.Get:
		var v []byte
		var ok bool
		if v, ok, err = to.Get(ctx, key); ok {
			values = [][]byte{v}
		}
	}
	o.Return = c.log.Now()
	o.Saw, o.Strange = numbers(values)
	o.Outcome = outcome(o.Kind, err)
	if err != nil {
		o.Error, o.Text = kindOf(err), err.Error()
	}
	return o
}

// outcome is what an error leaves open. Faults of the program itself say nothing
// of what it did before.
func outcome(k history.Kind, err error) history.Outcome {
	if err == nil {
		return history.Done
	}
	if !k.Writes() {
		return history.Refused
	}
	switch node.KindOf(err) {
	case node.Unavailable, node.Overloaded, node.ReadOnly, node.NotResponsible, node.Invalid, node.TooLarge, node.WrongRing:
		if e, ok := errors.AsType[*node.Error](err); ok && e != nil {
			return history.Refused
		}
	}
	return history.Unknown
}

func kindOf(err error) string { return node.KindOf(err).String() }
