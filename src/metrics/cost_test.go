package metrics

import (
	"fmt"
	"syscall"
	"testing"

	"chord/node"
	"chord/node/nodetest"
)

// What measuring adds to an operation at a node of its own: the time of the
// processors, since that of the clock is the disk's. Compare the two of a pair.
func BenchmarkOperation(b *testing.B) {
	for _, measured := range []bool{false, true, false, true} {
		for _, kind := range []node.OpKind{node.Insert, node.Retrieve} {
			b.Run(fmt.Sprintf("%s/measured=%v", kind, measured), func(b *testing.B) { operate(b, kind, measured) })
		}
	}
}

func operate(b *testing.B, kind node.OpKind, measured bool) {
	opts := nodetest.Options{Dir: b.TempDir(), Ring: "test", Name: "n0", Addr: nodetest.Addr("n0"), Adjust: func(c *node.Config) {
		if measured {
			c.Meter = New("")
		}
	}}
	n, err := nodetest.NewNode(b.Context(), &nodetest.Network{}, opts)
	if err != nil {
		b.Fatal(err)
	}
	defer n.Crash()
	<-n.Ready()
	value := make([]byte, 100)
	if err := n.Insert(b.Context(), []byte("key"), value); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := n.Operate(b.Context(), node.Op{Kind: kind, Key: []byte("key"), Value: value}); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}

// cpu returns the processor time of this process in nanoseconds.
func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
