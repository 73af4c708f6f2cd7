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
	return s.server.exchange(stream, chordpb.Chord_Exchange_FullMethodName, operations(s.node.Operate))
}

// do carries out what came as a call of its own.
func (s clients) do(ctx context.Context, kind chordpb.OpKind, m *chordpb.NumberedOp) ([][]byte, error) {
	m.Kind = kind
	var r chordpb.NumberedResult
	err := operations(s.node.Operate)(ctx, m)(&r)
	return r.Values, err
}

func (s clients) Insert(ctx context.Context, m *chordpb.InsertRequest) (*chordpb.InsertResponse, error) {
	_, err := s.do(ctx, chordpb.OpKind_OP_KIND_INSERT, &chordpb.NumberedOp{Key: m.Key, Value: m.Value, Request: m.Request})
	return &chordpb.InsertResponse{}, err
}

func (s clients) Remove(ctx context.Context, m *chordpb.RemoveRequest) (*chordpb.RemoveResponse, error) {
	_, err := s.do(ctx, chordpb.OpKind_OP_KIND_REMOVE, &chordpb.NumberedOp{Key: m.Key, Value: m.Value, Request: m.Request})
	return &chordpb.RemoveResponse{}, err
}

func (s clients) Retrieve(ctx context.Context, m *chordpb.RetrieveRequest) (*chordpb.RetrieveResponse, error) {
	values, err := s.do(ctx, chordpb.OpKind_OP_KIND_RETRIEVE, &chordpb.NumberedOp{Key: m.Key, One: m.One})
	return &chordpb.RetrieveResponse{Values: values}, err
}

func (s clients) Put(ctx context.Context, m *chordpb.PutRequest) (*chordpb.PutResponse, error) {
	_, err := s.do(ctx, chordpb.OpKind_OP_KIND_PUT, &chordpb.NumberedOp{Key: m.Key, Value: m.Value, Request: m.Request})
	return &chordpb.PutResponse{}, err
}

func (s clients) Get(ctx context.Context, m *chordpb.GetRequest) (*chordpb.GetResponse, error) {
	values, err := s.do(ctx, chordpb.OpKind_OP_KIND_GET, &chordpb.NumberedOp{Key: m.Key, One: m.One})
	if err != nil || len(values) == 0 {
		return &chordpb.GetResponse{}, err
	}
	return &chordpb.GetResponse{Found: true, Value: values[0]}, nil
}

func (s clients) Delete(ctx context.Context, m *chordpb.DeleteRequest) (*chordpb.DeleteResponse, error) {
	_, err := s.do(ctx, chordpb.OpKind_OP_KIND_DELETE, &chordpb.NumberedOp{Key: m.Key, Request: m.Request})
	return &chordpb.DeleteResponse{}, err
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

func (s clients) Status(_ context.Context, m *chordpb.StatusRequest) (*chordpb.StatusResponse, error) {
	status := s.node.Status()
	if m.Brief {
		status.Members = nil
	}
	return encodeStatus(status), nil
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

func (s admin) Forget(ctx context.Context, m *chordpb.ForgetRequest) (*chordpb.ForgetResponse, error) {
	var d decoder
	name := d.text("name", m.Name, maxName)
	if d.err != nil {
		return nil, d.err
	}
	return &chordpb.ForgetResponse{}, s.node.Forget(ctx, name)
}
