package ring

import (
	"slices"

	"chord/keyspace"
)

// Route answers who follows target, or who is nearer to it. Peers that are Down
// are left out. The list in the answer is shared: read only.
func (r *Ring) Route(target keyspace.ID) Route {
	switch {
	case r.phase != Member, r.isolated() && !r.fallback().IsZero():
		return Route{Pending: true}
	case r.alone():
		return Route{Found: true, Hops: []Peer{r.self}}
	case target == r.self.ID, !r.pred.IsZero() && keyspace.Arc{Start: r.pred.ID, End: r.self.ID}.Contains(target):
		return Route{Found: true, Hops: append([]Peer{r.self}, r.live()...)}
	case keyspace.Arc{Start: r.self.ID, End: r.succ[0].ID}.Contains(target):
		return Route{Found: true, Hops: r.live()}
	}
	if list, i := r.split(target); i < len(list) {
		hops := slices.Clone(list)
		slices.Reverse(hops[:i])
		return Route{Hops: hops}
	}
	return Route{Hops: r.preceding(target)}
}

// split returns the live successors and how many of them precede target.
func (r *Ring) split(target keyspace.ID) (list []Peer, i int) {
	list = r.live()
	for i < len(list) && keyspace.Between(r.self.ID, list[i].ID, target) {
		i++
	}
	return list, i
}

// live returns the successors that are not Down.
func (r *Ring) live() []Peer {
	if len(r.down) == 0 || !slices.ContainsFunc(r.succ, r.isDown) {
		return r.succ
	}
	return slices.DeleteFunc(slices.Clone(r.succ), r.isDown)
}

// preceding returns the fingers and successors that come last before target.
func (r *Ring) preceding(target keyspace.ID) []Peer {
	hops := make([]Peer, 0, RouteHops)
	for i := len(r.fingers) - 1; i >= 0; i-- {
		hops = r.closer(hops, r.fingers[i].Peer, target)
	}
	for i := len(r.succ) - 1; i >= 0; i-- {
		hops = r.closer(hops, r.succ[i], target)
	}
	return hops
}

// closer inserts p into hops, which are ordered, the nearest to target first, if
// it lies in (self, target), is not Down, and belongs to the nearest.
func (r *Ring) closer(hops []Peer, p Peer, target keyspace.ID) []Peer {
	if !keyspace.Between(r.self.ID, p.ID, target) || r.isDown(p) {
		return hops
	}
	i := len(hops)
	for i > 0 && keyspace.Between(hops[i-1].ID, p.ID, target) {
		i--
	}
	if i == RouteHops || i > 0 && hops[i-1].ID == p.ID {
		return hops
	}
	return slices.Insert(hops[:min(len(hops), RouteHops-1)], i, p)
}
