package terminal

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"chord/node"
	"chord/ring"
)

// Status writes what a node says of itself, a line for each thing.
func Status(w io.Writer, s Style, st node.Status, now time.Time) error {
	b := bufio.NewWriter(w)
	for _, l := range s.status(st, now) {
		for i, text := range s.wrap(l.text, s.Width-statusNames) {
			name := pad([]string{l.name, ""}[min(i, 1)], statusNames, false)
			fmt.Fprintln(b, strings.TrimRight(s.paint(dim, name)+s.paint(l.colour, text), " "))
		}
	}
	return b.Flush()
}

// statusNames is the width of the column of names.
const statusNames = 13

type statusLine struct{ name, text, colour string }

func (s Style) status(st node.Status, now time.Time) (lines []statusLine) {
	line := func(name, colour, format string, args ...any) {
		lines = append(lines, statusLine{name, fmt.Sprintf(format, args...), colour})
	}
	line("node", bold, "%s at %s, in ring %s", clean(st.Self.Name), clean(st.Self.Addr), clean(st.Ring))
	line("place", plain, "%s", st.Self.ID)
	if st.Ready.IsZero() {
		line("state", yellow, "%s, not ready: %s", st.View.Phase, clean(st.Doing))
	} else {
		line("state", green, "%s, ready for %s", st.View.Phase, now.Sub(st.Ready).Round(time.Second))
	}
	if st.Doing != "" && !st.Ready.IsZero() {
		line("busy", cyan, "%s", clean(st.Doing))
	}
	line("predecessor", plain, "%s", peerText(st.View.Predecessor))
	for i, p := range st.View.Successors {
		if s.Width > 0 && i == 4 {
			line("", dim, "and %d more", len(st.View.Successors)-i)
			break
		}
		line([]string{"successors", ""}[min(i, 1)], plain, "%s", peerText(p))
	}
	line("members", plain, "%s", memberText(st.Members))
	line("quorums", plain, "%s", quorumText(st.Quorums, st.Members))
	line("losses", marginColour(st.Margin), "%s", marginText(st.Margin))
	line("copies", copiesColour(st.Buckets), "%s", s.copies(st.Buckets))
	line("repair", warned(st.Repair.Damaged > 0), "%s", repairText(st.Repair, now))
	line("removed", plain, "%s", purgeText(st.Purge))
	line("tls", securityColour(st.Security, now), "%s", securityText(st.Security, now))
	line("served", plain, "%s", doneText(st.Done))
	line("keys", plain, "%d, with %d bytes of values", st.Store.Keys, st.Store.ValueBytes)
	line("database", warned(warnings(st.Store) != ""), "%s, %.1f MiB%s", clean(st.Store.Path), float64(st.Store.FileBytes)/(1<<20), warnings(st.Store))
	return lines
}

// copies adds a bar while copies are filled.
func (s Style) copies(b node.BucketCounts) string {
	if s.Width > 0 && b.Wanted > 0 {
		return s.gauge(float64(b.Held)/float64(b.Held+b.Wanted), 20) + "  " + copiesText(b)
	}
	return copiesText(b)
}

func copiesColour(b node.BucketCounts) string {
	if b.Wanted+b.Moving > 0 {
		return cyan
	}
	return plain
}

func marginColour(m node.Margin) string {
	switch {
	case m.Refused > 0:
		return red
	case m.Losses == 0:
		return yellow
	}
	return green
}

func warned(yes bool) string {
	if yes {
		return red
	}
	return plain
}

func peerText(p ring.Peer) string {
	if p == (ring.Peer{}) {
		return "none"
	}
	return p.ID.Short() + " at " + clean(p.Addr)
}
