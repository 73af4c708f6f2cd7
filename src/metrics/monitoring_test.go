package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	noNames = regexp.MustCompile(`"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring)\s*\([^)]*\)`)
	words   = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
)

// namesIn returns the names of metrics in an expression.
func namesIn(expr string) (names []string) {
	for _, w := range words.FindAllString(noNames.ReplaceAllString(expr, " "), -1) {
		w = strings.TrimSpace(w)
		if !strings.HasSuffix(w, "(") && !slices.Contains([]string{"and", "or", "unless", "bool"}, w) {
			names = append(names, w)
		}
	}
	return names
}

func TestNamesIn(t *testing.T) {
	got := namesIn(`histogram_quantile(0.99, sum by (le, job) (rate(a_bucket{x="b_c"}[5m]))) > 1 and on (job) time() - (b_total) == 0`)
	if want := []string{"a_bucket", "b_total"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// exported are the names that an expression may use.
func exported(t *testing.T) map[string]bool {
	names := map[string]bool{"up": true} // of Prometheus itself
	families, err := full(t).registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetType().String() != "HISTOGRAM" {
			names[f.GetName()] = true
			continue
		}
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			names[f.GetName()+part] = true
		}
	}
	return names
}

// No panel and no rule names a metric that is not there, and each metric is of
// use to one of them.
func TestPanelsAndRulesNameWhatIsExported(t *testing.T) {
	known, used := exported(t), map[string]bool{}
	check := func(where, expr string) {
		names := namesIn(expr)
		if len(names) == 0 {
			t.Errorf("%s names no metric: %s", where, expr)
		}
		for _, name := range names {
			if !known[name] {
				t.Errorf("%s names %s, which is not exported", where, name)
			}
			used[strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")] = true
		}
	}
	for _, q := range expressions() {
		check("dashboard: "+q.legend, q.expr)
	}
	for _, v := range variables() {
		if of, _ := v["query"].(string); strings.HasPrefix(of, "label_values(") {
			name, _, _ := strings.Cut(strings.TrimPrefix(of, "label_values("), ",")
			check("variable", strings.ReplaceAll(name, "$", ""))
		}
	}
	for _, a := range alerts {
		check("rule "+a.name, a.expr)
	}
	for _, row := range Table() {
		if !used[row.Name] {
			t.Errorf("nobody looks at %s", row.Name)
		}
	}
}

func TestDashboardLoads(t *testing.T) {
	var b bytes.Buffer
	if err := Dashboard(&b); err != nil {
		t.Fatal(err)
	}
	type source struct{ Type, UID string }
	var d struct {
		Title, UID    string
		SchemaVersion int
		Templating    struct{ List []struct{ Name, Type string } }
		Panels        []struct {
			ID          int
			Type, Title string
			Datasource  source
			Targets     []struct {
				Expr, RefID string
				Datasource  source
			}
			GridPos struct{ H, W, X, Y int }
		}
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Title == "" || d.UID == "" || d.SchemaVersion < 30 || len(d.Templating.List) != 3 || len(d.Panels) < 30 {
		t.Errorf("%+v", d)
	}
	ids, filled := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 || p.Title == "" {
			t.Errorf("panel %d %q: identifier or title", p.ID, p.Title)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := filled[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies over %q", p.Title, other)
				}
				filled[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if p.Datasource.Type != "prometheus" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("panel %q: %+v", p.Title, p)
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if q.Expr == "" || strings.Contains(q.Expr, "§") || q.Datasource != p.Datasource || refs[q.RefID] || q.RefID == "" {
				t.Errorf("panel %q: %+v", p.Title, q)
			}
			refs[q.RefID] = true
		}
	}
}

// asRules makes rules of the dashboard's expressions, for promtool to read.
func asRules() string {
	var b strings.Builder
	b.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for i, q := range expressions() {
		expr := strings.NewReplacer("$__rate_interval", "5m", "$job", ".*", "$instance", ".*").Replace(q.expr)
		fmt.Fprintf(&b, "      - record: panel:number%d\n        expr: %s\n", i, strconv.Quote(expr))
	}
	return b.String()
}

func TestPromtoolAcceptsRulesAndPanels(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	if err := Rules(&b); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "rules.yml"), b.String())
	write(t, filepath.Join(dir, "panels.yml"), asRules())
	promtool(t, nil, "check", "rules", filepath.Join(dir, "rules.yml"))
	promtool(t, nil, "check", "rules", filepath.Join(dir, "panels.yml"))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
