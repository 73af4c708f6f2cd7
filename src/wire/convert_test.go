package wire

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

// Everything that a node can say arrives as it was said.

func genID() *rapid.Generator[keyspace.ID] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), keyspace.Size, keyspace.Size), func(b []byte) keyspace.ID { return keyspace.ID(b) })
}

func genAddr() *rapid.Generator[string] {
	return rapid.StringMatching(`([a-z][a-z0-9.-]{0,20}|\[::1\]|127\.0\.0\.1):[1-9][0-9]{0,3}`)
}

var genPeer = rapid.Custom(func(t *rapid.T) ring.Peer {
	return ring.Peer{ID: genID().Draw(t, "id"), Addr: genAddr().Draw(t, "addr")}
})

var genMember = rapid.Custom(func(t *rapid.T) member.Member {
	return member.Member{
		ID: genID().Draw(t, "id"), Name: rapid.StringN(0, 60, maxName).Draw(t, "name"),
		Addr: genAddr().Draw(t, "addr"), Domain: rapid.StringN(0, 60, maxName).Draw(t, "domain"),
		Incarnation: rapid.Uint64().Draw(t, "incarnation"), Version: rapid.Uint64().Draw(t, "version"),
		State:   member.State(rapid.IntRange(0, int(member.Forgotten)).Draw(t, "state")),
		Serving: rapid.Bool().Draw(t, "serving"),
	}
})

// genList draws a slice that is nil where it is empty, as decoders return it.
func genList[T any](g *rapid.Generator[T], most int) *rapid.Generator[[]T] {
	return rapid.Map(rapid.SliceOfN(g, 0, most), func(s []T) []T {
		if len(s) == 0 {
			return nil
		}
		return s
	})
}

// optional draws from g or a zero value.
func optional[T any](g *rapid.Generator[T]) *rapid.Generator[T] {
	var zero T
	return rapid.OneOf(rapid.Just(zero), g)
}

var genRanges = rapid.Custom(func(t *rapid.T) []node.Range {
	cuts := rapid.SliceOfNDistinct(rapid.Uint16(), 0, 12, rapid.ID).Draw(t, "cuts")
	slices.Sort(cuts)
	var ranges []node.Range
	for i := 0; i+1 < len(cuts); i += 2 {
		ranges = append(ranges, node.Range{First: keyspace.Bucket(cuts[i]), Last: keyspace.Bucket(cuts[i+1])})
	}
	return ranges
})

var genDot = rapid.Custom(func(t *rapid.T) value.Dot {
	actor := value.Actor{Node: genID().Draw(t, "node"), Incarnation: rapid.Uint64().Draw(t, "incarnation")}
	return value.Dot{Actor: actor, Seq: rapid.Uint64Min(1).Draw(t, "seq")}
})

var genPiece = rapid.Custom(func(t *rapid.T) value.Piece {
	var s value.Set
	for _, v := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 40), 1, 6).Draw(t, "values") {
		s.Insert(v, genDot.Draw(t, "dot"))
	}
	pieces := s.Pieces(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "key"), 200)
	return rapid.SampledFrom(pieces).Draw(t, "piece")
})

// roundTrip checks that encoding, marshalling, unmarshalling and decoding give
// back what went in.
func roundTrip[T any, M proto.Message](t *testing.T, gen *rapid.Generator[T], encode func(T) M, decode func(M) (T, error)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		in := gen.Draw(t, "in")
		m := encode(in)
		b, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back := m.ProtoReflect().New().Interface()
		if err := proto.Unmarshal(b, back); err != nil {
			t.Fatal(err)
		}
		out, err := decode(back.(M))
		if err != nil || !reflect.DeepEqual(out, in) {
			t.Fatalf("%v came back as %v, %v", in, out, err)
		}
	})
}

func TestRingRoundTrip(t *testing.T) {
	roundTrip(t, rapid.Custom(func(t *rapid.T) ring.Request {
		return []ring.Request{
			ring.AskState{}, ring.Notify{From: genPeer.Draw(t, "from")}, ring.AskRoute{Target: genID().Draw(t, "target")},
		}[rapid.IntRange(0, 2).Draw(t, "kind")]
	}), encodeRingRequest, decodeRingRequest)
	roundTrip(t, rapid.Custom(func(t *rapid.T) ring.Response {
		peers := genList(genPeer, maxSuccessors).Draw(t, "peers")
		return []ring.Response{
			ring.Noted{},
			ring.State{
				Pending: rapid.Bool().Draw(t, "pending"), Self: genPeer.Draw(t, "self"),
				Predecessor: optional(genPeer).Draw(t, "predecessor"), Successors: peers,
			},
			ring.Route{Pending: rapid.Bool().Draw(t, "pending"), Found: len(peers) > 0, Hops: peers},
		}[rapid.IntRange(0, 2).Draw(t, "kind")]
	}), encodeRingResponse, decodeRingResponse)
}

func TestMemberRoundTrip(t *testing.T) {
	gossip := genList(genMember, 8)
	roundTrip(t, rapid.Custom(func(t *rapid.T) member.Request {
		id, m, g := genID().Draw(t, "id"), genMember.Draw(t, "target"), gossip.Draw(t, "gossip")
		return []member.Request{
			member.Ping{To: id, Gossip: g}, member.PingThrough{Target: m, Gossip: g}, member.Sync{From: id, Members: g},
		}[rapid.IntRange(0, 2).Draw(t, "kind")]
	}), encodeMemberRequest, decodeMemberRequest)
	roundTrip(t, rapid.Custom(func(t *rapid.T) member.Response {
		id, g := genID().Draw(t, "id"), gossip.Draw(t, "gossip")
		return []member.Response{
			member.Ack{From: id, Gossip: g}, member.Members{From: id, Members: g},
		}[rapid.IntRange(0, 1).Draw(t, "kind")]
	}), encodeMemberResponse, decodeMemberResponse)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Hello {
		return node.Hello{Member: genMember.Draw(t, "member"), Process: rapid.Uint64().Draw(t, "process"), Joined: rapid.Bool().Draw(t, "joined"),
			Quorums: replica.Quorums{Copies: rapid.IntRange(0, replica.MaxCopies).Draw(t, "copies"), Write: 1, Read: 2}}
	}), encodeHello, decodeHello)
}

func TestDataRoundTrip(t *testing.T) {
	roundTrip(t, genPiece, encodePiece, decodePiece)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Op {
		return node.Op{
			Kind: node.OpKind(rapid.IntRange(0, int(node.Delete)).Draw(t, "kind")),
			Key:  rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "key"), Value: rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value"),
			One: rapid.Bool().Draw(t, "one"), Again: rapid.Bool().Draw(t, "again"), Request: optional(genRequest).Draw(t, "request"),
		}
	}), encodeOp, func(m *chordpb.NumberedOp) (node.Op, error) {
		op, err := decodeOp(m)
		if op.Value == nil {
			op.Value = []byte{}
		}
		return op, err
	})
}

func TestStatusRoundTrip(t *testing.T) {
	times := rapid.Map(rapid.Int64(), decodeTime)
	counts := rapid.IntRange(0, keyspace.Buckets)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Status {
		finger := rapid.Custom(func(t *rapid.T) ring.Finger {
			from := rapid.IntRange(0, keyspace.Bits-1).Draw(t, "from")
			return ring.Finger{From: from, To: rapid.IntRange(from, keyspace.Bits-1).Draw(t, "to"), Peer: genPeer.Draw(t, "peer")}
		})
		return node.Status{
			Ring: rapid.StringN(0, 60, maxName).Draw(t, "ring"), Self: genMember.Draw(t, "self"),
			View: ring.View{
				Self: optional(genPeer).Draw(t, "self"), Phase: ring.Phase(rapid.IntRange(0, 2).Draw(t, "phase")),
				Predecessor: optional(genPeer).Draw(t, "predecessor"), Successors: genList(genPeer, 5).Draw(t, "successors"),
				Fingers: genList(finger, 5).Draw(t, "fingers"),
			},
			Members: genList(genMember, 5).Draw(t, "members"),
			Since:   times.Draw(t, "since"), Ready: times.Draw(t, "ready"),
			Buckets: node.BucketCounts{Held: counts.Draw(t, "held"), Wanted: counts.Draw(t, "wanted"), Moving: counts.Draw(t, "moving"), StandIns: counts.Draw(t, "stand-ins")},
			Quorums: replica.Quorums{Copies: rapid.IntRange(0, replica.MaxCopies).Draw(t, "copies"), Write: 1, Read: 2},
			Margin:  node.Margin{Losses: counts.Draw(t, "losses"), Thin: counts.Draw(t, "thin"), Refused: counts.Draw(t, "refused")},
			Repair: node.Repair{
				Compared: rapid.Uint64().Draw(t, "compared"), Keys: rapid.Uint64().Draw(t, "fetched"), Bytes: rapid.Uint64().Draw(t, "repaired"),
				Round: times.Draw(t, "round"), Scrubbed: times.Draw(t, "scrubbed"), Damaged: rapid.Uint64().Draw(t, "damaged"),
			},
			Done: node.Counters{Reads: 1, Writes: 2, Failed: 3, Took: time.Minute, Forwarded: 4, Coordinated: 5, CopyReads: 6, CopyWrites: 7},
			Purge: node.PurgeStatus{
				Waiting: rapid.IntMin(0).Draw(t, "waiting"), Done: rapid.Uint64().Draw(t, "purges"), Keys: rapid.Uint64().Draw(t, "forgotten"),
				Blocked: genList(rapid.StringN(0, 60, maxName), 5).Draw(t, "blocked"),
			},
			Store: node.StoreStatus{
				Path: rapid.String().Draw(t, "path"), Keys: rapid.Uint64().Draw(t, "keys"), ValueBytes: rapid.Uint64().Draw(t, "bytes"),
				FileBytes: rapid.Int64().Draw(t, "file"), Unsynced: rapid.Bool().Draw(t, "unsynced"), ReadOnly: rapid.Bool().Draw(t, "read-only"),
			},
			Doing: rapid.String().Draw(t, "doing"),
			Security: node.Security{
				Mode: "require", Certificate: "chord:test/node/a", Expires: time.Unix(rapid.Int64Range(1, 1<<33).Draw(t, "expires"), 0).UTC(),
				CAs: []string{"old", "new"}, Refused: rapid.Uint64().Draw(t, "refused"),
			},
		}
	}), encodeStatus, decodeStatus)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Trace {
		step := rapid.Custom(func(t *rapid.T) node.TraceStep {
			return node.TraceStep{Asked: genPeer.Draw(t, "asked"), Took: time.Duration(rapid.Int64().Draw(t, "took")), Err: rapid.String().Draw(t, "err")}
		})
		return node.Trace{
			Target: genID().Draw(t, "target"), Owner: optional(genPeer).Draw(t, "owner"),
			Successors: genList(genPeer, 5).Draw(t, "successors"), Steps: genList(step, 5).Draw(t, "steps"),
		}
	}), encodeTrace, decodeTrace)
}

// Each limit, and each form that a field must have.
func TestDecodersRefuse(t *testing.T) {
	good := encodeMember(self)
	bad := func(change func(*chordpb.Member)) *chordpb.Member {
		m := proto.Clone(good).(*chordpb.Member)
		change(m)
		return m
	}
	peers := slices.Repeat([]*chordpb.Peer{encodePeer(ring.Peer{ID: self.ID, Addr: addr})}, maxSuccessors+1)
	crowd := slices.Repeat([]*chordpb.Member{good}, maxMembers+1)
	ping := func(m ...*chordpb.Member) error {
		_, err := decodeMemberRequest(&chordpb.MemberRequest{Request: &chordpb.MemberRequest_Ping{Ping: &chordpb.Ping{To: self.ID[:], Gossip: m}}})
		return err
	}
	notify := func(p *chordpb.Peer) error {
		_, err := decodeRingRequest(&chordpb.RingRequest{Request: &chordpb.RingRequest_Notify{Notify: &chordpb.Notify{From: p}}})
		return err
	}
	route := func(r *chordpb.Route) error {
		_, err := decodeRingResponse(&chordpb.RingResponse{Response: &chordpb.RingResponse_Route{Route: r}})
		return err
	}
	compare := func(bounds ...uint32) error {
		m := &chordpb.CompareRequest{From: good, Salt: make([]byte, 16)}
		for i := 0; i < len(bounds); i += 2 {
			m.Ranges = append(m.Ranges, &chordpb.Range{First: bounds[i], Last: bounds[i+1]})
		}
		_, err := decodeCompare(m)
		return err
	}
	do := func(kind chordpb.OpKind, key, v int) error {
		_, err := decodeOp(&chordpb.NumberedOp{Kind: kind, Key: make([]byte, key), Value: make([]byte, v)})
		return err
	}
	paged := func(m *chordpb.NumberedResult) error {
		_, err := decodeResult(node.Op{Kind: node.Page, From: keyspace.ID{5}}, m)
		return err
	}
	piece := func(change func(*chordpb.Piece)) error {
		m := encodePiece(somePieces(1, 10)[0])
		change(m)
		_, err := decodePiece(m)
		return err
	}
	for name, c := range map[string]struct {
		want node.Kind
		err  error
	}{
		"long name":         {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Name = strings.Repeat("n", maxName+1) }))},
		"long domain":       {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Domain = strings.Repeat("n", maxName+1) }))},
		"short identifier":  {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Id = m.Id[1:] }))},
		"long identifier":   {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Id = append(m.Id, 1) }))},
		"no port":           {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Addr = "host" }))},
		"no host":           {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Addr = ":80" }))},
		"port 0":            {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Addr = "host:0" }))},
		"port 65536":        {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Addr = "host:65536" }))},
		"long address":      {node.Invalid, ping(bad(func(m *chordpb.Member) { m.Addr = strings.Repeat("h", maxName) + ":80" }))},
		"no state":          {node.Invalid, ping(bad(func(m *chordpb.Member) { m.State = 0 }))},
		"future state":      {node.Invalid, ping(bad(func(m *chordpb.Member) { m.State = 99 }))},
		"too much gossip":   {node.Invalid, ping(crowd...)},
		"no peer":           {node.Invalid, notify(nil)},
		"empty peer":        {node.Invalid, notify(&chordpb.Peer{})},
		"many hops":         {node.Invalid, route(&chordpb.Route{Hops: peers})},
		"found nobody":      {node.Invalid, route(&chordpb.Route{Found: true})},
		"no bucket 65536":   {node.Invalid, compare(1, 65536)},
		"range backwards":   {node.Invalid, compare(2, 1)},
		"ranges overlap":    {node.Invalid, compare(1, 5, 5, 6)},
		"ranges wrap":       {node.Invalid, compare(1, 65535, 0, 0)},
		"no such operation": {node.Invalid, do(10, 1, 0)},
		"no operation":      {node.Invalid, do(0, 1, 0)},
		"page goes back":    {node.Invalid, paged(&chordpb.NumberedResult{Values: [][]byte{{1}}, Next: bytes.Repeat([]byte{4}, keyspace.Size)})},
		"page stands still": {node.Invalid, paged(&chordpb.NumberedResult{Next: bytes.Repeat([]byte{9}, keyspace.Size)})},
		"no key":            {node.Invalid, do(1, 0, 0)},
		"large key":         {node.TooLarge, do(1, store.MaxKey+1, 0)},
		"large value":       {node.TooLarge, do(1, 1, store.MaxValue+1)},
		"piece of no key":   {node.Invalid, piece(func(m *chordpb.Piece) { m.Key = nil })},
		"bad context":       {node.Invalid, piece(func(m *chordpb.Piece) { m.Context = m.Context[1:] })},
		"element twice":     {node.Invalid, piece(func(m *chordpb.Piece) { m.Elements = append(m.Elements, m.Elements[0]) })},
		"element cut":       {node.Invalid, piece(func(m *chordpb.Piece) { m.Elements[0] = m.Elements[0][:9] })},
		"short from":        {node.Invalid, piece(func(m *chordpb.Piece) { m.From = []byte{1} })},
	} {
		if c.err == nil || node.KindOf(c.err) != c.want {
			t.Errorf("%s: error %v, want kind %v", name, c.err, c.want)
		}
	}
	for name, err := range map[string]error{
		"largest": do(1, store.MaxKey, store.MaxValue), "all buckets": compare(0, 65535), "members": ping(crowd[1:]...),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
