package metrics

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Rules writes the alerts as a file of rules for Prometheus.
func Rules(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Alerts for the nodes of a Chord ring; `chord metrics rules` writes them.\n")
	b.WriteString("groups:\n  - name: chord\n    rules:\n")
	for _, a := range alerts {
		// A text in double quotes is one in YAML, too.
		fmt.Fprintf(&b, "      - alert: %s\n        expr: %s\n        for: %s\n", a.name, strconv.Quote(a.expr), a.wait)
		fmt.Fprintf(&b, "        labels:\n          severity: %s\n", a.severity)
		fmt.Fprintf(&b, "        annotations:\n          summary: %s\n          description: %s\n",
			strconv.Quote(a.summary), strconv.Quote(plain(a.meaning+" "+a.remedy)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plain takes the marks of Markdown out.
func plain(s string) string { return strings.NewReplacer("`", "", "*", "").Replace(s) }
