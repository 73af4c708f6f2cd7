package metrics

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Reference writes the tables of metrics and alerts as Markdown, for the manual.
func Reference(w io.Writer) error {
	var b strings.Builder
	group := ""
	for _, row := range table {
		if row.group != group {
			group = row.group
			fmt.Fprintf(&b, "\n## %s\n\n| metric | type, labels | unit | |\n|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.Name, row.kind(), row.Unit, row.Help)
	}
	b.WriteString("\n## Go and the process\n\nWhat the Prometheus library for Go tells of every program:\n\n")
	for _, name := range foreign() {
		fmt.Fprintf(&b, "- `%s`\n", name)
	}
	fmt.Fprintf(&b, "- `%sreceive_bytes_total`, `%[1]stransmit_bytes_total`, where the system tells\n", kernels)
	b.WriteString("\n## Alerts\n\n| alert | after | | what to do |\n|---|---|---|---|\n")
	for _, a := range alerts {
		fmt.Fprintf(&b, "| `%s` (%s) | %s | %s | %s |\n", a.name, a.severity, a.wait, a.meaning, a.remedy)
	}
	_, err := io.WriteString(w, strings.TrimLeft(b.String(), "\n"))
	return err
}

func (m Metric) kind() string {
	s := string(m.Type)
	if len(m.Labels) > 0 {
		s += ", `" + strings.Join(m.Labels, "`, `") + "`"
	}
	return s
}

// kernels begins the names of metrics that not every system has.
const kernels = "process_network_"

// foreign returns the names of the other metrics that do not come from the table.
func foreign() (names []string) {
	families, _ := New("").registry.Gather()
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), kernels) && !slices.ContainsFunc(table, func(m Metric) bool { return m.Name == f.GetName() }) {
			names = append(names, f.GetName())
		}
	}
	return names
}
