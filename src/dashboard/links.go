package dashboard

import (
	"fmt"

	"chord/keyspace"
	"chord/ring"
)

// Link is a pointer of one member to another, as it is drawn.
type Link struct {
	Kind string      `json:"kind"` // successor, predecessor or finger
	To   keyspace.ID `json:"to"`
	Path string      `json:"path"`
	Text string      `json:"text"` // in words: which of several it is
}

// links returns the pointers of a view: the predecessor, the successors in their
// order, and the fingers that are none of these.
func links(v ring.View) []Link {
	all, drawn := []Link{}, map[keyspace.ID]bool{}
	from := angleOf(v.Self.ID)
	add := func(kind, text string, to ring.Peer) {
		if to.ID == v.Self.ID || to.ID.IsZero() {
			return
		}
		all = append(all, Link{kind, to.ID, chord(from, angleOf(to.ID)), text})
		drawn[to.ID] = true
	}
	add("predecessor", "predecessor", v.Predecessor)
	for i, p := range v.Successors {
		add("successor", fmt.Sprintf("successor %d", i+1), p)
	}
	for _, f := range v.Fingers {
		if !drawn[f.Peer.ID] {
			add("finger", "finger "+powers(f.From, f.To), f.Peer)
		}
	}
	return all
}
