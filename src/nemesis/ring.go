package nemesis

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"chord/nemesis/history"
)

// ring is the hosts and who uses them.
type ring struct {
	o       Options
	dir     string
	net     *network
	clients *clients

	mu    sync.Mutex
	hosts []*host
	ended []string // of processes that ended by themselves
}

func newRing(ctx context.Context, dir string, o Options, log *history.Log) (*ring, error) {
	n, err := newNetwork()
	if err != nil {
		return nil, err
	}
	r := &ring{o: o, dir: dir, net: n, clients: &clients{log: log, timeout: o.OpTimeout}}
	for range o.Nodes {
		h, err := r.addHost()
		if err == nil {
			err = h.start(r.bootstrap(h))
		}
		if err == nil {
			err = r.ready(ctx, h, time.Minute)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// addHost makes a host with an empty disk, of which no node runs.
func (r *ring) addHost() (*host, error) {
	i, err := r.net.addHost()
	if err != nil {
		return nil, err
	}
	h := &host{number: i, chord: r.o.Chord, log: filepath.Join(r.dir, fmt.Sprintf("node%d.log", i)), onEnded: r.revive}
	if r.o.NoSync {
		h.extra = append(h.extra, "--no-sync")
	}
	h.extra = append(h.extra, r.o.Flags...)
	if h.disk, err = newDisk(r.dir, h.name(), r.o.DiskSize); err != nil {
		return nil, err
	}
	if r.o.Sockets {
		if err := h.listen(); err != nil {
			return nil, err
		}
	}
	if err := r.clients.add(h.addr()); err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.hosts = append(r.hosts, h)
	r.mu.Unlock()
	return h, nil
}

func (r *ring) all() []*host {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hosts[:len(r.hosts):len(r.hosts)]
}

func (r *ring) host(i int) *host { return r.all()[i-1] }

// bootstrap returns the addresses of all others.
func (r *ring) bootstrap(h *host) (addrs []string) {
	for _, other := range r.all() {
		if other != h {
			addrs = append(addrs, other.addr())
		}
	}
	return addrs
}

// revive is what a service manager does with a node that ended by itself.
func (r *ring) revive(h *host, state string) {
	r.mu.Lock()
	r.ended = append(r.ended, fmt.Sprintf("%s: %s: %s", h.name(), state, h.lastWords()))
	r.mu.Unlock()
	time.Sleep(time.Second)
	h.startWanted(r.bootstrap(h))
}

// ready waits until a node answers and says that it serves.
func (r *ring) ready(ctx context.Context, h *host, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nemesis: %s is not ready after %v: %s", h.name(), patience, h.lastWords()))
	defer cancel()
	for {
		one, end := context.WithTimeout(ctx, time.Second)
		s, err := r.clients.node(h.number).Status(one)
		end()
		if err == nil && !s.Ready.IsZero() {
			return nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return context.Cause(ctx)
		}
	}
}

// restart starts a node that was ended and waits until it serves.
func (r *ring) restart(ctx context.Context, h *host) error {
	if err := h.start(r.bootstrap(h)); err != nil {
		return err
	}
	return r.ready(ctx, h, joinPatience)
}

// joinPatience is how long a start may take. One that joins fetches all that it
// will hold, on a machine that does much else.
const joinPatience = 3 * time.Minute

// everythingUp heals all: no cut, no pause, no full disk, every node runs.
func (r *ring) everythingUp(ctx context.Context) error {
	err := r.net.heal()
	for _, h := range r.all() {
		h.signal(syscall.SIGCONT)
		err = firstError(err, h.free())
		if !h.running() {
			err = firstError(err, h.start(r.bootstrap(h)))
		}
	}
	for _, h := range r.all() {
		err = firstError(err, r.ready(ctx, h, joinPatience))
	}
	return err
}

// end ends all processes. The kernel would do it as well.
func (r *ring) end() {
	if r == nil {
		return
	}
	for _, h := range r.all() {
		h.signal(syscall.SIGCONT)
		h.kill()
	}
	r.clients.close()
}

// sleep waits for a while, or until ctx is done; where it is done already, for no
// while at all.
func sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
