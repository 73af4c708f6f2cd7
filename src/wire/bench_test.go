package wire

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"chord/node"
)

// What a small operation costs on one machine, both sides together.
func BenchmarkDo(b *testing.B) {
	op := node.Op{Kind: node.Insert, Key: make([]byte, 36), Value: make([]byte, 100)}
	benchmark(b, func(ctx context.Context, to node.Peer) error {
		_, err := to.Do(ctx, op)
		return err
	})
}

// The same of a change on its way to a copy.
func BenchmarkWrite(b *testing.B) {
	w := someWrite
	w.Delta.Piece = somePieces(1, 100)[0]
	w.Delta.Key = make([]byte, 36)
	benchmark(b, func(ctx context.Context, to node.Peer) error { return to.Write(ctx, w)() })
}

func benchmark(b *testing.B, do func(context.Context, node.Peer) error) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(strconv.Itoa(callers), func(b *testing.B) { measure(b, callers, do) })
	}
}

func measure(b *testing.B, callers int, do func(context.Context, node.Peer) error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := NewServer(&fake{}, Options{Ring: "test"})
	go s.Serve(l)
	defer s.Stop(b.Context())
	d := NewDialer("test", Options{})
	defer d.Close()
	peer := d.Dial(l.Addr().String())
	if err := do(b.Context(), peer); err != nil {
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
				if err := do(b.Context(), peer); err != nil {
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
