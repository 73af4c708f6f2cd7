package wire

import (
	"context"
	"iter"
	"slices"

	"google.golang.org/grpc"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// Write goes over the exchange for copies.
func (r remote) Write(ctx context.Context, w node.Write) func() error {
	size := w.Delta.Size() + dotsSize(w.Delta.Before)
	wait := r.start(ctx, &chordpb.NumberedOp{Write: encodeWrite(w)}, size, copiesExchange)
	return func() error {
		_, err := wait()
		return err
	}
}

func (r remote) Read(ctx context.Context, q node.Read) (node.ReadReply, error) {
	a, err := r.exchange(ctx, &chordpb.NumberedOp{Read: encodeRead(q)}, len(q.Key)+readOverhead, copiesExchange)
	return convert(r, a.GetRead(), err, decodeReadReply)
}

// readOverhead is about what identifier, stamp, digest and request of a read
// take.
const readOverhead = 80

func (r remote) Compare(ctx context.Context, c node.Compare) (node.CompareReply, error) {
	m, err := ask(ctx, r, question{data: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.CompareResponse, error) {
		return chordpb.NewStorageClient(cc).Compare(ctx, encodeCompare(c), o...)
	})
	return convert(r, m, err, decodeCompareReply)
}

// Take waits for up to an hour where ctx has no deadline.
func (r remote) Take(ctx context.Context, t node.Take) ([]node.BucketDigest, error) {
	q := question{data: true, write: true, timeout: longestTake}
	m, err := ask(ctx, r, q, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.TakeResponse, error) {
		return chordpb.NewStorageClient(cc).Take(ctx, encodeTake(t), o...)
	})
	return convert(r, m, err, decodeTaken)
}

func (r remote) Scan(ctx context.Context, s node.Scan) (node.ScanReply, error) {
	m, err := ask(ctx, r, question{data: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.ScanResponse, error) {
		return chordpb.NewStorageClient(cc).Scan(ctx, encodeScan(s), o...)
	})
	return convert(r, m, err, func(m *chordpb.ScanResponse) (node.ScanReply, error) { return decodeScanReply(s, m) })
}

func (r remote) Purge(ctx context.Context, p node.PurgeCall) (node.PurgeReply, error) {
	m, err := ask(ctx, r, question{data: true, write: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.PurgeResponse, error) {
		return chordpb.NewStorageClient(cc).Purge(ctx, encodePurge(p), o...)
	})
	return convert(r, m, err, decodePurgeReply)
}

func (r remote) Seen(ctx context.Context, from member.Member) (uint64, error) {
	m, err := ask(ctx, r, question{data: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.SeenResponse, error) {
		return chordpb.NewStorageClient(cc).Seen(ctx, &chordpb.SeenRequest{From: encodeMember(from)}, o...)
	})
	return m.GetSeq(), err
}

// Fetch reads as fast as the pieces are taken, and gives no piece before all of
// its set that stand before it.
func (r remote) Fetch(ctx context.Context, f node.Fetch) iter.Seq2[node.Fetched, error] {
	return func(yield func(node.Fetched, error) bool) {
		at, ended := journey{parts: f.Parts}, false
		err := follow(ctx, r, func(ctx context.Context, cc *grpc.ClientConn) (grpc.ServerStreamingClient[chordpb.FetchResponse], error) {
			return chordpb.NewStorageClient(cc).Fetch(ctx, encodeFetch(f))
		}, func(m *chordpb.FetchResponse) error {
			for _, one := range m.Pieces {
				p, err := convert(r, one, nil, at.next)
				if err != nil {
					return err
				}
				if !yield(node.Fetched{Piece: p}, nil) {
					return errEnough
				}
			}
			if m.Sums == nil {
				return nil
			}
			sums, err := convert(r, m.Sums, nil, func(b []byte) ([]store.Digest, error) { return decodeSums(b, len(f.Parts)) })
			if err != nil || at.open {
				return err
			}
			if ended = true; !yield(node.Fetched{Sums: sums}, nil) {
				return errEnough
			}
			return nil
		})
		if err == nil && !ended {
			err = &node.Error{Kind: node.Unavailable, Text: r.addr + " broke off in the middle"}
		}
		if err != nil && err != errEnough {
			yield(node.Fetched{}, err)
		}
	}
}

// journey is where the pieces of sets have come to. A hole between two pieces
// would be taken for values that were removed.
type journey struct {
	parts []node.FetchPart // that are still to come
	open  bool             // the set goes on
	key   string
	to    keyspace.ID
}

func (j *journey) next(m *chordpb.Piece) (value.Piece, error) {
	var d decoder
	p := d.piece(m)
	switch {
	case j.open && (string(p.Key) != j.key || p.From != j.to):
		d.fail(node.Invalid, "a piece that does not go on where the last one ended")
	case !j.open && !p.From.IsZero():
		d.fail(node.Invalid, "a set without its beginning")
	case !j.open && !j.reach(keyspace.BucketOf(keyspace.HashKey(p.Key))):
		d.fail(node.Invalid, "a key of a bucket that was not asked for, or is over")
	case p.Last != p.To.IsZero():
		d.fail(node.Invalid, "a set that does not end with its last piece")
	}
	j.open, j.key, j.to = !p.Last, string(p.Key), p.To
	return p, d.result()
}

// reach goes on to a bucket, and is false where that does not come any more.
func (j *journey) reach(b keyspace.Bucket) bool {
	i := slices.IndexFunc(j.parts, func(p node.FetchPart) bool { return p.Bucket == b })
	if i < 0 {
		return false
	}
	j.parts = j.parts[i:]
	return true
}
