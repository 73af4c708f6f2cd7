package wire

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"chord/node"
	"chord/wire/chordpb"
)

func (s storage) Exchange(stream exchangeServer) error {
	return s.server.exchange(stream, chordpb.Storage_Exchange_FullMethodName, operations(s.node.Do))
}

func (s storage) Replicate(stream exchangeServer) error {
	return s.server.exchange(stream, chordpb.Storage_Replicate_FullMethodName, s.replicate)
}

// operations carries out what clients ask.
func operations(do func(context.Context, node.Op) (node.Result, error)) operator {
	return func(ctx context.Context, m *chordpb.NumberedOp) func(*chordpb.NumberedResult) error {
		return func(r *chordpb.NumberedResult) error {
			op, err := decodeOp(m)
			if err != nil {
				return err
			}
			result, err := do(ctx, op)
			encodeResult(r, result)
			return err
		}
	}
}

// replicate carries out what coordinators ask. Changes begin in the order in which
// they came.
func (s storage) replicate(ctx context.Context, m *chordpb.NumberedOp) func(*chordpb.NumberedResult) error {
	if m.Write == nil {
		return func(r *chordpb.NumberedResult) error { return s.read(ctx, m.Read, r) }
	}
	w, err := decodeWrite(m.Write)
	if err != nil {
		return func(*chordpb.NumberedResult) error { return err }
	}
	wait := s.node.Write(ctx, w)
	return func(*chordpb.NumberedResult) error { return wait() }
}

func (s storage) read(ctx context.Context, m *chordpb.Read, r *chordpb.NumberedResult) error {
	if m == nil {
		return call{}.failf(node.Invalid, "malformed message: an operation on a copy that this version does not know")
	}
	q, err := decodeRead(m)
	if err != nil {
		return err
	}
	reply, err := s.node.Read(ctx, q)
	if err == nil {
		r.Read = encodeReadReply(reply)
	}
	return err
}

func (s storage) Compare(ctx context.Context, m *chordpb.CompareRequest) (*chordpb.CompareResponse, error) {
	return serve(ctx, m, decodeCompare, s.node.Compare, encodeCompareReply)
}

func (s storage) Take(ctx context.Context, m *chordpb.TakeRequest) (*chordpb.TakeResponse, error) {
	return serve(ctx, m, decodeTake, s.node.Take, encodeTaken)
}

func (s storage) Scan(ctx context.Context, m *chordpb.ScanRequest) (*chordpb.ScanResponse, error) {
	return serve(ctx, m, decodeScan, s.node.Scan, encodeScanReply)
}

func (s storage) Purge(ctx context.Context, m *chordpb.PurgeRequest) (*chordpb.PurgeResponse, error) {
	return serve(ctx, m, decodePurge, s.node.Purge, encodePurgeReply)
}

func (s storage) Seen(ctx context.Context, m *chordpb.SeenRequest) (*chordpb.SeenResponse, error) {
	var d decoder
	from := d.member("from", m.From)
	if d.err != nil {
		return nil, d.err
	}
	seq, err := s.node.Seen(ctx, from)
	return &chordpb.SeenResponse{Seq: seq}, err
}

// serve answers one question.
func serve[Q, A, MQ, MA any](ctx context.Context, m MQ, decode func(MQ) (Q, error),
	answer func(context.Context, Q) (A, error), encode func(A) MA) (MA, error) {
	var none MA
	q, err := decode(m)
	if err != nil {
		return none, err
	}
	a, err := answer(ctx, q)
	if err != nil {
		return none, err
	}
	return encode(a), nil
}

// Fetch sends small pieces together, as long as they come fast.
func (s storage) Fetch(m *chordpb.FetchRequest, stream grpc.ServerStreamingServer[chordpb.FetchResponse]) error {
	f, err := decodeFetch(m)
	if err != nil {
		return err
	}
	var batch chordpb.FetchResponse
	size, begun := 0, time.Now()
	send := func() error {
		defer func() { batch.Pieces, size, begun = nil, 0, time.Now() }()
		if len(batch.Pieces) == 0 {
			return nil
		}
		return stream.Send(&batch)
	}
	for got, err := range s.node.Fetch(stream.Context(), f) {
		if err != nil {
			return err
		}
		if got.Sums != nil {
			batch.Sums = encodeSums(got.Sums)
			return stream.Send(&batch)
		}
		batch.Pieces = append(batch.Pieces, encodePiece(got.Piece))
		if size += got.Piece.Size(); size > fetchBatch || time.Since(begun) > fetchPause {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}
