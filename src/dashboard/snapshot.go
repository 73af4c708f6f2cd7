package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
)

// update is what the page is made of: all of it, or what is new since the last.
type update struct {
	Full    bool          `json:"full"`
	Ring    ringView      `json:"ring"`
	Node    nodeView      `json:"node"`
	Members []Member      `json:"members"` // of a full one all that are on the circle, else those that changed
	Gone    []keyspace.ID `json:"gone,omitempty"`
}

// ringView sums up the ring as this node sees it.
type ringView struct {
	Name    string         `json:"name"`
	Text    string         `json:"text"`   // how it is, in a sentence
	Lines   []string       `json:"lines"`  // its members, in the middle of the picture
	Well    bool           `json:"well"`   // nothing needs anybody's attention
	States  map[string]int `json:"states"` // members by state, those that left among them
	Known   int            `json:"known"`  // members whose load is known
	Copies  uint64         `json:"copies"` // of keys, with those
	Wanted  int            `json:"wanted"` // buckets that they are to fill
	Moving  int            `json:"moving"` // buckets that they are to hand over
	Losses  int            `json:"losses"` // how many more members may go down before writes are refused
	Thin    int            `json:"thin"`
	Refused int            `json:"refused"`
	Effect  quorumsView    `json:"quorums"` // in a ring of so few members
}

// snapshotFor is how long a snapshot is good for: all who look share it.
const snapshotFor = 500 * time.Millisecond

// snapshot returns all that the page shows, as it is now.
func (s *Server) snapshot() update {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.taken) >= snapshotFor {
		s.last, s.taken = s.take(), time.Now()
	}
	return s.last
}

func (s *Server) take() update {
	st := s.config.Node.Status()
	loads, why := s.survey.loads(st)
	u := update{Full: true, Members: places(st, loads), Node: viewOf(st, st.Members, time.Now())}
	for i := range u.Members {
		u.Members[i].Why = why[u.Members[i].ID]
	}
	u.Ring = summary(st, u.Members)
	return u
}

func summary(st node.Status, members []Member) ringView {
	v := ringView{
		Name: st.Ring, States: map[string]int{}, Losses: st.Margin.Losses, Thin: st.Margin.Thin, Refused: st.Margin.Refused,
		Lines: describe(members),
	}
	holders := 0
	for _, m := range st.Members {
		v.States[m.State.String()]++
	}
	for _, m := range members {
		if m.Serving {
			holders++
		}
		if l := m.Load; l != nil {
			v.Known, v.Copies, v.Wanted, v.Moving = v.Known+1, v.Copies+l.Keys, v.Wanted+l.Wanted, v.Moving+l.Moving
		}
	}
	v.Effect = quorumsOf(st.Quorums.For(max(holders, 1)))
	v.Text, v.Well = verdict(st, v, members)
	return v
}

// verdict says how the ring is in a sentence, and whether it is well.
func verdict(st node.Status, v ringView, members []Member) (string, bool) {
	parts := describe(members)
	well := v.Refused == 0 && v.States[member.Down.String()]+v.States[member.Suspect.String()] == 0 && st.Readiness().OK
	switch {
	case len(members) == 0:
		return "not in a ring yet", false
	case v.Refused > 0:
		parts = append(parts, fmt.Sprintf("writes to %s of %s are refused", plural(v.Refused, "bucket"), number(keyspace.Buckets)))
	case len(members) > 1:
		parts = append(parts, survives(v.Losses))
	}
	if v.Wanted > 0 {
		parts = append(parts, "copies are being filled") // how many are left is read out by no one
	}
	return strings.Join(parts, ", "), well
}

func survives(losses int) string {
	if losses == 0 {
		return "no more may go down without refused writes"
	}
	return "writes survive the loss of " + plural(losses, "more member")
}

// since returns what is new in u to who has seen old.
func (u update) since(old update) update {
	seen := make(map[keyspace.ID]Member, len(old.Members))
	for _, m := range old.Members {
		seen[m.ID] = m
	}
	d := update{Ring: u.Ring, Node: u.Node, Members: []Member{}}
	for _, m := range u.Members {
		if before, ok := seen[m.ID]; !ok || !before.equal(m) {
			d.Members = append(d.Members, m)
		}
		delete(seen, m.ID)
	}
	for id := range seen {
		d.Gone = append(d.Gone, id)
	}
	slices.SortFunc(d.Gone, keyspace.ID.Compare)
	return d
}

func (m Member) equal(o Member) bool {
	if (m.Load == nil) != (o.Load == nil) || m.Load != nil && *m.Load != *o.Load {
		return false
	}
	if (m.Label == nil) != (o.Label == nil) || m.Label != nil && *m.Label != *o.Label {
		return false
	}
	m.Load, m.Label, o.Load, o.Label = nil, nil, nil, nil
	return m == o
}
