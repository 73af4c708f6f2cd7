package ringtest

import "testing"

// Events checked a second, on one core.
func BenchmarkCheckedEvents(b *testing.B) {
	total := 0
	for i := range b.N {
		total += Torment(Draw(uint64(i), Model), Model, events).Events
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkIdeal10000(b *testing.B) {
	for range b.N {
		Ideal(Options{Seed: 1, Nodes: 10000, Fingers: true})
	}
}

func BenchmarkLookup10000(b *testing.B) {
	s := Ideal(Options{Seed: 1, Nodes: 10000, Fingers: true})
	b.ResetTimer()
	lookups(s, b.N)
}

// A round of 10,000 nodes: tick, question, answer, notification.
func BenchmarkRound10000(b *testing.B) {
	s := Ideal(Options{Seed: 1, Nodes: 10000, Fingers: true})
	b.ResetTimer()
	_ = s.Rounds(b.N)
	b.ReportMetric(float64(s.Events())/b.Elapsed().Seconds(), "events/s")
}
