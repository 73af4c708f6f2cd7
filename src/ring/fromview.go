package ring

import "slices"

// FromView returns a node that is in a given state already, for simulations: to
// build a ring of thousands takes one call each instead of hours of virtual time.
func FromView(c Config, v View) *Ring {
	r := New(c)
	r.phase, r.pred, r.succ = v.Phase, v.Predecessor, slices.Clone(v.Successors)
	for _, f := range v.Fingers {
		if f.Peer != r.succ[0] {
			r.fingers = append(r.fingers, f)
		}
	}
	r.reported = pointers{r.phase, r.pred, r.succ}
	return r
}
