package replica

import (
	"slices"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
)

// Placement says from the members who should hold which bucket. It is a value:
// make a new one when the members change.
type Placement struct {
	places  []place           // by identifier
	stands  []keyspace.Bucket // in which each of them is
	quorums Quorums           // as configured
	groups  []Group           // by the first of them: groups[i] begins with places[i]
	stamp   Stamp
}

type place struct {
	id     keyspace.ID
	domain string
}

// NewPlacement places buckets on the members that serve ([member.Member]) and
// neither left, nor are leaving, nor were forgotten. Who is down counts still: a
// crash or a partition moves no bucket.
func NewPlacement(members []member.Member, q Quorums) Placement {
	var places []place
	for _, m := range members {
		if m.Serving && m.State != member.Leaving && m.State < member.Left && !(m.State == member.Down && fault.Planted(fault.DownUnplaced)) {
			places = append(places, place{m.ID, m.Domain})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return a.id.Compare(b.id) })
	return newPlacement(places, q)
}

// With returns the placement as it would be if a member held buckets too.
func (p Placement) With(m member.Member) Placement {
	i, ok := p.search(m.ID)
	if ok {
		return p
	}
	return newPlacement(slices.Insert(slices.Clone(p.places), i, place{m.ID, m.Domain}), p.quorums)
}

func newPlacement(places []place, q Quorums) Placement {
	p := Placement{places: places, quorums: q}
	ids := make([]keyspace.ID, len(p.places))
	p.stands = make([]keyspace.Bucket, len(p.places))
	for i, at := range p.places {
		ids[i], p.stands[i] = at.id, keyspace.BucketOf(at.id)
	}
	p.stamp = stamp(q, ids)
	p.groups = make([]Group, len(p.places))
	for i := range p.groups {
		p.groups[i] = p.group(i, q.For(len(p.places)))
	}
	return p
}

// Equal reports whether both place every bucket the same.
func (p Placement) Equal(q Placement) bool {
	return p.quorums == q.quorums && slices.Equal(p.places, q.places)
}

// Follows reports whether the other became this placement by a single change: one
// member came or went. Then nothing was acknowledged in between under a third one,
// unless that one came and went.
func (p Placement) Follows(old Placement) bool {
	less, more := p.places, old.places
	if len(less) > len(more) {
		less, more = more, less
	}
	for i, at := range less {
		if at != more[i] {
			return p.quorums == old.quorums && len(less)+1 == len(more) && slices.Equal(less[i:], more[i+1:])
		}
	}
	return p.quorums == old.quorums && len(less)+1 == len(more)
}

// Len returns the number of members that hold buckets.
func (p Placement) Len() int { return len(p.places) }

// Owner returns the member that should hold b: the first clockwise from b's
// first identifier. It is false where there are no members.
func (p Placement) Owner(b keyspace.Bucket) (keyspace.ID, bool) { return p.Successor(b.First()) }

// Successor returns the first member clockwise from id. It is false where there
// are no members.
func (p Placement) Successor(id keyspace.ID) (keyspace.ID, bool) {
	if len(p.places) == 0 {
		return keyspace.ID{}, false
	}
	i, _ := p.search(id)
	return p.places[i%len(p.places)].id, true
}

// Predecessor returns the last member counter-clockwise before id, id itself
// left out unless it is the only one. It is false where there are no members.
func (p Placement) Predecessor(id keyspace.ID) (keyspace.ID, bool) {
	if len(p.places) == 0 {
		return keyspace.ID{}, false
	}
	i, _ := p.search(id)
	return p.places[(i+len(p.places)-1)%len(p.places)].id, true
}

// Stamp is of all members that hold buckets, and of the quorums.
func (p Placement) Stamp() Stamp { return p.stamp }

// Group returns the members that should hold copies of b: the first clockwise
// that stand in distinct failure domains, filled up with the next ones where
// there are too few domains. The first is the owner. It is empty where there are
// no members.
func (p Placement) Group(b keyspace.Bucket) Group {
	if len(p.groups) == 0 {
		return Group{}
	}
	return p.groups[p.first(b)]
}

func (p Placement) group(first int, q Quorums) Group {
	var chosen, rest []place
	for i := 0; i < len(p.places) && len(chosen) < q.Copies; i++ {
		at := p.places[(first+i)%len(p.places)]
		if slices.ContainsFunc(chosen, func(o place) bool { return o.domain == at.domain }) {
			rest = append(rest, at)
			continue
		}
		chosen = append(chosen, at)
	}
	g := Group{Quorums: q}
	for _, at := range append(chosen, rest[:q.Copies-len(chosen)]...) {
		g.Members, g.domains = append(g.Members, at.id), append(g.domains, at.domain)
	}
	g.Stamp = stamp(q, g.Members)
	return g
}

// Clockwise returns the members in the order in which they come after id, id
// itself left out.
func (p Placement) Clockwise(id keyspace.ID) []keyspace.ID {
	start, found := p.search(id)
	if found {
		start++
	}
	var ids []keyspace.ID
	for i := range p.places {
		if at := p.places[(start+i)%len(p.places)].id; at != id {
			ids = append(ids, at)
		}
	}
	return ids
}

// first returns the owner's place. Each operation asks for it several times.
func (p *Placement) first(b keyspace.Bucket) int {
	i, _ := slices.BinarySearch(p.stands, b)
	return i % len(p.places)
}

func (p Placement) search(id keyspace.ID) (int, bool) {
	return slices.BinarySearchFunc(p.places, id, func(at place, id keyspace.ID) int { return at.id.Compare(id) })
}
