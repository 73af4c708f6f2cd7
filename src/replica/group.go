package replica

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"chord/keyspace"
)

// Stamp is a short hash of who holds what: two nodes with the same one agree.
type Stamp [8]byte

// Group is who should hold the copies of a bucket. It is shared: nobody writes
// to its slices.
type Group struct {
	// Quorums are those in effect.
	Quorums
	// Members stand in the order in which they are asked: the owner first.
	Members []keyspace.ID
	// Stamp is of the members and the quorums.
	Stamp   Stamp
	domains []string // of the members
}

// Contains reports whether id is a member.
func (g Group) Contains(id keyspace.ID) bool { return slices.Contains(g.Members, id) }

// Durable reports whether a write is acknowledged that these members have on
// disk: a write quorum, in distinct failure domains as far as there are enough.
// Who is no member does not count, nor does anybody twice.
func (g Group) Durable(have []keyspace.ID) bool {
	members, domains := 0, 0
	for i, m := range g.Members {
		if !slices.Contains(have, m) {
			continue
		}
		members++
		if !g.before(i, have) {
			domains++
		}
	}
	return g.Write > 0 && members >= g.Write && domains >= min(g.Write, g.distinct())
}

// before reports whether a member before the i-th is in its domain and has it.
func (g Group) before(i int, have []keyspace.ID) bool {
	for j := range i {
		if g.domains[j] == g.domains[i] && slices.Contains(have, g.Members[j]) {
			return true
		}
	}
	return false
}

// distinct returns in how many failure domains the members stand.
func (g Group) distinct() int {
	n := 0
	for i := range g.domains {
		if !slices.Contains(g.domains[:i], g.domains[i]) {
			n++
		}
	}
	return n
}

// stamp hashes quorums and members.
func stamp(q Quorums, members []keyspace.ID) Stamp {
	h := sha256.New()
	for _, n := range []int{q.Copies, q.Write, q.Read} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(n)))
	}
	for _, m := range members {
		h.Write(m[:])
	}
	return Stamp(h.Sum(nil))
}
