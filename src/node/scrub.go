package node

import (
	"time"

	"chord/ring"
)

// scrubEvery is how long after one scrub, which reads all rows, the next begins.
const scrubEvery = 7 * 24 * time.Hour

// scrubs is there once the store can scrub.
func (n *Node) scrubs() { _, _ = scrubEvery, ring.Member }
