package sim

import (
	"context"
	"encoding/binary"
	"fmt"

	"chord/keyspace"
)

// Keys is how many keys a node holds. Figures are means over the repeats.
type Keys struct {
	Nodes   int `json:"nodes"`
	Repeats int `json:"repeats"`
	// Points has a line for each scheme and number of keys.
	Points []*KeysPoint `json:"points"`

	done [][]*KeysPoint // by repeat
}

// The ways to give nodes their places.
const (
	schemeVirtual = "virtual "      // and how many identifiers each node has
	schemeBest    = "best of 16"    // of its identifiers a node takes one
	schemeBuckets = "16 and bucket" // and keys live by bucket: what a server does
)

// KeysPoint is a scheme with a number of keys.
type KeysPoint struct {
	Scheme string  `json:"scheme"`
	Keys   int     `json:"keys"`
	Mean   float64 `json:"mean"`
	// The rest is over the mean.
	P1  float64 `json:"p1"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// steps is into how many numbers of keys the first figure is divided.
const steps = 10

func (k *Keys) jobs(o Options) (all []job) {
	k.Nodes, k.Repeats = o.Nodes, o.some(20, 2)
	k.done = make([][]*KeysPoint, k.Repeats)
	for i := range k.done {
		all = append(all, job{cost: o.Nodes, work: func(ctx context.Context) func() {
			points := keysRepeat(ctx, o, i)
			if ctx.Err() != nil {
				return nil
			}
			return func() { k.done[i] = points }
		}})
	}
	return all
}

func (k *Keys) finish() {
	k.Repeats = 0
	for _, points := range k.done {
		if points == nil {
			continue
		}
		k.Repeats++
		if k.Points == nil {
			k.Points = make([]*KeysPoint, len(points))
			for i, p := range points {
				k.Points[i] = &KeysPoint{Scheme: p.Scheme, Keys: p.Keys, Mean: p.Mean}
			}
		}
		for i, p := range points {
			k.Points[i].P1 += p.P1
			k.Points[i].P99 += p.P99
			k.Points[i].Max += p.Max
		}
	}
	for _, p := range k.Points {
		n := float64(k.Repeats)
		p.P1, p.P99, p.Max = p.P1/n, p.P99/n, p.Max/n
	}
}

// scheme counts the keys of nodes that got their places in one way.
type scheme struct {
	name     string
	circle   circle
	byBucket bool
	held     []float64
}

func (s *scheme) hold(id keyspace.ID) {
	if s.byBucket {
		id = keyspace.BucketOf(id).First()
	}
	s.held[s.circle.owner(id)]++
}

func (s *scheme) point(keys int) *KeysPoint {
	held := append([]float64(nil), s.held...)
	l := summarise(held)
	return &KeysPoint{s.name, keys, l.Mean, l.P1 / l.Mean, l.P99 / l.Mean, l.Max / l.Mean}
}

// schemes returns those that are looked at with every number of keys first.
func schemes(ring string, n int) (stepped, last []*scheme) {
	best := chosen(ring, n)
	for _, v := range []int{1, 2, 5, 10, 20} {
		last = append(last, &scheme{name: fmt.Sprint(schemeVirtual, v), circle: virtual(ring, n, v), held: make([]float64, n)})
	}
	stepped = append(last[:1:1], &scheme{name: schemeBest, circle: best, held: make([]float64, n)},
		&scheme{name: schemeBuckets, circle: best, byBucket: true, held: make([]float64, n)})
	return stepped, last[1:]
}

func keysRepeat(ctx context.Context, o Options, repeat int) (points []*KeysPoint) {
	seed := o.seed(NameKeys, repeat)
	stepped, last := schemes(fmt.Sprint("ring ", seed), o.Nodes)
	var key [16]byte
	binary.BigEndian.PutUint64(key[:], seed)
	for n := range o.Keys {
		if n%1000 == 0 && ctx.Err() != nil {
			return nil
		}
		binary.BigEndian.PutUint64(key[8:], uint64(n))
		id := keyspace.HashKey(key[:])
		for _, s := range stepped {
			s.hold(id)
		}
		for _, s := range last {
			s.hold(id)
		}
		if (n+1)%(o.Keys/steps) == 0 && n+1 < o.Keys {
			for _, s := range stepped {
				points = append(points, s.point(n+1))
			}
		}
	}
	for _, s := range append(stepped, last...) {
		points = append(points, s.point(o.Keys))
	}
	return points
}

func (k *Keys) tables() []Table {
	steps := Table{
		Title:   fmt.Sprintf("keys: keys of a node by number of keys, %d nodes, over the mean; means of %d repeats", k.Nodes, k.Repeats),
		Columns: []string{"keys", "mean", "scheme", "1st", "99th", "max"},
		Notes: []string{"The paper (SIGCOMM 2001, Fig. 8), 10,000 nodes, one identifier each, 500,000 keys: 99th percentile 4.6, max 9.1.",
			"Best of 16: a node takes that one of 16 identifiers which splits the fullest arc. 16 and bucket: keys",
			"besides live by bucket, 65,536 of them, so that a node of 10,000 has 6 or 7: what a server does."},
	}
	last := Table{
		Title:   fmt.Sprintf("keys: keys of a node by its number of identifiers, %d nodes, over the mean; means of %d repeats", k.Nodes, k.Repeats),
		Columns: []string{"scheme", "mean", "1st", "99th", "max", "paper 1st", "paper 99th", "paper max"},
		Notes:   []string{"The paper: SIGCOMM 2001, Fig. 9 with a million keys, its max from Fig. 8."},
	}
	for i, p := range k.Points {
		row := []string{num(p.P1, 2), num(p.P99, 2), num(p.Max, 2)}
		if i < len(k.Points)-4 { // all but the larger numbers of virtual nodes
			steps.Rows = append(steps.Rows, append([]string{num(float64(p.Keys), 0), num(p.Mean, 1), p.Scheme}, row...))
		}
		if p.Keys == k.Points[len(k.Points)-1].Keys {
			last.Rows = append(last.Rows, append(append([]string{p.Scheme, num(p.Mean, 1)}, row...), paperLoad(p.Scheme)...))
		}
	}
	return []Table{steps, last}
}

func paperLoad(scheme string) []string {
	l, ok := loads[scheme]
	if !ok {
		return []string{"–", "–", "–"}
	}
	row := []string{num(l.p1, 1), num(l.p99, 1), "–"}
	if l.max > 0 {
		row[2] = num(l.max, 1)
	}
	return row
}
