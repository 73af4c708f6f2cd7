package node

import (
	"context"
	"iter"
	"slices"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/ring"
	"chord/store"
)

// Status is a snapshot of what a node knows of itself, for people and
// programs.
type Status struct {
	Ring    string
	Self    member.Member
	View    ring.View
	Members []member.Member
	// Since is when the process started; Ready when it was joined and held all
	// its buckets for the first time, zero before.
	Since, Ready time.Time
	// Quorums are those that the node is configured with.
	Quorums replica.Quorums
	Buckets BucketCounts
	Margin  Margin
	Repair  Repair
	Purge   PurgeStatus
	Store   StoreStatus
	Done    Counters
	// Security is how the connections are secured.
	Security Security
	// Doing says in a line what the node is busy with, for STATUS lines and logs.
	Doing string
}

// BucketCounts says how far responsibility and possession agree.
type BucketCounts struct {
	// Held buckets have a synced copy here: whole, as far as a quorum of such
	// copies tells.
	Held int
	// Wanted buckets should have one and have not.
	Wanted int
	// Moving buckets have a copy here that belongs elsewhere: it goes once all who
	// should have it have confirmed its content.
	Moving int
	// StandIns of these are kept in the place of members that died.
	StandIns int
}

// Margin says how far the whole ring is from losing service, as this node sees
// the members.
type Margin struct {
	// Losses is how many more members may go down, whichever they are, before
	// writes to some bucket are refused.
	Losses int
	// Thin buckets have a member of their group down; Refused ones so many that
	// writes are refused.
	Thin, Refused int
}

// StoreStatus is what the database says of itself.
type StoreStatus struct {
	Path       string
	Keys       uint64
	ValueBytes uint64
	FileBytes  int64
	// Unsynced is set where nothing is synced to disk, for development only.
	Unsynced bool
	// ReadOnly is set while there is no room for inserts.
	ReadOnly bool
}

// Security says how a node's connections are secured: by TLS, as far as the mode
// says, which is off, accept, prefer or require.
type Security struct {
	Mode        string
	Certificate string    // the identity in it, chord:RING/node/NAME; empty: there is none
	Expires     time.Time // the first of the certificates that are shown; zero: none
	CAs         []string  // the names of those that are trusted
	Refused     uint64    // how often somebody was refused since the process started
}

// Entry is a key with its set of values.
type Entry struct {
	ID     keyspace.ID
	Key    []byte
	Values [][]byte
}

// Trace is a lookup and what it took.
type Trace struct {
	Target     keyspace.ID
	Owner      ring.Peer
	Successors []ring.Peer // who follows the owner
	Steps      []TraceStep
}

// TraceStep is one question of a lookup.
type TraceStep struct {
	Asked ring.Peer
	Took  time.Duration
	Err   string // why it did not help, or empty
}

// Status returns a snapshot.
func (n *Node) Status() Status {
	identity, stats := n.cfg.Store.Identity(), n.cfg.Store.Stats()
	s := Status{
		Ring:    identity.Ring,
		Self:    member.Member{ID: identity.ID, Name: identity.Name, Addr: n.cfg.Addr, Domain: n.cfg.Domain},
		Since:   n.since,
		Quorums: n.cfg.Quorums,
		Buckets: n.counts(),
		Repair:  n.progress.get(),
		Done:    n.counters.get(),
		Store: StoreStatus{
			Path: stats.Path, Keys: stats.Keys, ValueBytes: stats.Bytes, FileBytes: stats.FileBytes,
			Unsynced: stats.Unsynced, ReadOnly: stats.ReadOnly,
		},
	}
	if n.cfg.Security != nil {
		s.Security = n.cfg.Security()
	}
	if k := n.known.Load(); k != nil {
		s.Self, s.View, s.Members, s.Margin = k.self, k.view, n.Members(), margin(k)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s.Ready, s.Doing, s.Purge = n.ready, n.doing, n.purge
	return s
}

// Members returns everybody in the membership table, by identifier.
func (n *Node) Members() []member.Member {
	k := n.known.Load()
	if k == nil {
		return nil
	}
	return slices.Clone(k.members)
}

// View returns the node's pointers on the ring.
func (n *Node) View() ring.View {
	if k := n.known.Load(); k != nil {
		return k.view
	}
	return ring.View{}
}

// Alive returns nil if the event loop answers and a write reaches the disk.
func (n *Node) Alive(ctx context.Context) error {
	select {
	case <-n.up:
		if err := n.ask(ctx, func() {}); err != nil {
			return err
		}
	default: // it waits for a bootstrap node, which is no fault of its own
	}
	beat := time.Now().UTC().AppendFormat(nil, time.RFC3339)
	return storeError(n.cfg.Store.Update(ctx, store.Change{Do: func(tx *store.Tx) error {
		return tx.SetMeta("alive", beat)
	}}))
}

// entriesPage is how many keys one read transaction of Entries covers.
const entriesPage = 256

// Entries returns the keys whose buckets this node holds, by identifier.
func (n *Node) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		from, more := keyspace.ID{}, true
		for more {
			var page []Entry
			err := n.cfg.Store.View(func(v *store.View) error {
				var err error
				page, from, more, err = n.page(v, from)
				return err
			})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Entry{}, storeError(err))
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// page reads the held keys from an identifier on, and says where to go on.
func (n *Node) page(v *store.View, from keyspace.ID) (page []Entry, next keyspace.ID, more bool, err error) {
	keys, err := v.Keys(from, keyspace.Bucket(keyspace.Buckets-1).Last(), entriesPage)
	if err != nil || len(keys) == 0 {
		return nil, from, false, err
	}
	for _, k := range keys {
		c, err := n.copyOf(v, keyspace.BucketOf(k.ID))
		if err != nil {
			return nil, from, false, err
		}
		if c.State != replica.Synced || k.Values == 0 {
			continue
		}
		values, err := v.Values(k.Key)
		if err != nil {
			return nil, from, false, err
		}
		page = append(page, Entry{ID: k.ID, Key: k.Key, Values: values})
	}
	next = keys[len(keys)-1].ID.AddPower(0)
	return page, next, len(keys) == entriesPage && !next.IsZero(), nil
}

// margin counts over all groups.
func margin(k *knowledge) Margin {
	m := Margin{Losses: -1}
	k.placement.Runs(func(run Range, g replica.Group) {
		up, buckets := 0, int(run.Last)-int(run.First)+1
		for _, id := range g.Members {
			if at, ok := k.member(id); ok && at.State < member.Down {
				up++
			}
		}
		if up < len(g.Members) {
			m.Thin += buckets
		}
		if up < g.Write {
			m.Refused += buckets
		}
		if left := max(0, up-g.Write); m.Losses < 0 || left < m.Losses {
			m.Losses = left
		}
	})
	m.Losses = max(0, m.Losses)
	return m
}
