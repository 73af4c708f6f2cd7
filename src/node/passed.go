package node

import (
	"chord/keyspace"
	"chord/member"
)

// places reports whether a member holds buckets by its record.
func places(m member.Member) bool {
	return m.Serving && m.State != member.Leaving && m.State < member.Left
}

// passed reports whether a member was placed for a while that none of the two
// tables shows: it came and went, or went and came. Its record says so.
func passed(before, now []member.Member) bool {
	known := byID(before)
	for _, m := range now {
		if old := known[m.ID]; m.Placed != old.Placed && (places(old) || !places(m)) {
			return true
		}
	}
	return false
}

// everPlaced returns, as placed, who is so in one of two tables, or was in between.
func everPlaced(before, now []member.Member) (all []member.Member) {
	known := byID(before)
	for _, m := range now {
		old := known[m.ID]
		delete(known, m.ID)
		if places(m) || places(old) || m.Placed != old.Placed {
			m.Serving, m.State = true, member.Alive
			all = append(all, m)
		}
	}
	for _, m := range known {
		if places(m) {
			all = append(all, m)
		}
	}
	return all
}

func byID(members []member.Member) map[keyspace.ID]member.Member {
	known := make(map[keyspace.ID]member.Member, len(members))
	for _, m := range members {
		known[m.ID] = m
	}
	return known
}
