package replica

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/member"
)

// Acknowledged is what W members of the group have, in as many domains as there
// are, up to W: whoever else says so, or says so twice.
func TestDurableAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms, q := drawMembers(t), drawQuorums(t)
		g := NewPlacement(ms, q).Group(drawBucket(t))
		ids := append([]keyspace.ID{{1}}, g.Members...)
		have := rapid.SliceOfN(rapid.SampledFrom(ids), 0, 8).Draw(t, "have")
		of := map[keyspace.ID]string{}
		for _, m := range ms {
			of[m.ID] = m.Domain
		}
		all, members, domains := map[string]bool{}, map[keyspace.ID]bool{}, map[string]bool{}
		for _, id := range g.Members {
			all[of[id]] = true
		}
		for _, id := range have {
			if g.Contains(id) {
				members[id], domains[of[id]] = true, true
			}
		}
		want := len(g.Members) > 0 && len(members) >= g.Write && len(domains) >= min(g.Write, len(all))
		if got := g.Durable(have); got != want {
			t.Fatalf("%v with %v: %v, want %v", g, have, got, want)
		}
	})
}

// Two that see different members, or work with other quorums, do not agree;
// a member of another state or address changes nothing.
func TestStamps(t *testing.T) {
	var ms []member.Member
	for i := range 6 {
		ms = append(ms, member.Member{ID: keyspace.ID{byte(40 * i)}, Domain: fmt.Sprint(i), Serving: true})
	}
	p := NewPlacement(ms, Default)
	b := keyspace.Bucket(0x2000)
	with := func(change func(ms []member.Member)) Placement {
		other := append([]member.Member(nil), ms...)
		change(other)
		return NewPlacement(other, Default)
	}
	down := with(func(ms []member.Member) { ms[1].State, ms[2].Addr, ms[2].Version = member.Down, "b:1", 7 })
	if down.Stamp() != p.Stamp() || !down.Equal(p) {
		t.Error("who is down counts no longer")
	}
	left := with(func(ms []member.Member) { ms[2].State = member.Left })
	if left.Stamp() == p.Stamp() || left.Group(b).Stamp == p.Group(b).Stamp {
		t.Error("one left, and the stamp is the same")
	}
	far := with(func(ms []member.Member) { ms[5].Serving = false })
	if far.Stamp() == p.Stamp() || far.Group(b).Stamp != p.Group(b).Stamp {
		t.Error("who is not in a group matters to it, or to no placement")
	}
	if o := NewPlacement(ms, Quorums{3, 3, 2}); o.Stamp() == p.Stamp() || o.Group(b).Stamp == p.Group(b).Stamp {
		t.Error("other quorums have the same stamp")
	}
}
