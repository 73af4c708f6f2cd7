package client_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chord/app"
	"chord/client"
	"chord/wire"
)

// What an operation costs in a ring of five, all of it in this process: through
// one node, and straight to who holds the key.
func BenchmarkOperations(b *testing.B) {
	addrs := startRing(b, 5)
	for _, way := range []string{"through one", "straight"} {
		ring, err := client.Open(b.Context(), addrs[:1], client.Options{Direct: way == "through one", Wire: wire.Options{Timeout: time.Minute}})
		if err != nil {
			b.Fatal(err)
		}
		value := make([]byte, 100)
		b.Run("insert "+way, func(b *testing.B) {
			measure(b, func(i int64) error {
				return ring.Insert(b.Context(), fmt.Append(nil, way, i), value)
			})
		})
		b.Run("retrieve "+way, func(b *testing.B) {
			measure(b, func(i int64) error {
				_, err := ring.Retrieve(b.Context(), fmt.Append(nil, way, i%1000))
				return err
			})
		})
		ring.Close()
	}
}

func startRing(b *testing.B, n int) (addrs []string) {
	for i := range n {
		o := app.Defaults()
		o.Listen, o.Data, o.NoSync, o.Bootstrap = "127.0.0.1:0", filepath.Join(b.TempDir(), "data"), true, addrs[:min(1, i)]
		o.Period = 300 * time.Millisecond
		a := app.New(o, app.Deps{})
		if err := a.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { a.Stop() })
		select {
		case <-a.Ready():
		case <-a.Failed():
			b.Fatal(a.Err())
		}
		addrs = append(addrs, a.Addr())
	}
	return addrs
}

// callers is how many operations are under way at once.
const callers = 256

// measure has callers do operations, and reports the processor's time of each.
func measure(b *testing.B, do func(i int64) error) {
	var next atomic.Int64
	var asking sync.WaitGroup
	before := cpu()
	for range callers {
		asking.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	asking.Wait()
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}

// cpu returns the processor time of this process in nanoseconds.
func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
