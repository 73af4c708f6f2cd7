package wire

import (
	"context"
	"errors"
	"io"
	"iter"

	"google.golang.org/grpc"

	"chord/node"
	"chord/value"
	"chord/wire/chordpb"
)

// maintenance serves what nodes ask about ring and membership.
type maintenance struct {
	chordpb.UnimplementedMaintenanceServer
	node node.Peer
}

func (s maintenance) Ring(ctx context.Context, m *chordpb.RingRequest) (*chordpb.RingResponse, error) {
	q, err := decodeRingRequest(m)
	if err != nil {
		return nil, err
	}
	a, err := s.node.Ring(ctx, q)
	if err != nil {
		return nil, err
	}
	return encodeRingResponse(a), nil
}

func (s maintenance) Member(ctx context.Context, m *chordpb.MemberRequest) (*chordpb.MemberResponse, error) {
	q, err := decodeMemberRequest(m)
	if err != nil {
		return nil, err
	}
	a, err := s.node.Member(ctx, q)
	if err != nil {
		return nil, err
	}
	return encodeMemberResponse(a), nil
}

func (s maintenance) Hello(ctx context.Context, _ *chordpb.HelloRequest) (*chordpb.HelloResponse, error) {
	h, err := s.node.Hello(ctx)
	if err != nil {
		return nil, err
	}
	return encodeHello(h), nil
}

// storage serves what nodes ask about buckets.
type storage struct {
	chordpb.UnimplementedStorageServer
	node   node.Peer
	server *Server
}

func (s storage) Pull(ctx context.Context, m *chordpb.PullRequest) (*chordpb.PullResponse, error) {
	p, err := decodePull(m)
	if err != nil {
		return nil, err
	}
	r, err := s.node.Pull(ctx, p)
	if err != nil {
		return nil, err
	}
	return encodePullReply(r), nil
}

func (s storage) Recall(ctx context.Context, m *chordpb.RecallRequest) (*chordpb.RecallResponse, error) {
	var d decoder
	from := d.member("from", m.From)
	if d.err != nil {
		return nil, d.err
	}
	r, err := s.node.Recall(ctx, from)
	if err != nil {
		return nil, err
	}
	return encodeRecollection(r), nil
}

func (s storage) Push(stream grpc.ClientStreamingServer[chordpb.PushRequest, chordpb.PushResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return brokenOff(err)
	}
	head, err := decodePush(first.GetHead())
	if err != nil {
		return err
	}
	r := receiver{stream: stream}
	if err := s.node.Push(stream.Context(), head, r.pieces()); err != nil {
		return err
	}
	if !r.ended {
		return &node.Error{Kind: node.Internal, Text: "the node took a push for done before its end"}
	}
	return stream.SendAndClose(&chordpb.PushResponse{})
}

// receiver reads the pieces of a push as fast as they are asked for.
type receiver struct {
	stream grpc.ClientStreamingServer[chordpb.PushRequest, chordpb.PushResponse]
	count  uint64
	ended  bool
}

func (r *receiver) pieces() iter.Seq2[value.Piece, error] {
	return func(yield func(value.Piece, error) bool) {
		for {
			p, err := r.next()
			if errors.Is(err, io.EOF) || !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// next returns the next piece; io.EOF says that all have come.
func (r *receiver) next() (value.Piece, error) {
	m, err := r.stream.Recv()
	if err != nil {
		return value.Piece{}, brokenOff(err)
	}
	switch part := m.Part.(type) {
	case *chordpb.PushRequest_Piece:
		r.count++
		return decodePiece(part.Piece)
	case *chordpb.PushRequest_End:
		if part.End.GetPieces() != r.count {
			return value.Piece{}, &node.Error{Kind: node.Invalid, Text: "pieces of a push are missing"}
		}
		r.ended = true
		return value.Piece{}, io.EOF
	}
	return value.Piece{}, &node.Error{Kind: node.Invalid, Text: "a push goes head, pieces, end"}
}

// brokenOff is the error of a stream that ends before its end was told.
func brokenOff(err error) error {
	return &node.Error{Kind: node.Unavailable, Text: "the push broke off: " + err.Error()}
}
