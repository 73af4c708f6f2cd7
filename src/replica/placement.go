package replica

import (
	"slices"

	"chord/keyspace"
	"chord/member"
)

// Placement says who should hold which bucket. It is a value: make a new one
// when the members change.
type Placement struct {
	places []place // by identifier
}

type place struct {
	id     keyspace.ID
	domain string
}

// NewPlacement places buckets on the members that joined and neither left nor
// are leaving. Who is down counts still: a crash or a partition moves no bucket.
func NewPlacement(members []member.Member) Placement {
	var p Placement
	for _, m := range members {
		if m.State != member.Left && m.State != member.Leaving {
			p.places = append(p.places, place{m.ID, m.Domain})
		}
	}
	slices.SortFunc(p.places, func(a, b place) int { return a.id.Compare(b.id) })
	return p
}

// Equal reports whether both place every bucket the same.
func (p Placement) Equal(q Placement) bool { return slices.Equal(p.places, q.places) }

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

// Group returns the r members that should hold copies of b: the first clockwise
// that stand in distinct failure domains, filled up with the next ones where
// there are fewer domains than r. The first is the owner.
func (p Placement) Group(b keyspace.Bucket, r int) []keyspace.ID {
	if r = min(r, len(p.places)); r <= 0 {
		return nil
	}
	var group, rest []keyspace.ID
	var domains []string
	for i := 0; i < len(p.places) && len(group) < r; i++ {
		at := p.places[(p.first(b)+i)%len(p.places)]
		if slices.Contains(domains, at.domain) {
			rest = append(rest, at.id)
			continue
		}
		group, domains = append(group, at.id), append(domains, at.domain)
	}
	return append(group, rest[:r-len(group)]...)
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

func (p Placement) first(b keyspace.Bucket) int {
	i, _ := p.search(b.First())
	return i % len(p.places)
}

func (p Placement) search(id keyspace.ID) (int, bool) {
	return slices.BinarySearchFunc(p.places, id, func(at place, id keyspace.ID) int { return at.id.Compare(id) })
}
