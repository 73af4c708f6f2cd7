package sim

import (
	"context"
	"encoding/binary"
	"fmt"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
)

// copies is r: how many copies a server keeps of a key by default.
const copies = 3

// LostPoint is the share of keys all of whose copies were on nodes that failed,
// with one copy and with three.
type LostPoint struct {
	Share float64 `json:"share"`
	One   float64 `json:"one_copy"`
	Three float64 `json:"three_copies"`
}

func (f *Failures) lostJobs(o Options) (all []job) {
	f.LostNodes = o.Nodes
	f.Lost = make([]*LostPoint, len(failedPercents)-1)
	for i, percent := range failedPercents[1:] {
		all = append(all, job{cost: o.Nodes / 10, work: func(ctx context.Context) func() {
			point := lostPoint(ctx, o, percent)
			if ctx.Err() != nil {
				return nil
			}
			return func() { f.Lost[i] = point }
		}})
	}
	return all
}

func lostPoint(ctx context.Context, o Options, percent int) *LostPoint {
	p := &LostPoint{Share: float64(percent) / 100}
	rng := o.rand("lost", percent)
	failed := map[keyspace.ID]bool{}
	var members []member.Member
	for _, i := range rng.Perm(o.Nodes) {
		name := fmt.Sprint("n", i)
		id := keyspace.HashNode(fmt.Sprint("ring ", o.Seed, percent), name, 0)
		failed[id] = len(members) < o.Nodes*percent/100
		members = append(members, member.Member{ID: id, Name: name, Domain: name, Serving: true})
	}
	placement := replica.NewPlacement(members, replica.Quorums{Copies: copies, Write: 1, Read: 1})
	gone := make([]bool, keyspace.Buckets)
	for b := range gone {
		gone[b] = true
		for _, id := range placement.Group(keyspace.Bucket(b)).Members {
			gone[b] = gone[b] && failed[id]
		}
	}
	var key [16]byte
	binary.BigEndian.PutUint64(key[:], rng.Uint64())
	for n := 0; n < o.Keys && ctx.Err() == nil; n++ {
		binary.BigEndian.PutUint64(key[8:], uint64(n))
		id := keyspace.HashKey(key[:])
		if owner, _ := placement.Successor(id); failed[owner] {
			p.One += 1 / float64(o.Keys)
		}
		if gone[keyspace.BucketOf(id)] {
			p.Three += 1 / float64(o.Keys)
		}
	}
	return p
}

func (f *Failures) lostTable() Table {
	t := Table{
		Title:   fmt.Sprintf("failures: keys lost when a share of %d nodes fails at once", f.LostNodes),
		Columns: []string{"failed", "paper", "one copy", "three copies", "share cubed"},
		Notes: []string{"The paper (SIGCOMM 2001, Fig. 11): with single copies as many keys are lost as nodes, and no lookup fails",
			"for another reason. Three copies, by bucket on distinct hosts, are what a server keeps by default."},
	}
	for _, p := range f.Lost {
		t.Rows = append(t.Rows, []string{percent(p.Share), num(100*p.Share, 1) + " %", num(100*p.One, 2) + " %",
			num(100*p.Three, 2) + " %", num(100*p.Share*p.Share*p.Share, 2) + " %"})
	}
	return t
}
