package terminal

import (
	"fmt"
	"strings"
	"time"

	"chord/member"
	"chord/node"
	"chord/replica"
)

func quorumText(q replica.Quorums, members []member.Member) string {
	text := fmt.Sprintf("%d copies, %d written, %d read", q.Copies, q.Write, q.Read)
	if now := q.For(max(replica.NewPlacement(members, q).Len(), 1)); now != q {
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
		text += "; more once these are back, or forgotten: " + clean(strings.Join(p.Blocked, ", "))
	}
	return text
}

// memberText counts members by state, and names those who are not there.
func memberText(members []member.Member) string {
	counts := make(map[member.State]int)
	names := make(map[member.State][]string)
	for _, m := range members {
		counts[m.State]++
		names[m.State] = append(names[m.State], clean(m.Name))
	}
	var parts []string
	for s := member.Alive; s <= member.Forgotten; s++ {
		if counts[s] == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", counts[s], s)
		if s == member.Suspect || s == member.Down || s == member.Leaving {
			part += " (" + listed(names[s], 5) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// listed names the first of some.
func listed(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func warnings(s node.StoreStatus) string {
	text := ""
	if s.Unsynced {
		text += "; NOT SYNCED: a power cut loses what was acknowledged"
	}
	if s.ReadOnly {
		text += "; READ-ONLY: no room left for inserts"
	}
	return text
}

// doneText says what clients had the node do.
func doneText(c node.Counters) string {
	ops := c.Reads + c.Writes
	text := fmt.Sprintf("%s reads, %s writes of clients", number(c.Reads), number(c.Writes))
	if ops > 0 {
		text += fmt.Sprintf(", %s each", latency(c.Took, ops))
	}
	if c.Failed > 0 {
		text += fmt.Sprintf("; %s failed", number(c.Failed))
	}
	return text
}

// latency writes the mean time of some operations.
func latency(took time.Duration, n uint64) string {
	if n == 0 {
		return "-"
	}
	mean := float64(took) / float64(n) / float64(time.Millisecond)
	switch {
	case mean < 10:
		return fmt.Sprintf("%.2f ms", mean)
	case mean < 1000:
		return fmt.Sprintf("%.0f ms", mean)
	}
	return fmt.Sprintf("%.1f s", mean/1000)
}
