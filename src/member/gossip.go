package member

// GossipMax is the most records that a message carries beside a whole table.
const GossipMax = 8

// gossip holds what is to be told on, the newest last. The newest is told
// first, each time until it was told often enough: so a single event overtakes
// the thousand records of a mass join, which exchanges of tables spread anyway.
type gossip struct {
	rumours []rumour
	stamp   uint64
}

// rumour points at the entry whose record, as it is when told, is spread. It
// is void once the entry has a newer one.
type rumour struct {
	e     *entry
	stamp uint64
	told  int
}

// add puts an entry's record first.
func (g *gossip) add(e *entry) {
	g.stamp++
	e.rumour = g.stamp
	g.rumours = append(g.rumours, rumour{e: e, stamp: g.stamp})
}

// take appends to out up to room records, each told fewer than limit times
// before, other than skip's.
func (g *gossip) take(out []Member, room, limit int, skip *entry) []Member {
	i := len(g.rumours) - 1
	for ; i >= 0 && room > 0; i-- {
		r := &g.rumours[i]
		if r.e.rumour != r.stamp || r.e == skip {
			continue
		}
		out = append(out, r.e.m)
		room--
		if r.told++; r.told >= limit {
			r.e.rumour = 0
		}
	}
	g.compact(i + 1)
	return out
}

// compact drops what is void from the given place on.
func (g *gossip) compact(from int) {
	kept := g.rumours[:from]
	for _, r := range g.rumours[from:] {
		if r.e.rumour == r.stamp {
			kept = append(kept, r)
		}
	}
	clear(g.rumours[len(kept):])
	g.rumours = kept
}

// gossip returns the records for a message to the given member, nil where it
// is not known who it is: the own record, then what is believed of the
// receiver if it may want to refute it (Lifeguard's buddy system), then
// rumours.
func (t *Table) gossip(to *entry) []Member {
	if len(t.news.rumours) > 2*len(t.order)+64 {
		t.news.compact(0)
	}
	out := append(make([]Member, 0, GossipMax), t.me.m)
	if to != nil && (to.unverified || to.m.State != Alive) {
		out = append(out, told(to))
	}
	if to != nil && !to.former.ID.IsZero() {
		out = append(out, to.former)
	}
	return t.news.take(out, GossipMax-len(out), t.logTicks(), to)
}

// told returns the record as others may hear it. Of a remembered member it is
// the last version, and no word of it being down.
func told(e *entry) Member {
	m := e.m
	if e.unverified {
		m.State = Alive
	}
	return m
}
