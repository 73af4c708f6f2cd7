package console

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"chord/node"
	"chord/ring"
)

// url returns the address as people see it.
func url(addr string) string { return "chord://" + oneLine(addr) + "/" }

// reference returns a node as the lists below show it.
func reference(p ring.Peer) string { return p.ID.Short() + " , " + url(p.Addr) }

// firstSuccessors is how many successors refs shows unless it is asked for all:
// as many as OpenChord's list held. Ours is up to eight times as long.
const firstSuccessors = 2

// printView prints a node's pointers in OpenChord's shape; all names more
// successors than OpenChord knew.
func printView(w io.Writer, v ring.View, all bool) {
	fmt.Fprintln(w, "Node:", reference(v.Self))
	fmt.Fprintln(w, "Finger table:")
	if len(v.Fingers) == 0 {
		fmt.Fprintln(w, "  none")
	}
	for _, f := range v.Fingers {
		exponents := fmt.Sprint(f.From)
		if f.To != f.From {
			exponents = fmt.Sprintf("%d-%d", f.From, f.To)
		}
		fmt.Fprintf(w, "  %s (%s)\n", reference(f.Peer), exponents)
	}
	shown := v
	if !all {
		shown.Successors = v.Successors[:min(len(v.Successors), firstSuccessors)]
	}
	printSuccessors(w, shown)
	if more := len(v.Successors) - len(shown.Successors); more > 0 {
		fmt.Fprintf(w, "  and %d more, which -all shows\n", more)
	}
	predecessor := "none"
	if !v.Predecessor.IsZero() {
		predecessor = reference(v.Predecessor)
	}
	fmt.Fprintln(w, "Predecessor:", predecessor)
	if v.Phase != ring.Member {
		fmt.Fprintf(w, "The node is not a member of a ring now (%s).\n", v.Phase)
	}
}

// printSuccessors prints the part of a view that successors shows alone.
func printSuccessors(w io.Writer, v ring.View) {
	fmt.Fprintln(w, "Successor List:")
	if len(v.Successors) == 0 {
		fmt.Fprintln(w, "  none")
	}
	for _, p := range v.Successors {
		fmt.Fprintln(w, " ", reference(p))
	}
}

// printEntry prints a key with its values: in OpenChord's shape, which shows
// the key's identifier only, or with the key itself.
func printEntry(w io.Writer, e node.Entry, text bool) {
	values := make([]string, len(e.Values))
	for i, v := range e.Values {
		values[i] = show(v)
		if !text {
			values[i] = fmt.Sprintf("( key = %s , value = %s)", e.ID.Short(), values[i])
		}
	}
	key := e.ID.Short()
	if text {
		key = show(e.Key)
	}
	fmt.Fprintf(w, "  key = %s , value = [%s]\n", key, strings.Join(values, ", "))
}

// ordered returns the names of nodes clockwise from the zero point.
func ordered(nodes map[string]local) []string {
	return slices.SortedFunc(maps.Keys(nodes), func(a, b string) int {
		return cmp.Or(nodes[a].self.ID.Compare(nodes[b].self.ID), cmp.Compare(a, b))
	})
}
