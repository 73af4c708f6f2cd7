package node_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

var (
	millionKeys = flag.Int("million.keys", 1_000_000, "how many keys BenchmarkMillion stores")
	millionSize = flag.Int("million.size", 100, "how many bytes a value of BenchmarkMillion has")
)

// BenchmarkMillion measures in real time, without syncs, what many keys cost: to
// open their database, to fill a second node, to compare what is the same, and to
// mend a copy that lacks one in a hundred. It is run once (-benchtime 1x), and takes
// minutes.
func BenchmarkMillion(b *testing.B) {
	m := million{b: b, net: &nodetest.Network{}}
	m.net.Watch(func(c nodetest.Call) error { m.calls.Add(1); return nil })
	first := m.start("n0", b.TempDir())
	<-first.Ready()
	m.phase("insert", func() { m.insert(first, 0, *millionKeys) })
	m.size("database", first)
	dir := first.Options.Dir
	m.phase("close", func() { first.Crash() })
	m.phase("open", func() {
		first = m.start("n0", dir)
		<-first.Ready()
	})
	var second *nodetest.Node
	m.phase("fill", func() {
		second = m.start("n1", b.TempDir())
		<-second.Ready()
	})
	m.fetched("fill", second)
	second = m.again(second)
	m.phase("compare", func() { m.compared(second) })
	m.fetched("compare", second)
	m.insert(first, *millionKeys, *millionKeys+*millionKeys/100)
	second = m.again(second)
	m.phase("mend", func() { m.compared(second) })
	m.fetched("mend", second)
	if got, want := second.Store.Stats().Keys, uint64(*millionKeys+*millionKeys/100); got != want {
		b.Errorf("%d keys, want %d", got, want)
	}
	second.Crash()
	first.Crash()
	b.Log("\n" + m.notes.String()) // a benchmark's log has ten lines at most
}

type million struct {
	b     *testing.B
	net   *nodetest.Network
	calls atomic.Int64
	lists atomic.Int64 // bytes of digests of buckets and of keys
	last  node.Repair
	notes strings.Builder
}

func (m *million) note(format string, a ...any) { fmt.Fprintf(&m.notes, format+"\n", a...) }

func (m *million) start(name, dir string) *nodetest.Node {
	o := nodetest.Options{Dir: dir, Ring: "test", Name: name, Addr: nodetest.Addr(name), Adjust: func(c *node.Config) {
		c.Seed, c.RepairRate, c.Dialer = 1, 1<<34, weighing{c.Dialer, &m.lists}
	}}
	if name != "n0" {
		o.Bootstrap = []string{nodetest.Addr("n0")}
	}
	n, err := nodetest.NewNode(m.b.Context(), m.net, o)
	if err != nil {
		m.b.Fatal(err)
	}
	return n
}

// weighing counts the bytes of what nodes compare before they fetch.
type weighing struct {
	node.Dialer
	bytes *atomic.Int64
}

func (d weighing) Dial(addr string) node.Peer { return weighed{d.Dialer.Dial(addr), d.bytes} }

type weighed struct {
	node.Peer
	bytes *atomic.Int64
}

func (p weighed) Compare(ctx context.Context, c node.Compare) (node.CompareReply, error) {
	r, err := p.Peer.Compare(ctx, c)
	p.bytes.Add(int64(len(r.Buckets) * bucketBytes))
	return r, err
}

func (p weighed) Fetch(ctx context.Context, f node.Fetch) iter.Seq2[node.Fetched, error] {
	for _, part := range f.Parts {
		p.bytes.Add(int64(len(part.Have)*len(node.Print{}) + len(store.Digest{})))
	}
	return p.Peer.Fetch(ctx, f)
}

// bucketBytes is what a bucket takes in the answer to a comparison at most: its
// number, the print, and the epoch of a bucket that was never purged.
const bucketBytes = 3 + len(node.Print{}) + 1

// insert puts keys into a node's store alone.
func (m *million) insert(n *nodetest.Node, from, to int) {
	random := rand.New(rand.NewPCG(1, uint64(from)))
	for i := from; i < to; i += 1000 {
		storeAll := func(tx *store.Tx) error {
			for j := i; j < min(i+1000, to); j++ {
				v := make([]byte, *millionSize)
				for k := range v {
					v[k] = byte(random.Uint32())
				}
				if _, err := tx.Insert(key(j), v); err != nil {
					return err
				}
			}
			return nil
		}
		if err := n.Store.Update(m.b.Context(), store.Change{Do: storeAll}); err != nil {
			m.b.Fatal(err)
		}
	}
}

// again starts a node again, which then compares all its copies with the other's.
func (m *million) again(n *nodetest.Node) *nodetest.Node {
	n.Crash()
	m.last = node.Repair{}
	return m.start("n1", n.Options.Dir)
}

// compared waits until it has.
func (m *million) compared(n *nodetest.Node) {
	for n.Status().Repair.Round.IsZero() {
		time.Sleep(10 * time.Millisecond)
	}
}

// phase reports how long something takes, of time and of the processor, and the
// most memory that the process, both nodes in it, had of its own meanwhile.
func (m *million) phase(what string, do func()) {
	most, calls, done := anonymous(), m.calls.Load(), make(chan struct{})
	var watched = make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-time.After(20 * time.Millisecond):
				most = max(most, anonymous())
			case <-done:
				return
			}
		}
	}()
	began, used := time.Now(), processor()
	do()
	took := time.Since(began)
	used = processor() - used
	close(done)
	<-watched
	m.note("%s: %.2f s, %.2f s of processors, %d MiB at most, %d calls", what, took.Seconds(), used.Seconds(), most>>20, m.calls.Load()-calls)
}

func (m *million) size(what string, n *nodetest.Node) {
	s := n.Store.Stats()
	m.note("%s: %d keys, %d MiB of values, a file of %d MiB", what, s.Keys, s.Bytes>>20, s.FileBytes>>20)
}

func (m *million) fetched(what string, n *nodetest.Node) {
	r := n.Status().Repair
	m.note("%s: %d keys fetched, %.1f MiB; %d buckets compared, %.1f MiB of digests", what,
		r.Keys-m.last.Keys, float64(r.Bytes-m.last.Bytes)/(1<<20), r.Compared-m.last.Compared, float64(m.lists.Swap(0))/(1<<20))
	m.last = r
}

// anonymous returns how much memory the process has that is not of files.
func anonymous() (size int64) {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("RssAnon:")); ok {
			kib, _ := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(" kB"))), 10, 64)
			return kib << 10
		}
	}
	return 0
}

func processor() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
