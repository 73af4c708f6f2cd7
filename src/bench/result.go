package bench

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what came out of a run.
type Result struct {
	Work      Work    `json:"work"`
	Clients   int     `json:"clients"`
	Keys      int     `json:"keys"`
	ValueSize int     `json:"value_size"`
	Rate      float64 `json:"rate,omitempty"`   // that was asked for, in an open loop
	Single    bool    `json:"single,omitempty"` // writes are puts and reads gets, of one value a key
	Seed      uint64  `json:"seed"`

	Seconds    float64          `json:"seconds"`    // of measuring
	Operations int              `json:"operations"` // that succeeded
	Throughput float64          `json:"throughput"` // of them a second
	Writes     *Latency         `json:"writes,omitempty"`
	Reads      *Latency         `json:"reads,omitempty"`
	Unsent     int              `json:"unsent"` // were due in an open loop, and no client was free for them
	Failed     int              `json:"failed"`
	Errors     map[string]Fault `json:"errors,omitempty"` // by kind
	Verified   int              `json:"verified"`         // acknowledged writes that were read back
	Lost       int              `json:"lost"`             // of them were not there
	Points     []Point          `json:"points"`
}

// Latency is how long operations of one kind took, in milliseconds.
type Latency struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p99_9_ms"`
	Max   float64 `json:"max_ms"`
}

// Fault is a kind of error: how often, and what the first one said.
type Fault struct {
	Count   int    `json:"count"`
	Example string `json:"example"`
}

// Point is a stretch of a run.
type Point struct {
	At         float64 `json:"at_s"` // its end, in seconds of measuring
	Throughput float64 `json:"throughput"`
	Failed     int     `json:"failed"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
}

func latencyOf(h *hdrhistogram.Histogram) *Latency {
	if h.TotalCount() == 0 {
		return nil
	}
	at := func(q float64) float64 { return milliseconds(h.ValueAtQuantile(q)) }
	return &Latency{
		Count: int(h.TotalCount()), Mean: h.Mean() / 1000,
		P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: milliseconds(h.Max()),
	}
}

// milliseconds converts from the histogram's microseconds.
func milliseconds(us int64) float64 { return float64(us) / 1000 }

// pointOf empties t, which is what the stretch of the given length brought,
// into total.
func pointOf(t, total *tally, at, length time.Duration) Point {
	p := Point{At: at.Seconds(), Throughput: float64(t.done()) / length.Seconds(), Failed: t.failed()}
	both := newHistogram()
	both.Merge(t.writes)
	both.Merge(t.reads)
	if l := latencyOf(both); l != nil {
		p.P50, p.P99, p.Max = l.P50, l.P99, l.Max
	}
	total.take(t)
	return p
}
