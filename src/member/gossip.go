package member

// GossipMax is the most records that a message carries beside a whole table.
const GossipMax = 8

// gossip holds what is to be told on: rumours by how often they were told. The
// least told go first, of these the newest.
type gossip struct {
	told  [][]rumour
	size  int
	stamp uint64
}

// rumour points at the entry whose record, as it is when told, is spread. It
// is void once the entry has a newer one.
type rumour struct {
	e     *entry
	stamp uint64
}

// add puts an entry's record first.
func (g *gossip) add(e *entry) {
	g.stamp++
	e.rumour = g.stamp
	g.put(rumour{e, g.stamp}, 0)
}

func (g *gossip) put(r rumour, level int) {
	for len(g.told) <= level {
		g.told = append(g.told, nil)
	}
	g.told[level] = append(g.told[level], r)
	g.size++
}

// take appends to out up to room records, each told fewer than limit times
// before, other than skip's.
func (g *gossip) take(out []Member, room, limit int, skip *entry) []Member {
	var again []rumour
	var levels []int
	for level := 0; level < len(g.told) && room > 0; level++ {
		for room > 0 && len(g.told[level]) > 0 {
			last := len(g.told[level]) - 1
			r := g.told[level][last]
			g.told[level] = g.told[level][:last]
			g.size--
			switch {
			case r.e.rumour != r.stamp: // void
				continue
			case r.e == skip:
				again, levels = append(again, r), append(levels, level)
				continue
			case level+1 < limit:
				again, levels = append(again, r), append(levels, level+1)
			default:
				r.e.rumour = 0
			}
			out = append(out, r.e.m)
			room--
		}
	}
	for i, r := range again {
		g.put(r, levels[i])
	}
	return out
}

// compact drops what is void.
func (g *gossip) compact() {
	g.size = 0
	for level, rs := range g.told {
		kept := rs[:0]
		for _, r := range rs {
			if r.e.rumour == r.stamp {
				kept = append(kept, r)
			}
		}
		clear(rs[len(kept):])
		g.told[level] = kept
		g.size += len(kept)
	}
}

// gossip returns the records for a message to the given member, nil where it
// is not known who it is: the own record, then what is believed of the
// receiver if it may want to refute it (Lifeguard's buddy system), then
// rumours.
func (t *Table) gossip(to *entry) []Member {
	if t.news.size > 2*len(t.order)+64 {
		t.news.compact()
	}
	out := append(make([]Member, 0, GossipMax), t.me.m)
	if to != nil && (to.unverified || to.m.State != Alive) {
		out = append(out, told(to))
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
