package bench

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Percentiles are those of all that was recorded, to a percent, wherever it was
// collected in between.
func TestPercentiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total, part := newTally(), newTally()
		n := rapid.IntRange(100, 3000).Draw(t, "n")
		unit := time.Duration(rapid.Int64Range(1e3, 1e9).Draw(t, "unit"))
		cut := rapid.IntRange(50, 1000).Draw(t, "cut")
		for i := range n {
			part.add(operation{}, time.Duration(i+1)*unit, nil)
			if i%cut == 0 {
				total.take(&part)
			}
		}
		total.take(&part)
		l := latencyOf(total.writes)
		for _, c := range []struct{ got, share float64 }{{l.P50, 0.5}, {l.P90, 0.9}, {l.P99, 0.99}, {l.Max, 1}} {
			want := min(c.share*float64(n)*unit.Seconds(), longest.Seconds()) * 1000
			if rank := 1000 * unit.Seconds(); c.got < want*0.985-rank-0.002 || c.got > want*1.015+rank+0.002 {
				t.Fatalf("%v of %d times %v: %v ms, want %v", c.share, n, unit, c.got, want)
			}
		}
		if l.Count != n || part.done() != 0 {
			t.Fatalf("%d of %d counted, %d left", l.Count, n, part.done())
		}
	})
}

func TestTakeAddsFaults(t *testing.T) {
	a, b := newTally(), newTally()
	a.add(operation{}, 0, errMissing)
	b.add(operation{}, 0, errMissing)
	b.add(operation{}, 0, errors.New("broken"))
	a.take(&b)
	if a.failed() != 3 || b.failed() != 0 || a.faults["missing"].Count != 2 || a.faults["other"].Example != "broken" {
		t.Errorf("%v, %v", a.faults, b.faults)
	}
}

func example() Result {
	l := &Latency{Count: 10, Mean: 1.5, P50: 1, P90: 2, P99: 3, P999: 4, Max: 5}
	return Result{
		Work: Mixed, Clients: 8, Keys: 100, ValueSize: 100, Rate: 50, Seconds: 2, Operations: 20, Throughput: 10, Writes: l, Reads: l,
		Unsent: 7, Failed: 1, Errors: map[string]Fault{"overloaded": {1, "busy"}}, Verified: 9, Lost: 2,
		Points: []Point{{At: 1, Throughput: 10, P50: 1, P99: 3, Max: 5}, {At: 2, Throughput: 12, P50: 1, P99: 3, Max: 4}},
	}
}

func TestText(t *testing.T) {
	text := example().String()
	for _, want := range []string{
		"mixed: 8 clients, 50 a second; 100 keys", "10 operations a second, 20 in all", "p99.9", "insert", "retrieve",
		"7 operations were due and never sent", "1 × overloaded, such as: busy", "9 acknowledged inserts were read back, 2 were missing",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"throughput":10`, `"p99_9_ms":4`, `"overloaded":{"count":1`, `"lost":2`} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}

func TestChart(t *testing.T) {
	svg, err := example().Chart()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
	for _, want := range []string{"<svg", "p99 ms", "operations a second", "mixed, 8 clients"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("no %q in the chart", want)
		}
	}
	if _, err := (Result{}).Chart(); err == nil {
		t.Error("a chart of nothing")
	}
}
