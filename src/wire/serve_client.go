package wire

import (
	"context"

	"google.golang.org/grpc"

	"chord/node"
	"chord/wire/chordpb"
)

// clients serves what clients ask.
type clients struct {
	chordpb.UnimplementedChordServer
	node   Node
	server *Server
}

func (s clients) Exchange(stream exchangeServer) error {
	return s.server.exchange(stream, chordpb.Chord_Exchange_FullMethodName, s.do)
}

func (s clients) do(ctx context.Context, op node.Op) (r node.Result, err error) {
	switch op.Kind {
	case node.Insert:
		err = s.node.Insert(ctx, op.Key, op.Value)
	case node.Remove:
		err = s.node.Remove(ctx, op.Key, op.Value)
	case node.Retrieve:
		r.Values, err = s.node.Retrieve(ctx, op.Key)
	}
	return r, err
}

func (s clients) Insert(ctx context.Context, m *chordpb.InsertRequest) (*chordpb.InsertResponse, error) {
	var d decoder
	key, value := d.key(m.Key), d.value(m.Value)
	if d.err != nil {
		return nil, d.err
	}
	return &chordpb.InsertResponse{}, s.node.Insert(ctx, key, value)
}

func (s clients) Remove(ctx context.Context, m *chordpb.RemoveRequest) (*chordpb.RemoveResponse, error) {
	var d decoder
	key, value := d.key(m.Key), d.value(m.Value)
	if d.err != nil {
		return nil, d.err
	}
	return &chordpb.RemoveResponse{}, s.node.Remove(ctx, key, value)
}

func (s clients) Retrieve(ctx context.Context, m *chordpb.RetrieveRequest) (*chordpb.RetrieveResponse, error) {
	var d decoder
	key := d.key(m.Key)
	if d.err != nil {
		return nil, d.err
	}
	values, err := s.node.Retrieve(ctx, key)
	return &chordpb.RetrieveResponse{Values: values}, err
}

func (s clients) Lookup(ctx context.Context, m *chordpb.LookupRequest) (*chordpb.LookupResponse, error) {
	var d decoder
	target := d.id("target", m.Target)
	if d.err != nil {
		return nil, d.err
	}
	t, err := s.node.Lookup(ctx, target)
	if err != nil {
		return nil, err
	}
	return encodeTrace(t), nil
}

func (s clients) Entries(_ *chordpb.EntriesRequest, stream grpc.ServerStreamingServer[chordpb.EntriesResponse]) error {
	for e, err := range s.node.Entries(stream.Context()) {
		if err != nil {
			return err
		}
		if err := sendEntry(stream.Send, e); err != nil {
			return err
		}
	}
	return nil
}

// sendEntry sends an entry in messages of about entryChunk bytes, or one value.
func sendEntry(send func(*chordpb.EntriesResponse) error, e node.Entry) error {
	size, from := 0, 0
	for i, v := range e.Values {
		if size += len(v); size > entryChunk && i > from {
			part := &chordpb.EntriesResponse{Key: e.Key, Values: e.Values[from:i], More: true}
			if err := send(part); err != nil {
				return err
			}
			size, from = len(v), i
		}
	}
	return send(&chordpb.EntriesResponse{Key: e.Key, Values: e.Values[from:]})
}

func (s clients) Status(context.Context, *chordpb.StatusRequest) (*chordpb.StatusResponse, error) {
	return encodeStatus(s.node.Status()), nil
}

func (s clients) Members(context.Context, *chordpb.MembersRequest) (*chordpb.MembersResponse, error) {
	return &chordpb.MembersResponse{Members: encodeList(s.node.Members(), encodeMember)}, nil
}

// admin serves what operators ask.
type admin struct {
	chordpb.UnimplementedAdminServer
	node Node
}

func (s admin) Leave(ctx context.Context, _ *chordpb.LeaveRequest) (*chordpb.LeaveResponse, error) {
	return &chordpb.LeaveResponse{}, s.node.Leave(ctx)
}
