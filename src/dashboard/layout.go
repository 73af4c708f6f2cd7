package dashboard

import (
	"cmp"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
)

// Load is what a member said of what it holds.
type Load struct {
	Keys    uint64 `json:"keys"`    // in its copies
	Bytes   uint64 `json:"bytes"`   // of their values
	Held    int    `json:"held"`    // buckets with a synced copy
	Wanted  int    `json:"wanted"`  // buckets to be filled
	Moving  int    `json:"moving"`  // buckets to be handed over
	Refuses bool   `json:"refuses"` // inserts, for want of room
}

// LoadOf returns the load that a node's status tells of.
func LoadOf(s node.Status) Load {
	return Load{s.Store.Keys, s.Store.ValueBytes, s.Buckets.Held, s.Buckets.Wanted, s.Buckets.Moving, s.Store.ReadOnly}
}

// Member is a member of the ring with its place in the picture.
type Member struct {
	ID      keyspace.ID `json:"id"`
	Name    string      `json:"name"`
	Addr    string      `json:"addr"`
	Domain  string      `json:"domain"`
	State   string      `json:"state"`
	Self    bool        `json:"self,omitempty"`
	Serving bool        `json:"serving"` // it counts among those who hold copies
	Share   float64     `json:"share"`   // of the circle, 0 to 1
	Angle   float64     `json:"angle"`   // degrees clockwise from the top
	Point               // on the circle
	Arc     string      `json:"arc,omitempty"`   // the path of its piece of the circle, as thick as its load
	Label   *Label      `json:"label,omitempty"` // where there is room for its name
	Level   int         `json:"level"`           // of its load: 1 to 5, 0 unknown
	Load    *Load       `json:"load"`            // null where it is unknown
	Why     string      `json:"why,omitempty"`   // it is unknown
}

// places puts the members that are on the circle in their places, in the order of
// the circle. Who left or was forgotten has none.
func places(s node.Status, loads map[keyspace.ID]Load) []Member {
	all := []Member{}
	for _, m := range s.Members {
		if m.State < member.Left {
			all = append(all, place(m, s, loads))
		}
	}
	slices.SortFunc(all, func(a, b Member) int { return a.ID.Compare(b.ID) })
	divide(all)
	weigh(all)
	label(all)
	return all
}

func place(m member.Member, s node.Status, loads map[keyspace.ID]Load) Member {
	p := Member{
		ID: m.ID, Name: cmp.Or(m.Name, m.Addr), Addr: m.Addr, Domain: m.Domain, State: m.State.String(), Self: m.ID == s.Self.ID,
		Serving: m.Serving && m.State != member.Leaving, Angle: angleOf(m.ID),
	}
	p.Point = at(p.Angle, radius)
	if l, ok := loads[m.ID]; ok {
		p.Load = &l
	} else if p.Self {
		own := LoadOf(s)
		p.Load = &own
	}
	return p
}

// divide gives each member that holds copies its share of the circle: from the
// one before it to itself.
func divide(all []Member) {
	var holders []*Member
	for i := range all {
		if all[i].Serving {
			holders = append(holders, &all[i])
		}
	}
	for i, m := range holders {
		before := holders[(i+len(holders)-1)%len(holders)]
		m.Share = fraction(before.ID.Distance(m.ID))
		if len(holders) == 1 {
			m.Share = 1
		}
	}
}

// weigh gives the shares their arcs, by the keys of each beside the mean of those
// that are known.
func weigh(all []Member) {
	total, known := 0.0, 0.0
	for _, m := range all {
		if m.Load != nil && m.Serving {
			total, known = total+float64(m.Load.Keys), known+1
		}
	}
	for i := range all {
		m := &all[i]
		relative := -1.0
		if m.Load != nil {
			relative = float64(m.Load.Keys) / max(total/max(known, 1), 1)
		}
		m.Level = level(relative)
		if m.Serving {
			m.Arc = sector(m.Angle-fullTurn*m.Share, fullTurn*m.Share, arcInner, arcInner+thickness(relative))
		}
		m.Angle, m.Share = roundTo(m.Angle, 1e3), roundTo(m.Share, 1e6)
	}
}

// roundTo keeps as many parts of one as said.
func roundTo(v, parts float64) float64 { return float64(int64(v*parts+0.5)) / parts }

// timeOrNull is null in JSON where t is zero.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
