package metrics

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// selection is what § stands for.
const selection = `job=~"$job",instance=~"$instance"`

// object is one of JSON.
type object = map[string]any

var datasource = object{"type": "prometheus", "uid": "${datasource}"}

// Dashboard writes the dashboard as JSON, as Grafana imports and provisions it.
func Dashboard(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(object{
		"uid": "chord", "title": "Chord", "tags": []string{"chord"}, "schemaVersion": 39, "version": 1,
		"description": "Nodes of a Chord ring: operations, the ring, copies and repair, databases.",
		"editable":    true, "graphTooltip": 1, "refresh": "30s", "timezone": "browser",
		"time":       object{"from": "now-3h", "to": "now"},
		"templating": object{"list": variables()}, "panels": layOut(),
	})
}

func variables() []object {
	values := func(name, title, of string) object {
		return object{
			"name": name, "label": title, "type": "query", "datasource": datasource, "query": of, "definition": of,
			"refresh": 2, "includeAll": true, "multi": true, "allValue": ".*", "sort": 1,
			"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
		}
	}
	return []object{
		{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
		values("job", "Job", "label_values(chord_build_info, job)"),
		values("instance", "Node", `label_values(chord_build_info{job=~"$job"}, instance)`),
	}
}

// layOut puts the panels into rows of 24 columns.
func layOut() (all []object) {
	const height = 8
	y := 0
	for _, s := range sections {
		all = append(all, object{
			"id": len(all) + 1, "type": "row", "title": s.title, "collapsed": false, "panels": []object{},
			"gridPos": object{"h": 1, "w": 24, "x": 0, "y": y},
		})
		y++
		x, h := 0, height
		for _, p := range s.panels {
			h = height
			if p.kind == "stat" {
				h = height / 2
			}
			width := p.width
			if width == 0 {
				width = 8
			}
			if x+width > 24 {
				x, y = 0, y+h
			}
			o := p.object(len(all) + 1)
			o["gridPos"] = object{"h": h, "w": width, "x": x, "y": y}
			all = append(all, o)
			x += width
		}
		y += h
	}
	return all
}

func (p panel) object(id int) object {
	o := object{
		"id": id, "type": "timeseries", "title": p.title, "datasource": datasource, "targets": p.targets(),
		"fieldConfig": object{"defaults": p.defaults(), "overrides": []object{}},
		"options":     object{},
	}
	if p.help != "" {
		o["description"] = p.help
	}
	switch o["type"] = p.kind; p.kind {
	case "":
		o["type"] = "timeseries"
		o["options"] = object{"legend": object{"displayMode": "list", "placement": "bottom"}, "tooltip": object{"mode": "multi", "sort": "desc"}}
	case "stat":
		o["options"] = object{"reduceOptions": object{"calcs": []string{"lastNotNull"}, "values": false}, "colorMode": "value", "graphMode": "area"}
	case "heatmap":
		o["options"] = object{"calculate": false, "yAxis": object{"unit": "s"}, "color": object{"scheme": "Oranges", "mode": "scheme"}}
	case "table":
		hidden := object{}
		for _, field := range []string{"Time", "Value", "Value #A", "Value #B", "__name__", "job"} {
			hidden[field] = true
		}
		o["transformations"] = []object{
			{"id": "joinByField", "options": object{"byField": "instance", "mode": "outer"}},
			{"id": "organize", "options": object{"excludeByName": hidden}},
		}
	}
	return o
}

func (p panel) targets() (all []object) {
	for i, q := range p.queries {
		t := object{
			"refId": string(rune('A' + i)), "datasource": datasource, "editorMode": "code",
			"expr": q.expression(), "legendFormat": q.legend,
		}
		if q.legend == "" {
			t["legendFormat"] = "__auto"
		}
		switch p.kind {
		case "table":
			t["instant"], t["format"] = true, "table"
		case "heatmap":
			t["format"] = "heatmap"
		}
		all = append(all, t)
	}
	return all
}

func (q query) expression() string { return strings.ReplaceAll(q.expr, "§", selection) }

func (p panel) defaults() object {
	d := object{"min": 0}
	if p.unit != "" {
		d["unit"] = p.unit
	}
	if p.kind == "" {
		d["custom"] = object{"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": false}
	}
	if steps := p.steps(); steps != nil {
		d["thresholds"] = object{"mode": "absolute", "steps": steps}
	}
	return d
}

// steps colour a value: red below good, or from bad on, and green otherwise.
func (p panel) steps() []object {
	step := func(color, from string) object {
		if from == "" {
			return object{"color": color, "value": nil}
		}
		return object{"color": color, "value": json.Number(from)}
	}
	switch {
	case p.good != "":
		return []object{step("red", ""), step("green", p.good)}
	case p.bad != "":
		return []object{step("green", ""), step("red", p.bad)}
	case p.kind == "stat":
		return []object{step("green", "")}
	}
	return nil
}

// expressions returns all of the dashboard, with what they are for.
func expressions() (all []query) {
	for _, s := range sections {
		for i, p := range s.panels {
			for _, q := range p.queries {
				all = append(all, query{q.expression(), fmt.Sprintf("%s, panel %d, %s", s.title, i+1, p.title)})
			}
		}
	}
	return all
}
