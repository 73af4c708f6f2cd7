package ring

import (
	"math/rand/v2"
	"testing"
)

// One round of a ring at rest, per node: a tick, its calls and their answers.
func BenchmarkRound(b *testing.B) {
	n := ideal(b, rand.New(rand.NewPCG(1, 1)), 64, 16)
	for range 40 {
		n.round()
	}
	b.ReportAllocs()
	for b.Loop() {
		n.round()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/node")
}

func BenchmarkRoute(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := ideal(b, rng, 1000, 16)
	r := n.rings[n.ids[0]]
	for range 40 {
		r.setFinger(n.rings[n.ids[rng.IntN(1000)]].self)
	}
	target := random(rng).ID
	b.ReportAllocs()
	for b.Loop() {
		r.Route(target)
	}
}

// A search that starts with a table of ten thousand members.
func BenchmarkSearchFromATable(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	list := make([]Peer, 10_000)
	for i := range list {
		list[i] = random(rng)
	}
	target := random(rng).ID
	b.ReportAllocs()
	for b.Loop() {
		NewSearch(target, list)
	}
}
