package member

import "cmp"

// maxVersion bounds the versions that are believed, so that a refutation can
// always go above.
const maxVersion = 1 << 62

// compare orders two beliefs about one member: positive if a is the newer. The
// order is total, so that taking the greater is commutative, associative and
// idempotent, and tables converge whatever the order of the rumours.
//
// One thing is above versions: who was forgotten stays so in that incarnation,
// whatever it says of itself later, and in another until that one has taken its
// place knowing of it ([Member.Placed]). With three records of two incarnations
// that makes a circle; an entry leaves it by [entry.bans], or when the node that
// lives takes its place anew.
//
// There is no order in time between two incarnations (or addresses) of one
// version; the larger number wins for the moment. It does not matter for long:
// the node that lives hears the other record, raises its own version above
// it, and from then on wins everywhere. Who is gone raises nothing.
func compare(a, b Member) int {
	if gone := a.State == Forgotten; gone != (b.State == Forgotten) {
		switch {
		case gone && a.ends(b):
			return 1
		case !gone && b.ends(a):
			return -1
		}
	}
	return cmp.Or(
		cmp.Compare(a.Version, b.Version),
		cmp.Compare(a.State, b.State),
		cmp.Compare(a.Incarnation, b.Incarnation),
		cmp.Compare(a.Addr, b.Addr),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Domain, b.Domain),
		compareFlags(a.Serving, b.Serving),
		cmp.Compare(a.Placed, b.Placed))
}

// ends reports whether a forgotten member's record is above another's for good:
// that of the same incarnation, or of one that did not know of it when it took
// its place.
func (m Member) ends(other Member) bool {
	return m.Incarnation == other.Incarnation || other.Serving && other.Placed > 0 && m.Version >= other.Placed
}

func compareFlags(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// merge returns the newer of two beliefs.
func merge(a, b Member) Member {
	if compare(a, b) < 0 {
		return b
	}
	return a
}

// Live reports whether s is the state of who counts as present in the ring:
// alive, leaving, or suspect and not yet down.
func (s State) Live() bool { return s == Alive || s == Leaving || s == Suspect }

// valid reports whether a record can be believed at all.
func valid(m Member) bool {
	return !m.ID.IsZero() && m.Addr != "" && m.Version <= maxVersion && m.State >= Alive && m.State <= Forgotten
}

// sameNode reports whether two records speak of one process's data at one
// place.
func sameNode(a, b Member) bool { return a.Incarnation == b.Incarnation && a.Addr == b.Addr }
