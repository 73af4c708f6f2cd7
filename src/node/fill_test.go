package node_test

import (
	"fmt"
	"testing"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

// BenchmarkFill measures, in real time and on a disk that does not sync, how long
// a second node takes to be filled with 100,000 keys of 100 bytes, and what it
// costs to mend a copy that lacks one in a hundred of them.
func BenchmarkFill(b *testing.B) {
	const keys = 100_000
	for range b.N {
		w := &nodetest.Network{}
		make := func(name string) *nodetest.Node {
			o := nodetest.Options{Dir: b.TempDir(), Ring: "test", Name: name, Addr: nodetest.Addr(name), Adjust: func(c *node.Config) { c.Seed = 1 }}
			if name != "n0" {
				o.Bootstrap = []string{nodetest.Addr("n0")}
			}
			n, err := nodetest.NewNode(b.Context(), w, o)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
		first := make("n0")
		<-first.Ready()
		insert := func(from, to int) {
			for i := from; i < to; i += 1000 {
				if err := first.Store.Update(b.Context(), store.Change{Do: func(tx *store.Tx) error {
					for j := range 1000 {
						if _, err := tx.Insert(key(i+j), fmt.Appendf(nil, "%0100d", i+j)); err != nil {
							return err
						}
					}
					return nil
				}}); err != nil {
					b.Fatal(err)
				}
			}
		}
		insert(0, keys)
		began := time.Now()
		second := make("n1")
		<-second.Ready()
		b.ReportMetric(time.Since(began).Seconds(), "s-to-ready")
		filled := second.Status().Repair
		b.ReportMetric(float64(filled.Bytes), "bytes-filled")
		insert(keys, keys+keys/100)
		for range second.Export(b.Context(), []node.Range{{First: 0, Last: keyspace.Buckets - 1}}) {
		}
		b.ReportMetric(float64(second.Status().Repair.Bytes-filled.Bytes), "bytes-mended")
		first.Crash()
		second.Crash()
	}
}
