package node

// Goroutines that move copies, each of which is woken when something changed.
const (
	wakeFill = iota
	wakeRelease
	wakeRepair
)

// moveCopies starts what brings copies where they should be.
func (n *Node) moveCopies() {
	n.poke()
}

// poke makes the goroutines that move copies look again.
func (n *Node) poke() {
	for _, wake := range n.wake {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

func (n *Node) hasSettled() bool {
	select {
	case <-n.settled:
		return true
	default:
		return false
	}
}

// settle notes that the buckets are here, as far as they can be had now.
func (n *Node) settle() {
	if !n.hasSettled() {
		close(n.settled)
		n.post(n.checkReady)
	}
}

func (n *Node) counts() BucketCounts {
	var c BucketCounts
	if k := n.known.Load(); k != nil {
		b := n.misplaced(k)
		c.Wanted, c.Moving = len(b.wanted), len(b.surplus)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c.Held = n.catalog.Count(2)
	return c
}
