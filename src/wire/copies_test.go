package wire

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/replica"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// What nodes ask about copies, over the wire.
func TestCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in7 := keyspace.ID{0, 7, 1}
		compared := node.CompareReply{Stamp: replica.Stamp{1}, Synced: []node.Range{{First: 3, Last: 9}}, Buckets: somePrints}
		read := node.Read{From: self.ID, Stamp: replica.Stamp{9}, Epoch: 1, Key: []byte("k"), Digest: store.Digest{4}, Request: node.RequestID{5}}
		peer, _ := pair(t, &fake{
			write: func(_ context.Context, w node.Write) error { equal(t, nil, w, someWrite); return nil },
			read: func(_ context.Context, r node.Read) (node.ReadReply, error) {
				equal(t, nil, r, read)
				return someReply, nil
			},
			compare: func(_ context.Context, c node.Compare) (node.CompareReply, error) {
				equal(t, nil, c, node.Compare{From: self, Salt: node.Salt{3}, Ranges: []node.Range{{First: 0, Last: 65535}}})
				return compared, nil
			},
			take: func(ctx context.Context, q node.Take) ([]node.BucketDigest, error) {
				time.Sleep(30 * time.Minute) // longer than any other call may take
				return q.Buckets, ctx.Err()
			},
		}, Options{})
		ctx := t.Context()
		if err := peer.Write(ctx, someWrite)(); err != nil {
			t.Error(err)
		}
		reply, err := peer.Read(ctx, read)
		equal(t, err, reply, someReply)
		c, err := peer.Compare(ctx, node.Compare{From: self, Salt: node.Salt{3}, Ranges: []node.Range{{First: 0, Last: 65535}}})
		equal(t, err, c, compared)
		taken, err := peer.Take(ctx, node.Take{From: self, Buckets: someDigests})
		equal(t, err, taken, someDigests)
		keys, err := peer.Scan(ctx, node.Scan{From: in7, Limit: 5})
		equal(t, err, keys, node.ScanReply{Keys: []node.ScannedKey{{Key: []byte("k"), Values: 5}}, Next: keyspace.ID{0xff, 0xff}})
		seq, err := peer.Seen(ctx, self)
		equal(t, err, seq, self.Incarnation)
	})
}

// The kinds that only copies answer arrive, and a write without an answer is
// unknown while a read is not.
func TestCopyErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fail error
		peer, _ := pair(t, &fake{
			write: func(context.Context, node.Write) error { return fail },
			read:  func(context.Context, node.Read) (node.ReadReply, error) { return node.ReadReply{}, fail },
		}, Options{})
		ctx := t.Context()
		q := node.Read{Key: []byte("k")}
		for _, k := range []node.Kind{node.Gap, node.Behind, node.NotResponsible} {
			fail = &node.Error{Kind: k, Text: "why"}
			kind(t, peer.Write(ctx, someWrite)(), k, "why")
			_, err := peer.Read(ctx, q)
			kind(t, err, k, "why")
		}
		fail = context.DeadlineExceeded
		kind(t, peer.Write(ctx, someWrite)(), node.Unknown, "in time")
		_, err := peer.Read(ctx, q)
		kind(t, err, node.Unavailable, "in time")
		w := someWrite
		w.Delta.Key = nil
		kind(t, peer.Write(ctx, w)(), node.Invalid, "key")
		w.Delta.Key = make([]byte, maxRequest)
		kind(t, peer.Write(ctx, w)(), node.TooLarge, addr)
	})
	synctest.Test(t, func(t *testing.T) { // what is no write and no read, and an answer that lacks what was asked
		peer, _ := pair(t, &fake{}, Options{})
		_, err := peer.(remote).exchange(t.Context(), encodeOp(putOp), 1, copiesExchange)
		kind(t, err, node.Invalid, "copy")
		_, err = peer.(remote).exchange(t.Context(), &chordpb.NumberedOp{Write: encodeWrite(someWrite)}, 1, nodesExchange)
		kind(t, err, node.Invalid, "operation")
	})
}

// journeyOf gives the pieces of a set of n values of key, cut small.
func journeyOf(key string, n int) []value.Piece {
	var s value.Set
	for i := range n {
		s.Insert([]byte{byte(i)}, value.Dot{Actor: value.Actor{Node: self.ID}, Seq: uint64(i + 1)})
	}
	return s.Pieces([]byte(key), 200)
}

// someSums end what a fake brings.
var someSums = []store.Digest{{1, 2, 3}}

// fetching returns a peer that gives what pieces says, and then someSums, and the
// question for the bucket of the key.
func fetching(t *testing.T, key string, pieces iter.Seq2[value.Piece, error]) (node.Peer, node.Fetch) {
	peer, _ := pair(t, &fake{fetch: func(context.Context, node.Fetch) iter.Seq2[node.Fetched, error] {
		return func(yield func(node.Fetched, error) bool) {
			for p, err := range pieces {
				if !yield(node.Fetched{Piece: p}, err) {
					return
				}
			}
			yield(node.Fetched{Sums: someSums}, nil)
		}
	}}, Options{})
	return peer, fetchOf(key)
}

func fetchOf(key string) node.Fetch {
	return node.Fetch{From: self.ID, Parts: []node.FetchPart{{Bucket: keyspace.BucketOf(keyspace.HashKey([]byte(key)))}}}
}

// collect returns the pieces that came before the error, if any; without sums at
// the end there is one.
func collect(fetched iter.Seq2[node.Fetched, error]) (got []value.Piece, err error) {
	for f, err := range fetched {
		if err != nil {
			return got, err
		}
		if f.Sums != nil {
			return got, nil
		}
		got = append(got, f.Piece)
	}
	return got, errors.New("no sums")
}

// fetchError returns how a fetch of nothing in particular ends.
func fetchError(ctx context.Context, p node.Peer) error {
	_, err := collect(p.Fetch(ctx, fetchOf("k")))
	return err
}

// broken gives no piece but the error.
func broken(err *error) func(context.Context, node.Fetch) iter.Seq2[node.Fetched, error] {
	return func(context.Context, node.Fetch) iter.Seq2[node.Fetched, error] {
		return func(yield func(node.Fetched, error) bool) { yield(node.Fetched{}, *err) }
	}
}

func TestFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // several buckets: what is asked for arrives, and what comes
		one, other := journeyOf("k", 1), journeyOf("other", 1)
		q := node.Fetch{From: self.ID, Salt: node.Salt{7}, Parts: []node.FetchPart{fetchOf("k").Parts[0], fetchOf("other").Parts[0]}}
		if q.Parts[0].Bucket > q.Parts[1].Bucket {
			q.Parts[0], q.Parts[1], one, other = q.Parts[1], q.Parts[0], other, one
		}
		q.Parts[0].Epoch, q.Parts[0].Doubted, q.Parts[1].Have = 3, true, []node.Print{{1}, {2}}
		q.Parts[0].IDs = []keyspace.ID{keyspace.HashKey(one[0].Key)}
		sums := []store.Digest{{8}, {9}}
		peer, _ := pair(t, &fake{fetch: func(_ context.Context, got node.Fetch) iter.Seq2[node.Fetched, error] {
			equal(t, nil, got, q)
			return func(yield func(node.Fetched, error) bool) {
				_ = yield(node.Fetched{Piece: one[0]}, nil) && yield(node.Fetched{Piece: other[0]}, nil) && yield(node.Fetched{Sums: sums}, nil)
			}
		}}, Options{})
		var got []node.Fetched
		for f, err := range peer.Fetch(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, f)
		}
		equal(t, nil, got, []node.Fetched{{Piece: one[0]}, {Piece: other[0]}, {Sums: sums}})
	})
	synctest.Test(t, func(t *testing.T) { // one that ends without its sums, and one with those of another question
		for _, end := range [][]node.Fetched{nil, {{Sums: []store.Digest{{1}, {2}}}}} {
			peer, _ := pair(t, &fake{fetch: func(context.Context, node.Fetch) iter.Seq2[node.Fetched, error] {
				return func(yield func(node.Fetched, error) bool) {
					for _, f := range end {
						yield(f, nil)
					}
				}
			}}, Options{})
			if err := fetchError(t.Context(), peer); err == nil || err.Error() == "no sums" {
				t.Errorf("after %v: %v", end, err)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		pieces := append(journeyOf("k", 20), journeyOf("k", 3)...)
		peer, q := fetching(t, "k", all(pieces))
		got, err := collect(peer.Fetch(t.Context(), q))
		equal(t, err, got, pieces)
	})
	synctest.Test(t, func(t *testing.T) {
		peer, q := fetching(t, "k", func(yield func(value.Piece, error) bool) {
			_ = yield(journeyOf("k", 1)[0], nil) && yield(value.Piece{}, &node.Error{Kind: node.Behind, Text: "purged"})
		})
		_, err := collect(peer.Fetch(t.Context(), q))
		kind(t, err, node.Behind, "purged")
	})
}

// A set with a hole in it, or of another bucket, or cut off, is given to nobody
// as a whole.
func TestFetchRefusesHoles(t *testing.T) {
	whole := journeyOf("k", 20)
	for name, pieces := range map[string][]value.Piece{
		"hole": {whole[0], whole[2]}, "no beginning": whole[1:], "another begins": {whole[0], journeyOf("k", 1)[0]},
		"cut off": whole[:2], "another bucket": journeyOf("other", 1), "no end": {{Key: []byte("k")}},
	} {
		synctest.Test(t, func(t *testing.T) {
			peer, q := fetching(t, "k", all(pieces))
			got, err := collect(peer.Fetch(t.Context(), q))
			if k := node.KindOf(err); err == nil || k != node.Internal && k != node.Unavailable {
				t.Errorf("%s: %d pieces, %v", name, len(got), err)
			}
		})
	}
}

// The sender reads no further than the receiver takes, small pieces share
// messages, and who has enough leaves nothing behind.
func TestFetchBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		ended := make(chan bool, 1)
		one := journeyOf("k", 1)[0]
		one.Elements[0].Value = make([]byte, 64<<10)
		peer, q := fetching(t, "k", func(yield func(value.Piece, error) bool) {
			defer func() { ended <- true }()
			for yield(one, nil) {
				given.Add(1)
			}
		})
		taken := 0
		for _, err := range peer.Fetch(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if ahead := given.Load() - int64(taken); ahead > 100 {
				t.Fatalf("the sender is %d pieces ahead", ahead)
			}
			if taken++; taken == 50 {
				break
			}
		}
		<-ended
	})
}

// Two nodes coordinate for each other's clients and write to each other's
// copies, each with room for two requests of a rank: all of it full at once, and
// still none waits for the other in a circle, nor is refused.
func TestNoCircle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const room = 2
		var begun atomic.Int64
		full := make(chan bool)
		nets := [2]*network{{}, {}}
		var peers [2]node.Peer
		for i, n := range nets {
			n.serve(t, &fake{
				operate: func(ctx context.Context, op node.Op) (node.Result, error) { return peers[1-i].Do(ctx, op) },
				do: func(ctx context.Context, _ node.Op) (node.Result, error) {
					if begun.Add(1) == 2*room {
						close(full)
					}
					<-full
					_, err := peers[1-i].Read(ctx, node.Read{Key: []byte("k")})
					return node.Result{}, errors.Join(err, peers[1-i].Write(ctx, someWrite)())
				},
				read: func(context.Context, node.Read) (node.ReadReply, error) { return someReply, nil },
			}, Options{InFlight: room})
			peers[i] = n.peer(t, Options{slots: room})
		}
		done := make(chan error)
		for _, n := range nets {
			c := n.client(t, Options{slots: room})
			for range room {
				go func() {
					_, err := c.to.operate(t.Context(), putOp, func(c *conn) *exchange { return c.clients })
					done <- err
				}()
			}
		}
		for range 2 * room {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// A stream of operations that is read no further does not hold up writes on the
// same connection.
func TestWritesPassOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer, _ := pair(t, &fake{do: func(ctx context.Context, _ node.Op) (node.Result, error) {
			<-ctx.Done()
			return node.Result{}, ctx.Err()
		}}, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for i := range maxStreams + 2*maxLarge {
			op := putOp
			if i >= maxStreams {
				op.Value = make([]byte, store.MaxValue)
			}
			go peer.Do(ctx, op)
		}
		synctest.Wait()
		start := time.Now()
		if err := peer.Write(t.Context(), someWrite)(); err != nil || time.Since(start) != 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		<-ctx.Done()
		synctest.Wait()
	})
}

// A copy that answers nothing keeps so many writes and no more: small ones pass
// large ones that wait, and beyond a bound nobody waits.
func TestStalledCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const room = 2
		var n network
		var small, large atomic.Int64
		n.serve(t, &fake{write: func(ctx context.Context, w node.Write) error {
			if w.Delta.Size() < largeItem {
				small.Add(1)
				return nil
			}
			large.Add(1)
			<-ctx.Done()
			return ctx.Err()
		}}, Options{})
		peer := n.peer(t, Options{slots: room})
		big := someWrite
		big.Delta.Piece = somePieces(1, store.MaxValue)[0]
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done := make(chan error, 100)
		for range room {
			go func() { done <- peer.Write(t.Context(), big)() }()
		}
		synctest.Wait()
		for range room * maxCrowd { // which wait for less long
			go func() { done <- peer.Write(ctx, big)() }()
		}
		synctest.Wait()
		if large.Load() != room {
			t.Errorf("%d large writes are under way", large.Load())
		}
		start := time.Now()
		kind(t, peer.Write(t.Context(), big)(), node.Overloaded, addr)
		for range 10 {
			if err := peer.Write(t.Context(), someWrite)(); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 0 || small.Load() != 10 {
			t.Errorf("%d small writes took %v beside stalled ones", small.Load(), took)
		}
		got := map[node.Kind]int{}
		for range room + room*maxCrowd {
			got[node.KindOf(<-done)]++
		}
		// Those that got no room were not sent.
		if got[node.Unknown] != room || got[node.Unavailable] != room*maxCrowd {
			t.Errorf("%v", got)
		}
	})
}
