package main

import (
	"io"

	"github.com/spf13/cobra"

	"chord/metrics"
)

// artefacts are what `chord metrics` writes, by name.
var artefacts = map[string]func(io.Writer) error{
	"reference": metrics.Reference,
	"dashboard": metrics.Dashboard,
	"rules":     metrics.Rules,
}

func metricsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "metrics [reference|dashboard|rules]",
		Short:   "Write what monitoring needs: the list of metrics, a dashboard, rules for alerts",
		GroupID: groupSetup,
		Long: `Writes, for the metrics that the nodes of this release export at /metrics of
their http port:

  reference  the metrics and alerts, as Markdown; also without an argument
  dashboard  a dashboard for Grafana, as JSON
  rules      rules for alerts, for Prometheus, as YAML`,
		Example: `  chord metrics rules > /etc/prometheus/rules/chord.yml
  chord metrics dashboard > /var/lib/grafana/dashboards/chord.json`,
		ValidArgs: []cobra.Completion{"reference", "dashboard", "rules"},
		Args:      cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			what := "reference"
			if len(args) > 0 {
				what = args[0]
			}
			write, ok := artefacts[what]
			if !ok {
				return wrongUsage("choose reference, dashboard or rules", "there is no %q", what)
			}
			return write(c.OutOrStdout())
		},
	}
}
