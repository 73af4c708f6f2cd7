package replica

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/member"
)

var states = []member.State{member.Alive, member.Alive, member.Leaving, member.Suspect, member.Down, member.Left, member.Forgotten}

// drawMembers draws members of which some left, leave or are down, few domains
// among them, and some at the very first identifiers of buckets.
func drawMembers(t *rapid.T) []member.Member {
	n := rapid.IntRange(0, 9).Draw(t, "members")
	var ms []member.Member
	for i := range n {
		m := member.Member{
			ID:     keyspace.HashKey(rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "seed")),
			Name:   fmt.Sprint(i),
			Domain: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "domain"),
			State:  rapid.SampledFrom(states).Draw(t, "state"),

			Serving: rapid.IntRange(0, 4).Draw(t, "serving") > 0,
		}
		if rapid.Bool().Draw(t, "at a bucket's first identifier") {
			m.ID = keyspace.BucketOf(m.ID).First()
		}
		if !slices.ContainsFunc(ms, func(o member.Member) bool { return o.ID == m.ID }) {
			ms = append(ms, m)
		}
	}
	return ms
}

func drawBucket(t *rapid.T) keyspace.Bucket { return keyspace.Bucket(rapid.Uint16().Draw(t, "bucket")) }

// naiveOrder returns the members that count, by their distance from id.
func naiveOrder(ms []member.Member, id keyspace.ID) []member.Member {
	ms = slices.DeleteFunc(slices.Clone(ms), func(m member.Member) bool {
		return !m.Serving || m.State == member.Left || m.State == member.Leaving || m.State == member.Forgotten
	})
	slices.SortFunc(ms, func(a, b member.Member) int { return id.Distance(a.ID).Compare(id.Distance(b.ID)) })
	return ms
}

func naiveGroup(ms []member.Member, b keyspace.Bucket, r int) []keyspace.ID {
	order := naiveOrder(ms, b.First())
	var group []keyspace.ID
	taken := map[string]bool{}
	for _, distinct := range []bool{true, false} {
		for _, m := range order {
			if len(group) < r && !slices.Contains(group, m.ID) && !(distinct && taken[m.Domain]) {
				group, taken[m.Domain] = append(group, m.ID), true
			}
		}
	}
	return group
}

func TestPlacementAgainstDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms, b, q := drawMembers(t), drawBucket(t), drawQuorums(t)
		p := NewPlacement(ms, q)
		order := naiveOrder(ms, b.First())
		if p.Len() != len(order) {
			t.Fatalf("%d members count, want %d", p.Len(), len(order))
		}
		g := p.Group(b)
		if want := naiveGroup(ms, b, q.Copies); !slices.Equal(g.Members, want) {
			t.Fatalf("group %v, want %v", g.Members, want)
		}
		if len(order) > 0 && (g.Quorums != q.For(len(order)) || g.Copies != len(g.Members)) {
			t.Fatalf("quorums %v of %v with %d members, group %v", g.Quorums, q, len(order), g.Members)
		}
		owner, ok := p.Owner(b)
		if ok != (len(order) > 0) || ok && owner != order[0].ID {
			t.Fatalf("owner %v, %v of %v", owner, ok, order)
		}
		if ok && g.Members[0] != owner {
			t.Fatal("the owner is not the first of the group")
		}
		other := NewPlacement(rapid.Permutation(ms).Draw(t, "order"), q)
		if !other.Equal(p) || other.Stamp() != p.Stamp() || other.Group(b).Stamp != g.Stamp {
			t.Fatal("the order of the members matters")
		}
	})
}

func TestNeighboursAgainstDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := drawMembers(t)
		id := keyspace.HashKey(rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "id"))
		if len(ms) > 0 && rapid.Bool().Draw(t, "of a member") {
			id = ms[0].ID
		}
		p, order := NewPlacement(ms, Default), naiveOrder(ms, id)
		after, ok := p.Successor(id)
		if ok != (len(order) > 0) || ok && after != order[0].ID {
			t.Fatalf("successor %v of %v, %v", after, id, order)
		}
		if before, ok := p.Predecessor(id); ok != (len(order) > 0) || ok && before != order[len(order)-1].ID {
			t.Fatalf("predecessor %v of %v, %v", before, id, order)
		}
		var others []keyspace.ID
		for _, m := range order {
			if m.ID != id {
				others = append(others, m.ID)
			}
		}
		if got := p.Clockwise(id); !slices.Equal(got, others) {
			t.Fatalf("clockwise %v, want %v", got, others)
		}
	})
}

func TestGroups(t *testing.T) {
	at := func(first byte, domain string) member.Member {
		return member.Member{ID: keyspace.ID{first}, Name: domain, Domain: domain, Serving: true}
	}
	ms := []member.Member{at(0x10, "a"), at(0x20, "a"), at(0x30, "b"), at(0x40, "a")}
	for _, c := range []struct {
		bucket keyspace.Bucket
		r      int
		want   []byte
	}{
		{0x1000, 1, []byte{0x10}}, // its first identifier is the member's
		{0x1001, 1, []byte{0x20}},
		{0x0fff, 2, []byte{0x10, 0x30}}, // another domain before a nearer member
		{0x0fff, 3, []byte{0x10, 0x30, 0x20}},
		{0x4001, 1, []byte{0x10}}, // round the circle
		{0xffff, 9, []byte{0x10, 0x30, 0x20, 0x40}},
	} {
		var got []byte
		for _, id := range NewPlacement(ms, Quorums{c.r, c.r, 1}).Group(c.bucket).Members {
			got = append(got, id[0])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("group of bucket %04x, r = %d: %x, want %x", c.bucket, c.r, got, c.want)
		}
	}
	if got := NewPlacement(nil, Default).Group(0); got.Members != nil || got.Durable(nil) {
		t.Error("a group of nobody:", got)
	}
}

// A placement follows another where one member more or less makes the difference.
func TestFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawMembers(t), drawMembers(t)
		if rapid.Bool().Draw(t, "near") {
			after = slices.Clone(before)
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				if len(after) > 0 {
					i := rapid.IntRange(0, len(after)-1).Draw(t, "who")
					after = slices.Delete(after, i, i+1)
				}
			}
		}
		q := drawQuorums(t)
		old, now := NewPlacement(before, q), NewPlacement(after, q)
		differ := 0
		for _, pair := range [][2]Placement{{old, now}, {now, old}} {
			for _, at := range pair[0].places {
				if !slices.Contains(pair[1].places, at) {
					differ++
				}
			}
		}
		if now.Follows(old) != (differ == 1) || old.Follows(now) != (differ == 1) {
			t.Fatalf("%v to %v differ by %d", old.places, now.places, differ)
		}
		other := q
		other.Copies++
		if NewPlacement(after, other).Follows(old) {
			t.Fatal("other quorums are another change")
		}
	})
}
