package sim

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// tiny makes every experiment, in little time.
var tiny = Options{Seed: 1, Nodes: 32, Keys: 1000, Lookups: 30, Quick: true}

func run(t *testing.T, o Options) Report {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The same options give the same report, on one processor or many, and another
// seed another.
func TestSameSeedSameReport(t *testing.T) {
	first := run(t, tiny)
	procs := runtime.GOMAXPROCS(1)
	second := run(t, tiny)
	runtime.GOMAXPROCS(procs)
	if a, b := first.String(), second.String(); a != b {
		t.Errorf("two runs of one seed differ:\n%s\n%s", a, b)
	}
	a, _ := first.Charts()
	b, _ := second.Charts()
	if !reflect.DeepEqual(a, b) {
		t.Error("the charts of two runs of one seed differ")
	}
	other := tiny
	other.Seed = 2
	if run(t, other).String() == first.String() {
		t.Error("another seed gives the same figures")
	}
}

// What JSON says is what the report is, and lists are lists.
func TestJSON(t *testing.T) {
	r := run(t, tiny)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again) != string(text) {
		t.Error("a report does not come back from JSON")
	}
	for _, want := range []string{`"path":{"points":[{"bits":4,"nodes":16,"paper":2,"fingers":{"mean":`, `"scheme":"best of 16"`,
		`"rounds_to_rest":`, `"three_copies":`, `"failed_per_10000":`, `"rounds_to_exact_lists":`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("JSON lacks %s", want)
		}
	}
}

// Every experiment has tables whose rows fit their columns, and charts that are
// well-formed, with a ground of their own and no figure that is none.
func TestTablesAndCharts(t *testing.T) {
	r := run(t, tiny)
	for _, table := range r.Tables() {
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: a row of %d cells under %d columns", table.Title, len(row), len(table.Columns))
			}
		}
	}
	for _, bad := range []string{"NaN", "Inf"} {
		if strings.Contains(r.String(), bad) {
			t.Errorf("a table holds %s", bad)
		}
	}
	charts, err := r.Charts()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range charts {
		names = append(names, c.Name)
		if err := wellFormed(c.SVG); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if !strings.Contains(string(c.SVG), "fill:white") || strings.Contains(string(c.SVG), "NaN") {
			t.Errorf("%s has no ground, or a point that is nowhere", c.Name)
		}
	}
	if want := []string{"path", "path-distribution", "keys", "keys-identifiers", "failures", "failures-keys", "churn", "churn-failed", "merge"}; !slices.Equal(names, want) {
		t.Errorf("charts %v, want %v", names, want)
	}
}

func wellFormed(svg []byte) error {
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// What is quoted from memory says so wherever it is printed.
func TestMemorySaysSo(t *testing.T) {
	r := run(t, tiny)
	for _, table := range r.Tables() {
		notes := strings.Join(append(table.Notes, table.Title), " ")
		if strings.Contains(notes, "ToN 2003, Table") && !strings.Contains(notes, "memory") {
			t.Errorf("%s: does not say that the paper's figures are from memory", table.Title)
		}
	}
	for _, e := range r.experiments() {
		for _, d := range e.charts() {
			if strings.Contains(d.title, "ToN") && !strings.Contains(d.title, "memory") {
				t.Errorf("chart %s: does not say that the paper's figures are from memory", d.name)
			}
		}
	}
}

// A run that is interrupted returns what is done, and that can be printed.
func TestInterrupted(t *testing.T) {
	for after := range 4 {
		ctx, cancel := context.WithCancel(t.Context())
		o := tiny
		o.Progress = func(done, _ int) {
			if done == 3*after {
				cancel()
			}
		}
		if after == 0 {
			cancel()
		}
		r, err := Run(ctx, o)
		cancel()
		if err != nil || !r.Interrupted {
			t.Errorf("interrupted after %d points: %v, %v", 3*after, r.Interrupted, err)
		}
		if _, err := r.Charts(); err != nil {
			t.Error(err)
		}
		if after == 0 && r.String() != "" {
			t.Errorf("nothing was done, but printed is\n%s", r)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlyWhatIsAsked(t *testing.T) {
	o := tiny
	o.Experiments = []string{NameKeys}
	if r := run(t, o); r.Keys == nil || len(r.experiments()) != 1 {
		t.Errorf("made %d experiments", len(r.experiments()))
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	for _, o := range []Options{
		{Nodes: 15}, {Nodes: MaxNodes + 1}, {Keys: -1}, {Lookups: 1}, {Experiments: []string{"fun"}},
	} {
		_, err := Run(t.Context(), o)
		if e, ok := errors.AsType[*OptionError](err); !ok || e.Hint() == "" {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestSummary(t *testing.T) {
	var figures []float64
	for i := range 201 {
		figures = append(figures, float64(200-i))
	}
	if s := summarise(figures); s != (Summary{100, 2, 198, 200}) {
		t.Errorf("%+v", s)
	}
	if s := summarise(nil); s != (Summary{}) {
		t.Errorf("of nothing: %+v", s)
	}
}

func TestTableIsAligned(t *testing.T) {
	got := Table{Title: "t", Columns: []string{"a", "½"}, Rows: [][]string{{"100", "2"}}, Notes: []string{"n"}}.String()
	if want := "t\n    a  ½\n  100  2\n  n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
