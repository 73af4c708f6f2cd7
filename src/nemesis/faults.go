package nemesis

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// fault is something that can happen to hosts.
type fault struct {
	about string
	nodes int // how many it takes at least
	// shortest and longest are how long it lasts.
	shortest, longest time.Duration
	several, all      bool // it happens to up to half of the hosts, or to all; else to one
	// partitions: hosts cannot reach each other meanwhile. changes: groups change or
	// copies are lost, until the ring has settled again.
	partitions, changes bool
	// alone: nothing else happens meanwhile, and the ring has settled before.
	alone bool
	// begin makes it happen and returns what ends it.
	begin func(ctx context.Context, r *ring, s Step) (end func() error, err error)
}

var faults = map[string]fault{
	"kill":      {about: "kill -9, and a start", nodes: 1, longest: 3 * time.Second, several: true, begin: kill},
	"killall":   {about: "kill -9 of all nodes at once", nodes: 1, longest: time.Second, all: true, begin: kill},
	"stop":      {about: "SIGTERM, and a start", nodes: 1, longest: 3 * time.Second, begin: stop},
	"pause":     {about: "SIGSTOP for up to 6 s", nodes: 1, shortest: 100 * time.Millisecond, longest: 6 * time.Second, several: true, begin: pause},
	"longpause": {about: "SIGSTOP for half a minute", nodes: 1, shortest: 30 * time.Second, longest: 40 * time.Second, begin: pause},
	"partition": {about: "two sides that do not reach each other", nodes: 2, shortest: 2 * time.Second, longest: 15 * time.Second, several: true, partitions: true, begin: partition},
	"oneway":    {about: "nothing that some hosts send arrives", nodes: 2, shortest: 2 * time.Second, longest: 15 * time.Second, several: true, partitions: true, begin: oneWay},
	"bridge":    {about: "two halves that meet in one host", nodes: 3, shortest: 2 * time.Second, longest: 15 * time.Second, partitions: true, begin: bridge},
	"powercut":  {about: "what was not synced is gone", nodes: 1, longest: 3 * time.Second, several: true, begin: powerCut},
	"blackout":  {about: "power cut of all hosts at once", nodes: 1, longest: time.Second, all: true, begin: powerCut},
	"full":      {about: "no room on the disk", nodes: 1, shortest: 2 * time.Second, longest: 8 * time.Second, several: true, begin: fullDisk},
	"slow":      {about: "a disk that does 20 writes a second", nodes: 1, shortest: 2 * time.Second, longest: 8 * time.Second, begin: slowDisk},
	"lostdisk":  {about: "a node starts with an empty disk", nodes: 3, longest: 2 * time.Second, changes: true, alone: true, begin: lostDisk},
	"restore":   {about: "a node starts from a backup that is some seconds old", nodes: 3, shortest: 3 * time.Second, longest: 10 * time.Second, changes: true, alone: true, begin: restore},
	"join":      {about: "a new node comes, and goes when there are two too many", nodes: 3, longest: 2 * time.Second, changes: true, alone: true, begin: join},
	"leave":     {about: "a node hands over, goes, and comes back as a new one", nodes: 4, longest: 3 * time.Second, changes: true, alone: true, begin: leave},
	"replace":   {about: "up to half of the nodes go while as many new ones come, and back", nodes: 4, longest: 3 * time.Second, several: true, changes: true, alone: true, begin: replace},
}

// Faults returns the names of the faults, and what they are.
func Faults() (names []string, about map[string]string) {
	about = make(map[string]string)
	for name, f := range faults {
		about[name] = f.about
	}
	return slices.Sorted(maps.Keys(faults)), about
}

// each does something with every victim at once and returns the first error.
func each(r *ring, s Step, do func(h *host) error) error {
	errs := make(chan error)
	for _, v := range s.Victims {
		go func() { errs <- do(r.host(v)) }()
	}
	var all []error
	for range s.Victims {
		all = append(all, <-errs)
	}
	return firstError(all...)
}

func startAgain(ctx context.Context, r *ring, s Step) func() error {
	return func() error { return each(r, s, func(h *host) error { return r.restart(ctx, h) }) }
}

func kill(ctx context.Context, r *ring, s Step) (func() error, error) {
	return startAgain(ctx, r, s), each(r, s, func(h *host) error { h.kill(); return nil })
}

func stop(ctx context.Context, r *ring, s Step) (func() error, error) {
	return startAgain(ctx, r, s), each(r, s, func(h *host) error { h.stop(); return nil })
}

func pause(ctx context.Context, r *ring, s Step) (func() error, error) {
	send := func(sig syscall.Signal) func(h *host) error {
		return func(h *host) error { h.signal(sig); return nil }
	}
	return func() error { return each(r, s, send(syscall.SIGCONT)) }, each(r, s, send(syscall.SIGSTOP))
}

func partition(ctx context.Context, r *ring, s Step) (func() error, error) {
	return r.net.heal, r.net.set(func(from, to int) bool {
		return slices.Contains(s.Victims, from) != slices.Contains(s.Victims, to)
	})
}

func oneWay(ctx context.Context, r *ring, s Step) (func() error, error) {
	return r.net.heal, r.net.set(func(from, to int) bool {
		return slices.Contains(s.Victims, from) && !slices.Contains(s.Victims, to)
	})
}

// bridge makes the victim the only one whom all others reach.
func bridge(ctx context.Context, r *ring, s Step) (func() error, error) {
	half := s.Others[:len(s.Others)/2]
	return r.net.heal, r.net.set(func(from, to int) bool {
		return !slices.Contains(s.Victims, from) && !slices.Contains(s.Victims, to) && slices.Contains(half, from) != slices.Contains(half, to)
	})
}

func powerCut(ctx context.Context, r *ring, s Step) (func() error, error) {
	return startAgain(ctx, r, s), each(r, s, (*host).cutPower)
}

func fullDisk(ctx context.Context, r *ring, s Step) (func() error, error) {
	return func() error { return each(r, s, func(h *host) error { return h.free() }) },
		each(r, s, func(h *host) error { return h.fill() })
}

func slowDisk(ctx context.Context, r *ring, s Step) (func() error, error) {
	h := r.host(s.Victims[0])
	device, err := h.device()
	if err != nil {
		return nil, err
	}
	return func() error { return fast(r.dir, device, h.pid()) }, slow(r.dir, device, h.pid())
}

func lostDisk(ctx context.Context, r *ring, s Step) (func() error, error) {
	return startAgain(ctx, r, s), each(r, s, func(h *host) error {
		h.kill()
		return h.wipe()
	})
}

// restore takes a backup at once, and puts it in place of the database at the
// end.
func restore(ctx context.Context, r *ring, s Step) (func() error, error) {
	h := r.host(s.Victims[0])
	file := filepath.Join(r.dir, h.name()+".backup")
	return func() error {
		h.stop()
		err := command(r.o.Chord, "restore", file, "--data", h.data(), "--force")
		return firstError(r.restart(ctx, h), err, h.tidy())
	}, command(r.o.Chord, "backup", file, "--force", "--node", h.addr())
}

// most is how many nodes too many a ring gets.
const most = 2

func join(ctx context.Context, r *ring, s Step) (func() error, error) {
	none := func() error { return nil }
	for _, h := range r.all()[r.o.Nodes:] {
		if h.running() && len(r.all()) >= r.o.Nodes+most {
			return none, r.leave(ctx, h)
		}
	}
	h, err := r.spare(nil)
	if err != nil {
		return nil, err
	}
	return none, r.restart(ctx, h)
}

func leave(ctx context.Context, r *ring, s Step) (func() error, error) {
	h := r.host(s.Victims[0])
	return func() error { return r.restart(ctx, h) }, r.leave(ctx, h)
}

// replace has the victims go while new nodes come, and at the end the other way round.
func replace(ctx context.Context, r *ring, s Step) (func() error, error) {
	var fresh Step
	for range s.Victims {
		h, err := r.spare(fresh.Victims)
		if err != nil {
			return nil, err
		}
		fresh.Victims = append(fresh.Victims, h.number)
	}
	swap := func(joiners, leavers Step) error {
		came := make(chan error)
		go func() { came <- startAgain(ctx, r, joiners)() }()
		return firstError(each(r, leavers, func(h *host) error { return r.leave(ctx, h) }), <-came)
	}
	return func() error { return swap(s, fresh) }, swap(fresh, s)
}

// spare returns a host beyond the first of which no node runs, but none of those that are taken.
func (r *ring) spare(taken []int) (*host, error) {
	for _, h := range r.all()[r.o.Nodes:] {
		if !h.running() && !slices.Contains(taken, h.number) {
			return h, nil
		}
	}
	return r.addHost()
}

// leave makes a node hand over and go, and its host have an empty disk.
func (r *ring) leave(ctx context.Context, h *host) error {
	ended := h.expectEnd()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	const words = "left the ring; everything is handed over"
	before := h.logged(words)
	err := r.clients.node(h.number).First().Leave(ctx)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		h.stop() // it went, or did not: what comes back is new in both cases only if it did
	}
	if err != nil && h.logged(words) == before { // else only the answer was lost
		return firstError(r.restart(ctx, h), err)
	}
	return h.wipe()
}
