package client

import (
	"context"
	"math/rand/v2"
	"time"

	"chord/node"
	"chord/ring"
	"chord/wire"
)

// learnPause is the time between two lists of members, whatever happens.
const learnPause = 500 * time.Millisecond

// keepLearning renews the list of members: seldom while all is well, soon after
// something failed, and not while nobody asks for anything.
func (c *Client) keepLearning() {
	for {
		old := time.NewTimer(c.o.Refresh/2 + rand.N(c.o.Refresh/2))
		select {
		case <-old.C:
		case <-c.wake:
		case <-c.ctx.Done():
			return
		}
		old.Stop()
		if c.used.CompareAndSwap(true, false) {
			_ = c.learn(c.ctx) // else the next time; what is known will do
		}
		if !wait(c.ctx, learnPause) {
			return
		}
	}
}

// learn asks a node who the members are: one after the other, a member first,
// so that those who were given are not asked by all clients of a ring for ever.
func (c *Client) learn(ctx context.Context) error {
	var r route
	if t := c.table.Load(); t != nil && len(t.list) > 0 {
		r.add(t.list[rand.IntN(len(t.list))])
	}
	s, err := ask(ctx, c, reading, r, (*wire.Client).Status)
	if err != nil || s.View.Phase == ring.Outside || len(s.Members) == 0 {
		return err
	}
	c.table.Store(c.tableOf(s))
	return nil
}

// tableOf keeps the targets that stay, and forgets those that went.
func (c *Client) tableOf(s node.Status) *table {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := make(map[string]*target)
	t := newTable(s, c.seed, c.o.Connections, func(addr string) *target {
		for _, g := range c.given {
			if g.Addr() == addr {
				return g
			}
		}
		to := c.others[addr]
		if to == nil {
			at, err := c.dialer.Client(addr)
			if err != nil {
				return nil
			}
			to = &target{Client: at}
		}
		kept[addr] = to
		return to
	})
	c.others = kept
	return t
}

// learnSoon has the members learned again.
func (c *Client) learnSoon() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
