package wire

import (
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"

	"chord/member"
	"chord/node"
	"chord/ring"
	"chord/wire/chordpb"
)

// reader tries bytes as one type of message: it decodes, encodes and decodes
// them again and reports whether both times gave the same.
type reader func(b []byte) (first, second any, err error)

func reads[T any, M proto.Message](empty M, decode func(M) (T, error), encode func(T) M) reader {
	return func(b []byte) (any, any, error) {
		m := empty.ProtoReflect().New().Interface()
		if err := proto.Unmarshal(b, m); err != nil {
			return nil, nil, nil
		}
		first, err := decode(m.(M))
		if err != nil {
			if k := node.KindOf(err); k != node.Invalid && k != node.TooLarge {
				return nil, nil, err
			}
			return nil, nil, nil
		}
		b, err = proto.Marshal(encode(first))
		if err != nil {
			return first, nil, err
		}
		m = empty.ProtoReflect().New().Interface()
		if err := proto.Unmarshal(b, m); err != nil {
			return first, nil, err
		}
		second, err := decode(m.(M))
		return first, second, err
	}
}

var readers = []reader{
	reads(&chordpb.RingRequest{}, decodeRingRequest, encodeRingRequest),
	reads(&chordpb.RingResponse{}, decodeRingResponse, encodeRingResponse),
	reads(&chordpb.MemberRequest{}, decodeMemberRequest, encodeMemberRequest),
	reads(&chordpb.MemberResponse{}, decodeMemberResponse, encodeMemberResponse),
	reads(&chordpb.HelloResponse{}, decodeHello, encodeHello),
	reads(&chordpb.DoRequest{}, decodeOp, encodeOp),
	reads(&chordpb.DoResponse{}, decodeResult, encodeResult),
	reads(&chordpb.PullRequest{}, decodePull, encodePull),
	reads(&chordpb.PullResponse{}, decodePullReply, encodePullReply),
	reads(&chordpb.RecallResponse{}, decodeRecollection, encodeRecollection),
	reads(&chordpb.PushHead{}, decodePush, encodePush),
	reads(&chordpb.Piece{}, decodePiece, encodePiece),
	reads(&chordpb.StatusResponse{}, decodeStatus, encodeStatus),
	reads(&chordpb.LookupResponse{}, decodeTrace, encodeTrace),
	reads(&chordpb.MembersResponse{}, decodeMembers, func(m []member.Member) *chordpb.MembersResponse {
		return &chordpb.MembersResponse{Members: encodeList(m, encodeMember)}
	}),
	reads(&chordpb.NumberedOp{}, decodeNumberedOp, func(op node.Op) *chordpb.NumberedOp {
		m := encodeOp(op)
		return &chordpb.NumberedOp{Kind: m.Kind, Key: m.Key, Value: m.Value}
	}),
	reads(&chordpb.NumberedResult{}, func(m *chordpb.NumberedResult) ([][]byte, error) { return decodeValues(m.Values) },
		func(values [][]byte) *chordpb.NumberedResult { return &chordpb.NumberedResult{Values: values} }),
	reads(&chordpb.Error{}, func(m *chordpb.Error) (node.Error, error) { return *decodeError(m), nil }, func(e node.Error) *chordpb.Error {
		return &chordpb.Error{Kind: chordpb.ErrorKind(e.Kind + 1), Text: e.Text, Remedy: e.Remedy, Better: encodeOptionalPeer(e.Better)}
	}),
}

// FuzzRequest feeds bytes to the decoder of every message that another node or
// a client may send: none panics, and what is accepted is stable.
func FuzzRequest(f *testing.F) {
	me := ring.Peer{ID: self.ID, Addr: self.Addr}
	for i, m := range []proto.Message{
		encodeRingRequest(ring.Notify{From: me}),
		encodeRingResponse(ring.State{Self: me, Successors: []ring.Peer{me}}),
		encodeMemberRequest(member.PingThrough{Target: self, Gossip: []member.Member{self}}),
		encodeMemberResponse(member.Members{From: self.ID, Members: []member.Member{self}}),
		encodeHello(node.Hello{Member: self}),
		encodeOp(node.Op{Key: []byte("key"), Value: []byte("value")}),
		encodeResult(node.Result{Values: [][]byte{nil, {1}}}),
		encodePull(node.Pull{From: self, Epochs: []node.BucketEpoch{{Bucket: 7, Epoch: 3}}, Ranges: []node.Range{{First: 1, Last: 2}, {First: 4, Last: 65535}}}),
		encodePullReply(node.PullReply{Elsewhere: []node.Hint{{Ranges: []node.Range{{First: 1, Last: 2}}, At: me}}}),
		encodeRecollection(node.Recollection{Members: []member.Member{self}, Buckets: []node.Known{{Range: node.Range{First: 1, Last: 7}, State: 2, Epoch: 3, To: self.ID}}}),
		encodePush(node.Push{From: self, Epochs: []node.BucketEpoch{{Bucket: 7, Epoch: 3}}}),
		encodePiece(somePieces(1, 20)[0]),
		encodeStatus((&fake{}).Status()),
		encodeTrace(node.Trace{Owner: me, Steps: []node.TraceStep{{Asked: me, Took: 5}}}),
		&chordpb.MembersResponse{Members: []*chordpb.Member{encodeMember(self)}},
		&chordpb.NumberedOp{Number: 3, Remaining: 1 << 40, Kind: chordpb.OpKind_OP_KIND_REMOVE, Key: []byte("key"), Value: []byte("value")},
		&chordpb.NumberedResult{Number: 3, Values: [][]byte{nil, {1}}},
		&chordpb.Error{Kind: chordpb.ErrorKind_ERROR_KIND_READ_ONLY, Text: "full", Better: encodePeer(me)},
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), b)
		f.Add(byte(i), b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		first, second, err := readers[int(which)%len(readers)](b)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%#v became %#v, %v", first, second, err)
		}
	})
}
