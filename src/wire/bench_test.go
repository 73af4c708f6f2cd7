package wire

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"chord/node"
)

// What a small operation costs on one machine, both sides together, by itself
// in a call and over an exchange.
func BenchmarkDo(b *testing.B) {
	for _, how := range []string{"unary", "stream"} {
		for _, callers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/%d", how, callers), func(b *testing.B) { benchmarkDo(b, how == "unary", callers) })
		}
	}
}

func benchmarkDo(b *testing.B, unary bool, callers int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := NewServer(&fake{}, Options{Ring: "test"})
	go s.Serve(l)
	defer s.Stop(b.Context())
	d := NewDialer("test", Options{})
	defer d.Close()
	peer := d.Dial(l.Addr().String()).(remote)
	do := peer.Do
	if unary {
		do = peer.doAlone
	}
	op := node.Op{Kind: node.Insert, Key: make([]byte, 36), Value: make([]byte, 100)}
	if _, err := do(b.Context(), op); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu()
	var left atomic.Int64
	left.Store(int64(b.N))
	var g sync.WaitGroup
	for range callers {
		g.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := do(b.Context(), op); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	g.Wait()
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}

// cpu returns the processor time of this process in nanoseconds.
func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
