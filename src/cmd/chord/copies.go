package main

import (
	"fmt"
	"strings"
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
	serving := 0
	for _, m := range members {
		if m.Serving && m.State < member.Left && m.State != member.Leaving {
			serving++
		}
	}
	return q.For(max(serving, 1))
}

func quorumText(q replica.Quorums, members []member.Member) string {
	text := fmt.Sprintf("%d copies, %d written, %d read", q.Copies, q.Write, q.Read)
	if now := inEffect(q, members); now != q {
		text += fmt.Sprintf("; with so few nodes %d, %d and %d", now.Copies, now.Write, now.Read)
	}
	return text
}

func copiesText(b node.BucketCounts) string {
	text := fmt.Sprintf("%d synced, %d to be filled, %d surplus", b.Held, b.Wanted, b.Moving)
	if b.StandIns > 0 {
		text += fmt.Sprintf(", %d of them for members that died", b.StandIns)
	}
	return text
}

func marginText(m node.Margin) string {
	switch {
	case m.Refused > 0:
		return fmt.Sprintf("TOO MANY: writes to %d of the buckets are refused", m.Refused)
	case m.Losses == 0:
		return "none can be borne: with one more node down writes would be refused"
	case m.Losses == 1:
		return "any one node more"
	}
	return fmt.Sprintf("any %d nodes more", m.Losses)
}

func repairText(r node.Repair, now time.Time) string {
	text := fmt.Sprintf("%d buckets compared, %d keys (%.1f MiB) fetched", r.Compared, r.Keys, float64(r.Bytes)/(1<<20))
	if !r.Round.IsZero() {
		text += fmt.Sprintf("; all of them %s ago", now.Sub(r.Round).Round(time.Second))
	}
	if r.Damaged > 0 {
		text += fmt.Sprintf("; %d BUCKETS HAD DAMAGED ROWS: look at the disk", r.Damaged)
	}
	return text
}

func purgeText(p node.PurgeStatus) string {
	text := fmt.Sprintf("%d keys remembered, %d forgotten", p.Waiting, p.Keys)
	if len(p.Blocked) > 0 {
		text += "; more once these are back, or forgotten: " + strings.Join(p.Blocked, ", ")
	}
	return text
}
