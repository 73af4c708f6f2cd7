package wire

import (
	"context"

	"chord/node"
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
