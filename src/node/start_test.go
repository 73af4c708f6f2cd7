package node_test

import (
	"runtime"
	"testing"
	"time"

	"chord/node"
	"chord/node/nodetest"
)

// BenchmarkStartOfFour measures, in real time and with a disk that syncs, how
// long a ring of four takes from nothing to ready and to whole.
func BenchmarkStartOfFour(b *testing.B) {
	for range b.N {
		w := &nodetest.Network{}
		began := time.Now()
		var nodes []*nodetest.Node
		for _, name := range []string{"n0", "n1", "n2", "n3"} {
			o := nodetest.Options{Dir: b.TempDir(), Ring: "test", Name: name, Addr: nodetest.Addr(name), Sync: true}
			o.Adjust = func(c *node.Config) { c.Seed = 1 }
			if name != "n0" {
				o.Bootstrap = []string{nodetest.Addr("n0")}
			}
			n, err := nodetest.NewNode(b.Context(), w, o)
			if err != nil {
				b.Fatal(err)
			}
			nodes = append(nodes, n)
		}
		for _, n := range nodes {
			<-n.Ready()
		}
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-to-ready")
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/4/(1<<20), "MiB-heap/node")
		for _, n := range nodes {
			n.Crash()
		}
	}
}
