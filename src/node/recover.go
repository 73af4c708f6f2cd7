package node

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// errRecovering refuses everything about buckets until it is known which of
// those in the backup are this node's still.
var errRecovering = &Error{
	Kind:   Unavailable,
	Text:   "this node was restored from a backup and has not heard yet what happened since",
	Remedy: "its status says whom it waits for: start them, or restore once more without those that are gone for good",
}

// recoverRounds is how many periods a restored node is a member at least before
// it takes the members that it knows of for all.
const recoverRounds = 5

// recover, in a node that was restored from a backup, asks all members what
// they know of its buckets and settles what becomes of each. As long as one
// does not answer, that one might hold any of them: nothing is served.
func (n *Node) recover() {
	if !n.recovering.Load() {
		return
	}
	r := recovery{node: n, answers: make(map[keyspace.ID]answered), left: make(map[keyspace.ID]bool)}
	tick := time.NewTicker(n.cfg.Period)
	defer tick.Stop()
	for rounds := 0; ; rounds++ {
		if n.known.Load().view.Phase != ring.Member && !n.restored.Alone {
			rounds = 0
		}
		waits, asked := r.round()
		if waits == "" && !asked && (rounds >= recoverRounds || n.restored.Alone) && r.close() {
			if err := r.settle(); err == nil {
				n.log.Info("restored from a backup; it is settled what became of its buckets", "held", n.counts().Held, "asked", len(r.answers))
				n.do("")
				return
			} else {
				n.noteError(err)
			}
		}
		n.do("restored from a backup: asking the members what happened since" + waits)
		select {
		case <-tick.C:
		case <-n.ctx.Done():
			return
		}
	}
}

// moveBuckets takes part in moving buckets, once it is settled which are here.
func (n *Node) moveBuckets() {
	n.recover()
	if !n.recovering.Load() {
		n.spawn(n.pushes)
		n.spawn(n.pulls)
		n.poke()
	}
}

// recovery is what a restored node has learned so far.
type recovery struct {
	node    *Node
	mu      sync.Mutex
	answers map[keyspace.ID]answered
	left    map[keyspace.ID]bool // who had left when it was looked at last
	heard   [keyspace.Buckets]replica.Recall
}

// answered is which life of a member answered, and which one had asked this
// node before: who was restored since is asked again.
type answered struct{ incarnation, fence uint64 }

func (r *recovery) fence(id keyspace.ID) uint64 {
	r.node.mu.Lock()
	defer r.node.mu.Unlock()
	return r.node.fences[id]
}

// close lets nobody ask this node any more until all is settled, unless one who
// asked was asked itself before that.
func (r *recovery) close() bool {
	r.node.mu.Lock()
	defer r.node.mu.Unlock()
	for id, a := range r.answers {
		if r.node.fences[id] != a.fence {
			return false
		}
	}
	r.node.settling = true
	return true
}

// round asks those who have not answered yet, and says whom it waits for:
// nothing where all have answered. Asked reports whether there was one to ask.
func (r *recovery) round() (waits string, asked bool) {
	k := r.node.known.Load()
	r.startOver(k.members)
	var silent []string
	var asking sync.WaitGroup
	asks := 0
	for _, m := range k.members {
		if !r.node.restored.asks(k.self.ID, m) {
			continue
		}
		asks++
		if a, ok := r.answers[m.ID]; ok && a == (answered{m.Incarnation, r.fence(m.ID)}) {
			continue
		}
		asked = true
		asking.Go(func() {
			if err := r.ask(k.self, m); err != nil {
				r.node.log.Debug("a member does not say what it knows", "name", m.Name, "addr", m.Addr, "err", err)
				r.mu.Lock()
				defer r.mu.Unlock()
				silent = append(silent, m.Name)
			}
		})
	}
	asking.Wait()
	slices.Sort(silent)
	switch {
	case asks == 0 && !r.node.restored.Alone:
		waits = ", but it knows of none; restore with --alone if there is none any more"
	case len(silent) > 0:
		waits = "; waiting for " + strings.Join(silent, ", ")
	}
	return waits, asked
}

// startOver forgets all answers where a member left without one: it may have
// handed a bucket to one who answered before.
func (r *recovery) startOver(members []member.Member) {
	again := false
	for _, m := range members {
		if m.State != member.Left || r.left[m.ID] {
			continue
		}
		r.left[m.ID] = true
		if _, ok := r.answers[m.ID]; !ok && len(r.answers) > 0 {
			again = true
		}
	}
	if again {
		clear(r.answers)
		clear(r.heard[:])
	}
}

func (r *recovery) ask(self, m member.Member) error {
	ctx, cancel := context.WithTimeout(r.node.ctx, 5*r.node.cfg.Period)
	defer cancel()
	fence := r.fence(m.ID)
	answer, err := r.node.cfg.Dialer.Dial(m.Addr).Recall(ctx, self)
	if err != nil {
		return err
	}
	r.node.post(func() { r.node.table.Learn(answer.Members) })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[m.ID] = answered{m.Incarnation, fence}
	for _, known := range answer.Buckets {
		one := replica.Known{Node: m.ID, State: known.State, Epoch: known.Epoch, To: known.To}
		for b := int(known.First); b <= int(known.Last); b++ {
			r.heard[b].Hear(self.ID, one)
		}
	}
	return nil
}

// settleBuckets is how many buckets one transaction settles.
const settleBuckets = 4096

// settle makes durable what becomes of each bucket, and takes up the work of a
// node. Where it is interrupted it can begin again, with new answers.
func (r *recovery) settle() error {
	n := r.node
	for first := 0; first < keyspace.Buckets; first += settleBuckets {
		err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error {
			for b := first; b < first+settleBuckets; b++ {
				h, err := n.holdingOf(&tx.View, keyspace.Bucket(b))
				if err != nil {
					return err
				}
				if next := h.Recover(n.cfg.ID, r.heard[b]); next != h {
					if err := tx.SetNote(keyspace.Bucket(b), next.Encode()); err != nil {
						return err
					}
				}
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
	if err := n.cfg.Store.Update(n.ctx, store.Change{Do: func(tx *store.Tx) error { return tx.SetMeta(metaRestored, nil) }}); err != nil {
		return err
	}
	if err := n.loadLedger(); err != nil {
		return err
	}
	n.recovering.Store(false)
	return nil
}
