package client

import (
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
)

// table is the ring as the client sees it: who holds which key, and who of them is
// asked. It is a value: another one takes its place.
type table struct {
	placement replica.Placement
	near      map[keyspace.ID]*target // by place, who is asked at all
	list      []*target               // the same
}

// newTable makes a table of what a node said. Of more members than connections a
// part is asked, another one by each client.
func newTable(s node.Status, seed uint64, connections int, reach func(addr string) *target) *table {
	t := &table{placement: replica.NewPlacement(s.Members, s.Quorums), near: make(map[keyspace.ID]*target)}
	var able []member.Member
	for _, m := range s.Members {
		if m.State == member.Alive && m.Serving {
			able = append(able, m)
		}
	}
	if len(able) > connections {
		slices.SortFunc(able, func(a, b member.Member) int { return cmp.Compare(lot(seed, a.ID), lot(seed, b.ID)) })
		able = able[:connections]
	}
	for _, m := range able {
		if to := reach(m.Addr); to != nil {
			t.near[m.ID], t.list = to, append(t.list, to)
		}
	}
	return t
}

// lot draws a number for a member, which stays the same for one client.
func lot(seed uint64, id keyspace.ID) uint64 {
	return rand.New(rand.NewPCG(seed, binary.BigEndian.Uint64(id[:8]))).Uint64()
}

// holders adds who holds the bucket: for a write in order, for a read any first, so
// that a key that is read often costs all of them. Where none of them is near,
// somebody else must do.
func (t *table) holders(r *route, b keyspace.Bucket, read bool) {
	ids := t.placement.Group(b).Members
	first := 0
	if read && len(ids) > 1 {
		first = rand.IntN(len(ids))
	}
	for i := range ids {
		r.add(t.near[ids[(first+i)%len(ids)]])
	}
	if r.n == 0 && len(t.list) > 0 {
		r.add(t.list[rand.IntN(len(t.list))])
	}
}
