package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"chord/client"
	"chord/node"
)

// clients insert and retrieve in a loop while a script changes the ring under
// them, and know what was acknowledged.
type clients struct {
	stop    context.CancelFunc
	done    sync.WaitGroup
	rounds  atomic.Int64 // of an insert and a retrieve that both succeeded
	mu      sync.Mutex
	acked   map[string]bool // keys; the value is the key
	removed map[string]bool
	wrong   error // the first answer that contradicts what was acknowledged
	last    error // the last call that failed: allowed, but worth telling
}

// clientsKey finds the clients of a script among its values.
type clientsKey struct{}

// scriptClients: clients start ADDRESS... begins to insert, remove and retrieve
// through these nodes; clients rounds N waits until N more rounds went well;
// clients stop ends them, and fails where an answer was wrong; clients check
// ADDRESS... finds everything that was acknowledged through each of the nodes.
func scriptClients(ts *testscript.TestScript, neg bool, args []string) {
	c := ts.Value(clientsKey{}).(*clients)
	switch {
	case neg || len(args) == 0:
		ts.Fatalf("usage: clients start|rounds|stop|check ...")
	case args[0] == "start":
		c.start(ts, args[1:])
	case args[0] == "rounds":
		n, err := strconv.Atoi(strings.Join(args[1:], ""))
		ts.Check(err)
		ts.Check(c.await(int64(n)))
	case args[0] == "stop":
		c.stop()
		c.done.Wait()
		ts.Check(c.wrong)
	case args[0] == "check":
		for _, addr := range args[1:] {
			ts.Check(c.check(addr))
		}
	default:
		ts.Fatalf("unknown: clients %s", args[0])
	}
}

func (c *clients) start(ts *testscript.TestScript, addrs []string) {
	ctx, cancel := context.WithCancel(context.Background())
	ts.Defer(func() { cancel(); c.done.Wait() })
	c.stop = cancel
	if c.acked == nil {
		c.acked, c.removed = map[string]bool{}, map[string]bool{}
	}
	for i := range addrs {
		begin := time.Now().UnixNano()
		c.done.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				key := fmt.Sprintf("key %d %d %d", begin, i, n)
				c.round(ctx, addrs[n%len(addrs)], addrs[(n+i)%len(addrs)], key, n%4 == 3)
			}
		})
	}
}

// round writes through one node and reads through another. What fails says
// nothing; what succeeds must be right.
func (c *clients) round(ctx context.Context, to, from, key string, remove bool) {
	err := through(ctx, to, func(ctx context.Context, w *client.Client) error {
		if err := w.Insert(ctx, []byte(key), []byte(key)); err != nil || !remove {
			return err
		}
		return w.Remove(ctx, []byte(key), []byte(key))
	})
	if err == nil {
		c.mu.Lock()
		c.acked[key], c.removed[key] = !remove, remove
		c.mu.Unlock()
		err = through(ctx, from, func(ctx context.Context, w *client.Client) error { return c.compare(ctx, w, key) })
	}
	if err == nil {
		c.rounds.Add(1)
	} else if ctx.Err() == nil {
		c.mu.Lock()
		c.last = err
		c.mu.Unlock()
	}
}

func through(ctx context.Context, addr string, do func(context.Context, *client.Client) error) error {
	w, err := client.Open(context.Background(), []string{addr}, client.Options{Direct: true})
	if err != nil {
		return err
	}
	defer w.Close()
	ctx, cancel := context.WithTimeout(ctx, node.DefaultTimeout)
	defer cancel()
	return do(ctx, w)
}

// compare retrieves a key; an answer that is not what was acknowledged is kept
// as wrong.
func (c *clients) compare(ctx context.Context, w *client.Client, key string) error {
	values, err := w.Retrieve(ctx, []byte(key))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	there := len(values) == 1 && bytes.Equal(values[0], []byte(key))
	if c.wrong == nil && (c.acked[key] != there || len(values) > 1) {
		c.wrong = fmt.Errorf("%q: inserted %t, removed %t, yet it has the values %q", key, c.acked[key], c.removed[key], values)
	}
	return c.wrong
}

// await waits until so many more rounds went well.
func (c *clients) await(more int64) error {
	goal := c.rounds.Load() + more
	for deadline := time.Now().Add(patience); c.rounds.Load() < goal; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return fmt.Errorf("the clients got no further for %s: %w", patience, c.last)
		}
	}
	return nil
}

// check retrieves all keys.
func (c *clients) check(addr string) error {
	w, err := client.Open(context.Background(), []string{addr}, client.Options{Direct: true})
	if err != nil {
		return err
	}
	defer w.Close()
	if len(c.acked) == 0 {
		return fmt.Errorf("nothing was acknowledged: %w", c.last)
	}
	for key := range c.acked {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		err := c.compare(ctx, w, key)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", addr, err)
		}
	}
	return nil
}
