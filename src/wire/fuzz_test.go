package wire

import (
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
	"chord/store"
	"chord/value"
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
	reads(&chordpb.Piece{}, decodePiece, encodePiece),
	reads(&chordpb.StatusResponse{}, decodeStatus, encodeStatus),
	reads(&chordpb.LookupResponse{}, decodeTrace, encodeTrace),
	reads(&chordpb.MembersResponse{}, decodeMembers, func(m []member.Member) *chordpb.MembersResponse {
		return &chordpb.MembersResponse{Members: encodeList(m, encodeMember)}
	}),
	reads(&chordpb.NumberedOp{}, decodeOp, encodeOp),
	reads(&chordpb.NumberedResult{}, func(m *chordpb.NumberedResult) (node.Result, error) { return decodeResult(node.Op{}, m) },
		func(r node.Result) *chordpb.NumberedResult { return encodeResult(&chordpb.NumberedResult{}, r) }),
	reads(&chordpb.Write{}, decodeWrite, encodeWrite),
	reads(&chordpb.Read{}, decodeRead, encodeRead),
	reads(&chordpb.ReadResult{}, decodeReadReply, encodeReadReply),
	reads(&chordpb.CompareRequest{}, decodeCompare, encodeCompare),
	reads(&chordpb.CompareResponse{}, decodeCompareReply, encodeCompareReply),
	reads(&chordpb.FetchRequest{}, decodeFetch, encodeFetch),
	reads(&chordpb.TakeRequest{}, decodeTake, encodeTake),
	reads(&chordpb.TakeResponse{}, decodeTaken, encodeTaken),
	reads(&chordpb.PurgeRequest{}, decodePurge, encodePurge),
	reads(&chordpb.PurgeResponse{}, decodePurgeReply, encodePurgeReply),
	reads(&chordpb.ScanRequest{}, decodeScan, encodeScan),
	reads(&chordpb.ScanResponse{}, func(m *chordpb.ScanResponse) (node.ScanReply, error) {
		return decodeScanReply(node.Scan{Limit: 10}, m)
	}, encodeScanReply),
	reads(&chordpb.Error{}, func(m *chordpb.Error) (node.Error, error) { return *decodeError(m), nil }, func(e node.Error) *chordpb.Error {
		return &chordpb.Error{Kind: chordpb.ErrorKind(e.Kind + 1), Text: e.Text, Remedy: e.Remedy, Better: encodeOptionalPeer(e.Better)}
	}),
}

var someDigests = []node.BucketDigest{
	{Bucket: 3, Digest: store.Digest{1}}, {Bucket: 65535, Digest: store.Digest{2}, Epoch: 1 << 60},
}

var somePrints = []node.BucketPrint{{Bucket: 3, Print: node.Print{1}}, {Bucket: 65535, Print: node.Print{2}, Epoch: 1 << 60}}

var somePurges = replica.Purges{Epoch: 9, Open: []replica.Purge{{
	ID: replica.PurgeID{1}, Epoch: 9, Keys: []replica.Removed{{Key: []byte("k"), Context: somePieces(1, 9)[0].Context}},
}}}

var someWrite = node.Write{
	From: self.ID, Stamp: replica.Stamp{1, 2}, Epoch: 7, Request: node.RequestID{3},
	Delta: value.Delta{Before: somePieces(1, 9)[0].Context, Piece: somePieces(1, 10)[0]},
}

var someReply = node.ReadReply{
	Digest: store.Digest{1}, Done: true,
	Set: value.Set{Context: somePieces(1, 10)[0].Context, Elements: somePieces(1, 10)[0].Elements},
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
		encodePiece(somePieces(1, 20)[0]),
		encodeStatus((&fake{}).Status()),
		encodeTrace(node.Trace{Owner: me, Steps: []node.TraceStep{{Asked: me, Took: 5}}}),
		&chordpb.MembersResponse{Members: []*chordpb.Member{encodeMember(self)}},
		&chordpb.NumberedOp{Number: 3, Remaining: 1 << 40, Kind: chordpb.OpKind_OP_KIND_DELETE, One: true, Again: true, Request: make([]byte, 16), Key: []byte("key"), Value: []byte("value")},
		&chordpb.NumberedResult{Number: 3, Values: [][]byte{nil, {1}}},
		encodeWrite(someWrite),
		encodeRead(node.Read{From: self.ID, Key: []byte("k"), Request: node.RequestID{1}}),
		encodeReadReply(someReply),
		encodeCompare(node.Compare{From: self, Ranges: []node.Range{{First: 1, Last: 2}}}),
		encodeCompareReply(node.CompareReply{Synced: []node.Range{{First: 1, Last: 2}}, Buckets: somePrints}),
		encodeFetch(node.Fetch{From: self.ID, Parts: []node.FetchPart{{Bucket: 7, IDs: []keyspace.ID{{0, 7, 1}}}, {Bucket: 8, Have: []node.Print{{1}}}}}),
		encodeTake(node.Take{From: self, Buckets: someDigests}),
		encodeTaken(someDigests),
		encodePurge(node.PurgeCall{From: self.ID, Bucket: keyspace.BucketOf(keyspace.HashKey([]byte("k"))), Step: node.PurgePrepare, Purges: somePurges}),
		encodePurgeReply(node.PurgeReply{OK: true, Purges: somePurges, Peers: []keyspace.ID{{1}, {2}}}),
		encodeScan(node.Scan{From: self.ID, Limit: 10}),
		encodeScanReply(node.ScanReply{Keys: []node.ScannedKey{{Key: []byte("k"), Values: 3}}, Count: 7, Next: keyspace.ID{0xff}}),
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
