package sim

import (
	"fmt"

	"github.com/go-analyze/charts"
)

// Chart is a picture.
type Chart struct {
	Name string // of a file, without its ending
	SVG  []byte
}

// drawing is what a chart shows: lines, or bars, over the same places.
type drawing struct {
	name, title string
	across, up  string // what the axes show, with the unit
	places      []string
	lines       []line
	bars        bool
}

// line is a value for each place; a nil one is left out.
type line struct {
	name   string
	values []*float64
}

// Charts draws all experiments that were made.
func (r Report) Charts() (all []Chart, err error) {
	for _, e := range r.experiments() {
		for _, d := range e.charts() {
			if len(d.places) == 0 {
				continue
			}
			svg, err := d.svg()
			if err != nil {
				return nil, fmt.Errorf("sim: chart %s: %w", d.name, err)
			}
			all = append(all, Chart{d.name, svg})
		}
	}
	return all, nil
}

// The pictures are to be read on a page of paper or a screen, light or dark: they
// bring their own white ground, and colours that the colour-blind can tell apart
// (Okabe and Ito).
const (
	width, height = 1000, 560
	titleSize     = 17
	textSize      = 14
)

// air keeps the names of a legend apart where the viewer lacks the font by which
// the places of the texts were measured, and takes a wider one.
const air = "\u00a0\u00a0\u00a0"

func theme() charts.ColorPalette {
	ink := charts.ColorRGB(40, 40, 40)
	return charts.GetTheme(charts.ThemeLight).WithBackgroundColor(charts.ColorWhite).WithTextColor(ink).
		WithXAxisColor(ink).WithYAxisColor(ink).WithXAxisTextColor(ink).WithYAxisTextColor(ink).WithSeriesColors([]charts.Color{
		charts.ColorRGB(0, 114, 178), charts.ColorRGB(213, 94, 0), charts.ColorRGB(0, 158, 115),
		charts.ColorRGB(204, 121, 167), charts.ColorRGB(86, 180, 233), charts.ColorRGB(230, 159, 0),
	})
}

func (d drawing) svg() ([]byte, error) {
	p := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputSVG, Width: width, Height: height, Theme: theme(),
	})
	draw := d.drawLines
	if d.bars {
		draw = d.drawBars
	}
	if err := draw(p); err != nil {
		return nil, err
	}
	return p.Bytes()
}

// values returns the names and the values of the lines.
func (d drawing) values() (names []string, values [][]float64) {
	for _, l := range d.lines {
		names = append(names, l.name)
		row := make([]float64, len(l.values))
		for i, v := range l.values {
			if row[i] = charts.GetNullValue(); v != nil {
				row[i] = *v
			}
		}
		values = append(values, row)
	}
	return names, values
}

func (d drawing) heading() (charts.TitleOption, charts.LegendOption) {
	title := charts.TitleOption{Text: d.title, FontStyle: charts.NewFontStyleWithSize(titleSize), Offset: charts.OffsetLeft}
	names, _ := d.values()
	for i := range names {
		names[i] += air
	}
	return title, charts.LegendOption{
		SeriesNames: names, FontStyle: charts.NewFontStyleWithSize(textSize - 1),
		Offset: charts.OffsetStr{Left: charts.PositionCenter, Top: "56"},
	}
}

func (d drawing) axes() (charts.XAxisOption, charts.YAxisOption) {
	text := charts.NewFontStyleWithSize(textSize)
	return charts.XAxisOption{Title: d.across, Labels: d.places, LabelCount: len(d.places), LabelFontStyle: text, TitleFontStyle: text},
		charts.YAxisOption{Title: d.up, Min: new(float64), LabelFontStyle: text, TitleFontStyle: text}
}

func (d drawing) drawLines(p *charts.Painter) error {
	names, values := d.values()
	o := charts.NewLineChartOptionWithSeries(charts.NewSeriesListLine(values, charts.LineSeriesOption{Names: names}))
	o.Theme = theme()
	o.Padding = charts.NewBoxEqual(24)
	o.Title, o.Legend = d.heading()
	x, y := d.axes()
	o.XAxis, o.YAxis = x, []charts.YAxisOption{y}
	o.LineStrokeWidth = 2.5
	o.Symbol = charts.Symbol{Shape: charts.SymbolDot, Size: 4}
	return p.LineChart(o)
}

func (d drawing) drawBars(p *charts.Painter) error {
	names, values := d.values()
	o := charts.NewBarChartOptionWithSeries(charts.NewSeriesListBar(values, charts.BarSeriesOption{Names: names}))
	o.Theme = theme()
	o.Padding = charts.NewBoxEqual(24)
	o.Title, o.Legend = d.heading()
	x, y := d.axes()
	o.CategoryAxis, o.ValueAxis = x, []charts.ValueAxisOption{y}
	return p.BarChart(o)
}

// plot adds a line with a value for each point.
func plot[P any](d *drawing, name string, points []P, value func(P) *float64) {
	l := line{name: name}
	for _, p := range points {
		l.values = append(l.values, value(p))
	}
	d.lines = append(d.lines, l)
}
