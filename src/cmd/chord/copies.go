package main

import (
	"time"

	"chord/member"
	"chord/node"
	"chord/replica"
)

// quorumsView is what --output json prints of quorums.
type quorumsView struct {
	Copies int `json:"copies"`
	Write  int `json:"write"`
	Read   int `json:"read"`
}

// marginView is how far a ring is from refusing writes.
type marginView struct {
	Losses  int `json:"losses"`  // how many more members may go down, whichever they are
	Thin    int `json:"thin"`    // buckets that have a member of their group down
	Refused int `json:"refused"` // buckets to which writes are refused
}

// repairView is what comparing copies came to since the process started.
type repairView struct {
	Compared uint64     `json:"compared"` // buckets
	Keys     uint64     `json:"keys"`     // that were fetched
	Bytes    uint64     `json:"bytes"`
	Round    *time.Time `json:"round"`    // when all was compared last
	Scrubbed *time.Time `json:"scrubbed"` // when all rows were read last
	Damaged  uint64     `json:"damaged"`  // buckets with damaged rows
}

func repairOf(r node.Repair) repairView {
	return repairView{r.Compared, r.Keys, r.Bytes, timeOrNull(r.Round), timeOrNull(r.Scrubbed), r.Damaged}
}

// purgeView is how far removed keys are forgotten, of the buckets of which the node
// is the first member.
type purgeView struct {
	Waiting int      `json:"waiting"` // removed keys that are remembered
	Done    uint64   `json:"done"`    // purges since the process started
	Keys    uint64   `json:"keys"`    // that they forgot
	Blocked []string `json:"blocked"` // who must be back, or be forgotten, before more is
}

func purgeOf(p node.PurgeStatus) purgeView {
	return purgeView{p.Waiting, p.Done, p.Keys, append([]string{}, p.Blocked...)}
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// inEffect returns the quorums that a ring of these members works with.
func inEffect(q replica.Quorums, members []member.Member) replica.Quorums {
	return q.For(max(replica.NewPlacement(members, q).Len(), 1))
}
