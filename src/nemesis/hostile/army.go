package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// attack is one bout against a node. It ends by itself within a minute, or with
// its context.
type attack struct {
	about string
	bout  func(ctx context.Context, t target)
	// pause is the least time from the begin of one bout of an attacker to the next.
	pause time.Duration
}

// target is whom to attack, and with what luck.
type target struct {
	*process
	rand *rand.Rand
	tls  bool   // the nodes ask for it
	from net.IP // the attackers' address, where it is not that of the normal load
}

func attackNames() (names []string, about map[string]string) {
	about = make(map[string]string)
	for name, a := range attacks {
		about[name] = a.about
	}
	return slices.Sorted(maps.Keys(attacks)), about
}

// army is all attackers.
type army struct {
	end   context.CancelFunc
	all   sync.WaitGroup
	bouts map[string]*atomic.Int64
}

func startAttacks(ctx context.Context, r *ring, o options) *army {
	a := &army{bouts: make(map[string]*atomic.Int64)}
	ctx, a.end = context.WithCancel(ctx)
	for i, name := range o.attacks {
		count := new(atomic.Int64)
		a.bouts[name] = count
		for j := range o.strength {
			luck := rand.New(rand.NewPCG(o.seed, uint64(i)<<32|uint64(j)))
			from := net.IPv4(127, 0, byte(1+i), byte(1+j))
			a.all.Go(func() {
				for ctx.Err() == nil {
					start := time.Now()
					bout, cancel := context.WithTimeout(ctx, time.Minute)
					attacks[name].bout(bout, target{r.nodes[luck.IntN(len(r.nodes))], luck, o.tls, from})
					cancel()
					count.Add(1)
					select {
					case <-time.After(time.Until(start.Add(attacks[name].pause))):
					case <-ctx.Done():
					}
				}
			})
		}
	}
	return a
}

func (a *army) stop() {
	a.end()
	a.all.Wait()
}

func (a *army) tally() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(a.bouts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, a.bouts[name].Load()))
	}
	return strings.Join(parts, ", ")
}

// dial connects from the attacker's address, and lets go when ctx is over.
func (t target) dial(ctx context.Context, addr string) net.Conn {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: t.from}, Timeout: 5 * time.Second}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil
	}
	context.AfterFunc(ctx, func() { c.Close() })
	return c
}

// noise returns up to n bytes.
func (t target) noise(n int) []byte {
	b := make([]byte, 1+t.rand.IntN(n))
	for i := range b {
		b[i] = byte(t.rand.Uint32())
	}
	return b
}

// drain reads what comes for a while, slowly enough to cost nothing.
func drain(c net.Conn, d time.Duration) {
	c.SetReadDeadline(time.Now().Add(d))
	b := make([]byte, 4096)
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}
