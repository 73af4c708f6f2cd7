package node_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/node/nodetest"
	"chord/replica"
	"chord/ring"
	"chord/store"
	"chord/value"
)

// A member sends whatever makes no sense: forged hand-overs and confirmations,
// writes and reads of buckets that are not its own, wrong stamps and epochs,
// absurd gossip. Nobody falls, nothing that was acknowledged is lost, nothing it was
// not told to write is there, and the ring is as it was.
func TestHostileMember(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	synctest.Test(t, func(t *testing.T) {
		r := nodetest.Whole(t, 5)
		for i := range 100 {
			if err := r.Nodes[i%4].Insert(t.Context(), key(i), fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
		}
		bad := r.Nodes[4].Status().Self
		luck := rand.New(rand.NewPCG(1, 2))
		for round := range 12 {
			for _, n := range r.Nodes[:4] {
				harass(t, n, bad, luck)
			}
			if round%4 == 3 {
				time.Sleep(5 * time.Second)
			}
		}
		time.Sleep(30 * time.Second)
		r.AwaitWhole()
		if err := r.Unequal(); err != nil {
			t.Error(err)
		}
		for i := range 100 {
			got, err := r.Nodes[(i+1)%4].Retrieve(t.Context(), key(i))
			if err != nil || len(got) != 1 || string(got[0]) != fmt.Sprint(i) {
				t.Errorf("key %d has %q: %v", i, got, err)
			}
		}
		for i := range 1000 {
			if got, err := r.Nodes[0].Retrieve(t.Context(), fmt.Append(nil, "forged", i)); err != nil || len(got) > 0 {
				t.Fatalf("a forged write is there: %q, %v", got, err)
			}
		}
	})
}

// harass sends one of each kind to a node, as the member that bad is.
func harass(t *testing.T, n *nodetest.Node, bad member.Member, luck *rand.Rand) {
	t.Helper()
	ctx := t.Context()
	refused := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	stamp := replica.Stamp{byte(luck.Uint32()), byte(luck.Uint32()), 7}
	forged := fmt.Append(nil, "forged", luck.IntN(1000))
	dot := value.Dot{Actor: value.Actor{Node: bad.ID, Incarnation: bad.Incarnation}, Seq: luck.Uint64()}
	delta := value.Set{Context: value.Context{dot}, Elements: []value.Element{{Value: []byte("v"), Dots: []value.Dot{dot}}}}.Delta(forged)
	refused("a write with a wrong stamp", n.Write(ctx, node.Write{From: bad.ID, Stamp: stamp, Delta: delta})())
	_, err := n.Read(ctx, node.Read{From: bad.ID, Stamp: stamp, Key: key(luck.IntN(100))})
	refused("a read with a wrong stamp", err)
	_, err = n.Read(ctx, node.Read{From: keyspace.ID{9}, Key: key(luck.IntN(100))})
	refused("a read of who is no member", err)

	some := []node.BucketDigest{{Bucket: keyspace.Bucket(luck.IntN(keyspace.Buckets)), Digest: store.Digest{1}}}
	_, err = n.Take(ctx, node.Take{From: bad, Stamp: stamp, Buckets: some})
	refused("a hand-over with a wrong stamp", err)
	_, err = n.Purge(ctx, node.PurgeCall{From: bad.ID, Bucket: some[0].Bucket, Step: node.PurgePrepare})
	refused("a step of no purge", err)
	_, err = n.Purge(ctx, node.PurgeCall{From: bad.ID, Bucket: some[0].Bucket, Step: node.PurgeFinish, Purges: replica.Purges{Epoch: 9, Open: []replica.Purge{{ID: replica.PurgeID{byte(luck.Uint32())}, Epoch: 9}}}})
	if err != nil && node.KindOf(err) != node.NotResponsible {
		t.Errorf("the end of an unknown purge: %v", err) // nothing is forgotten
	}
	for range n.Fetch(ctx, node.Fetch{From: bad.ID, Parts: []node.FetchPart{{Bucket: some[0].Bucket, Epoch: 1 << 60}}}) {
	}

	// Of the honest ones it says that they are down, of itself many things.
	var gossip []member.Member
	for _, m := range n.Members() {
		if m.ID != bad.ID {
			m.State = member.Down
			gossip = append(gossip, m)
		}
	}
	gossip = append(gossip, member.Member{}, member.Member{ID: keyspace.ID{1}, Version: 1 << 63}, member.Member{ID: bad.ID, Addr: bad.Addr, State: 77})
	if _, err := n.Member(ctx, member.Sync{From: bad.ID, Members: gossip}); err != nil {
		t.Error(err)
	}
	if _, err := n.Member(ctx, member.Ping{To: keyspace.ID{3}, Gossip: slices.Repeat(gossip, 10)}); err != nil {
		t.Error(err)
	}
	for _, p := range []ring.Peer{{}, {ID: n.Status().Self.ID, Addr: bad.Addr}, {ID: keyspace.ID{5}, Addr: "nobody:1"}} {
		if _, err := n.Ring(ctx, ring.Notify{From: p}); err != nil {
			t.Error(err)
		}
	}
}

// liar is a member that has removed every key, if one believes it: it says so in
// answers, and it says that it has all buckets, each purged a few times.
type liar struct {
	node.Peer
	removed map[keyspace.Bucket][]replica.Removed
}

const forgedEpoch = 9

func (l *liar) Compare(ctx context.Context, c node.Compare) (node.CompareReply, error) {
	r, err := l.Peer.Compare(ctx, c)
	r.Synced, r.Buckets = c.Ranges, nil
	for b := range l.removed {
		r.Buckets = append(r.Buckets, node.BucketPrint{Bucket: b, Print: node.Print{7}, Epoch: forgedEpoch})
	}
	slices.SortFunc(r.Buckets, func(a, b node.BucketPrint) int { return int(a.Bucket) - int(b.Bucket) })
	return r, err
}

func (l *liar) Purge(_ context.Context, p node.PurgeCall) (node.PurgeReply, error) {
	return node.PurgeReply{OK: true, Purges: l.forged(p.Bucket)}, nil
}

func (l *liar) forged(b keyspace.Bucket) replica.Purges {
	return replica.Purges{Epoch: forgedEpoch, Open: []replica.Purge{{ID: replica.PurgeID{byte(b), 1}, Epoch: forgedEpoch, Keys: l.removed[b]}}}
}

func (l *liar) Fetch(_ context.Context, f node.Fetch) iter.Seq2[node.Fetched, error] {
	return func(yield func(node.Fetched, error) bool) {
		for _, p := range f.Parts {
			for _, r := range l.removed[p.Bucket] {
				if !yield(node.Fetched{Piece: value.Piece{Key: r.Key, Context: r.Context, Last: true}}, nil) {
					return
				}
			}
		}
		yield(node.Fetched{Sums: make([]store.Digest, len(f.Parts))}, nil)
	}
}

// A member that lies about buckets which are none of its own gets nothing of them and
// removes nothing in them: it fetches, purges, tells of purges, and answers for more than
// it is asked when others repair.
func TestBeyondItsArcs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 100
		r := nodetest.Whole(t, 6)
		insertAll(t, r, keys)
		bad := r.Nodes[5].Status().Self
		placement := replica.NewPlacement(r.Nodes[0].Members(), r.Nodes[0].Status().Quorums)
		l := &liar{Peer: r.Nodes[5], removed: make(map[keyspace.Bucket][]replica.Removed)}
		for i := range keys {
			b := keyspace.BucketOf(keyspace.HashKey(key(i)))
			g := placement.Group(b)
			if g.Contains(bad.ID) {
				continue
			}
			for _, n := range r.Nodes {
				if n.Status().Self.ID != g.Members[0] {
					continue
				}
				if err := n.Store.View(func(v *store.View) error {
					s, err := v.Set(key(i))
					l.removed[b] = append(l.removed[b], replica.Removed{Key: key(i), Context: s.Context})
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(l.removed) < keys/4 {
			t.Fatalf("%d buckets are beyond the arcs of %s", len(l.removed), bad.Name)
		}
		r.Net.Attach(bad.Addr, l)
		for _, n := range r.Nodes[:5] {
			lie(t, n, bad, l)
		}
		retrieveAll(t, r, keys)
		time.Sleep(time.Minute) // the others repair, and ask it
		retrieveAll(t, r, keys)
		r.Net.Attach(bad.Addr, l.Peer)
		r.AwaitWhole()
		retrieveAll(t, r, keys)
	})
}

// lie tries to fetch from one node, and to have it purge.
func lie(t *testing.T, n *nodetest.Node, bad member.Member, l *liar) {
	t.Helper()
	ctx := t.Context()
	for b := range l.removed {
		if c, err := n.Compare(ctx, node.Compare{From: bad, Ranges: []node.Range{{First: b, Last: b}}}); err != nil || len(c.Buckets) == 0 {
			continue // it has none of it either
		}
		for f, err := range n.Fetch(ctx, node.Fetch{From: bad.ID, Parts: []node.FetchPart{{Bucket: b}}}) {
			if node.KindOf(err) != node.NotResponsible || err == nil {
				t.Errorf("a fetch brings %q: %v", f.Piece.Key, err)
			}
		}
		forged := l.forged(b)
		for _, step := range []node.PurgeStep{node.PurgePrepare, node.PurgeFinish} {
			if _, err := n.Purge(ctx, node.PurgeCall{From: bad.ID, Bucket: b, Step: step, Purges: forged}); node.KindOf(err) != node.NotResponsible || err == nil {
				t.Errorf("step %d of a purge: %v", step, err)
			}
		}
		if got, err := n.Purge(ctx, node.PurgeCall{From: bad.ID, Bucket: b, Purges: forged}); err != nil || got.Purges.Epoch != 0 {
			t.Errorf("a purge that it pushes is taken: %v, %v", got, err)
		}
	}
}
