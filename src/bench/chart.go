package bench

import (
	"fmt"

	"github.com/go-analyze/charts"
)

// Chart returns the run over time as an SVG picture: throughput by the left
// axis, latencies by the right one.
func (r Result) Chart() ([]byte, error) {
	if len(r.Points) == 0 {
		return nil, &OptionError{"the run was too short for a chart", "measure for a second at least"}
	}
	names := []string{"operations/s", "p50 ms", "p99 ms", "max ms"}
	values := make([][]float64, len(names))
	var seconds []string
	for _, p := range r.Points {
		seconds = append(seconds, fmt.Sprintf("%.1f", p.At))
		for i, v := range []float64{p.Throughput, p.P50, p.P99, p.Max} {
			values[i] = append(values[i], v)
		}
	}
	lines := charts.NewSeriesListLine(values, charts.LineSeriesOption{Names: names})
	for i := range lines[1:] {
		lines[1+i].YAxisIndex = 1
	}
	o := charts.NewLineChartOptionWithSeries(lines)
	o.Title.Text = fmt.Sprintf("%s, %d clients, values of %d bytes", r.Work, r.Clients, r.ValueSize)
	o.Legend.SeriesNames = names
	o.Legend.Offset = charts.OffsetRight
	o.XAxis.Labels, o.XAxis.Title = seconds, "seconds"
	o.XAxis.LabelCount = min(len(seconds), 12)
	o.YAxis = []charts.YAxisOption{{Title: "operations a second", Min: charts.Ptr(0.0)}, {Title: "milliseconds", Min: charts.Ptr(0.0)}}
	o.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: 960, Height: 480})
	if err := p.LineChart(o); err != nil {
		return nil, fmt.Errorf("bench: chart: %w", err)
	}
	return p.Bytes()
}
