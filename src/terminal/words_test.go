package terminal

import (
	"strings"
	"testing"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
)

func membersOf(states ...member.State) (members []member.Member) {
	for i, s := range states {
		members = append(members, member.Member{ID: keyspace.ID{byte(i + 1)}, Name: s.String(), Addr: s.String() + ":1", State: s})
	}
	return members
}

// Small rings work with fewer copies, and the status says so; who does not serve
// yet or left does not count, who is down does.
func TestQuorumText(t *testing.T) {
	serving := func(states ...member.State) []member.Member {
		members := membersOf(states...)
		for i := range members {
			members[i].Serving = true
		}
		return members
	}
	for _, c := range []struct {
		members []member.Member
		want    string
	}{
		{serving(member.Alive, member.Down, member.Suspect), "3 copies, 2 written, 2 read"},
		{serving(member.Alive, member.Down), "3 copies, 2 written, 2 read; with so few nodes 2, 2 and 2"},
		{serving(member.Alive, member.Left, member.Forgotten, member.Leaving), "3 copies, 2 written, 2 read; with so few nodes 1, 1 and 1"},
		{append(serving(member.Alive, member.Alive), membersOf(member.Alive)...), "3 copies, 2 written, 2 read; with so few nodes 2, 2 and 2"},
		{nil, "3 copies, 2 written, 2 read; with so few nodes 1, 1 and 1"},
	} {
		if got := quorumText(replica.Default, c.members); got != c.want {
			t.Errorf("%v: %q, want %q", c.members, got, c.want)
		}
	}
}

func TestMarginText(t *testing.T) {
	for want, m := range map[string]node.Margin{
		"any one node more": {Losses: 1, Thin: 7}, "any 2 nodes more": {Losses: 2}, "none can be borne": {Thin: 65536}, "TOO MANY: writes to 12 of": {Thin: 99, Refused: 12},
	} {
		if got := marginText(m); !strings.HasPrefix(got, want) {
			t.Errorf("%+v: %q", m, got)
		}
	}
}

func TestRepairText(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	r := node.Repair{Compared: 9, Keys: 3, Bytes: 3 << 19}
	if got := repairText(r, now); got != "9 buckets compared, 3 keys (1.5 MiB) fetched" {
		t.Error(got)
	}
	r.Round, r.Damaged = now.Add(-90*time.Second), 1
	if got := repairText(r, now); !strings.Contains(got, "; all of them 1m30s ago; 1 BUCKETS HAD DAMAGED ROWS") {
		t.Error(got)
	}
}

func TestCopiesText(t *testing.T) {
	b := node.BucketCounts{Held: 5, Wanted: 2, Moving: 1}
	if got := copiesText(b); got != "5 synced, 2 to be filled, 1 surplus" {
		t.Error(got)
	}
	b.StandIns = 1
	if got := copiesText(b); !strings.HasSuffix(got, "1 surplus, 1 of them for members that died") {
		t.Error(got)
	}
}

func TestPurgeText(t *testing.T) {
	p := node.PurgeStatus{Waiting: 4, Keys: 7, Done: 2}
	if got := purgeText(p); got != "4 keys remembered, 7 forgotten" {
		t.Error(got)
	}
	p.Blocked = []string{"a", "b"}
	if got := purgeText(p); !strings.HasSuffix(got, "; more once these are back, or forgotten: a, b") {
		t.Error(got)
	}
}
