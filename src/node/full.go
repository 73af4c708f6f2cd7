package node

import (
	"sync"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/store"
)

// fullFor is for how long a member that had no room for an insert is not counted
// on for others.
const fullFor = 5 * time.Second

// fullDisks remembers which members had no room, so that what would end on too few
// disks is refused before it is on one. Its zero value is ready, and it is safe
// for concurrent use.
type fullDisks struct {
	mu    sync.Mutex
	until map[keyspace.ID]time.Time
}

// note hears what became of a write to a member.
func (d *fullDisks) note(id keyspace.ID, err error) {
	if err == nil || KindOf(err) != ReadOnly {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.until == nil {
		d.until = make(map[keyspace.ID]time.Time)
	}
	d.until[id] = time.Now().Add(fullFor)
}

func (d *fullDisks) has(id keyspace.ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	until, ok := d.until[id]
	return ok && time.Now().Before(until)
}

// tooFull returns an error where an operation brings a value that a write quorum
// has no room for.
func (n *Node) tooFull(at place, op Op) error {
	if op.Kind != Insert && op.Kind != Put {
		return nil
	}
	var room []keyspace.ID
	for _, id := range at.group.Members {
		if m, ok := at.known.member(id); ok && m.State != member.Down && !n.full.has(id) {
			room = append(room, id)
		}
	}
	if at.group.Durable(room) {
		return nil
	}
	return &Error{
		Kind: ReadOnly, Text: "too many of the members that hold the key have no room left on their disks for inserts",
		Remedy: hintOf(storeError(store.ErrNoSpace)),
	}
}
