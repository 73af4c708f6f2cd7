package wire

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/node"
	"chord/replica"
	"chord/store"
	"chord/value"
	"chord/wire/chordpb"
)

var genRequest = rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) node.RequestID { return node.RequestID(b) })

var genStamp = rapid.Map(rapid.SliceOfN(rapid.Byte(), 8, 8), func(b []byte) replica.Stamp { return replica.Stamp(b) })

var genDigest = rapid.Map(genID(), func(id keyspace.ID) store.Digest { return store.Digest(id) })

var genSet = rapid.Custom(func(t *rapid.T) value.Set {
	var s value.Set
	for _, v := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 40), 0, 6).Draw(t, "values") {
		s.Insert(v, genDot.Draw(t, "dot"))
	}
	return s
})

var genDigests = rapid.Custom(func(t *rapid.T) []node.BucketDigest {
	var list []node.BucketDigest
	buckets := rapid.SliceOfNDistinct(rapid.Uint16(), 0, 12, rapid.ID).Draw(t, "buckets")
	slices.Sort(buckets)
	for _, b := range buckets {
		list = append(list, node.BucketDigest{
			Bucket: keyspace.Bucket(b), Digest: genDigest.Draw(t, "digest"), Epoch: rapid.Uint64Range(0, 2).Draw(t, "epoch"),
		})
	}
	return list
})

var genPrints = rapid.Map(genDigests, func(digests []node.BucketDigest) (list []node.BucketPrint) {
	for _, b := range digests {
		list = append(list, node.BucketPrint{Bucket: b.Bucket, Print: node.Print(b.Digest[:]), Epoch: uint64(b.Digest[0])})
	}
	return list
})

var genSalt = rapid.Map(genRequest, func(r node.RequestID) node.Salt { return node.Salt(r) })

// genIDs draws identifiers of bucket 7, in order.
var genIDs = rapid.Custom(func(t *rapid.T) []keyspace.ID {
	var ids []keyspace.ID
	for _, id := range rapid.SliceOfNDistinct(genID(), 0, 9, rapid.ID).Draw(t, "ids") {
		id[0], id[1] = 0, 7
		ids = append(ids, id)
	}
	slices.SortFunc(ids, keyspace.ID.Compare)
	return slices.Compact(ids)
})

func TestCopyRoundTrip(t *testing.T) {
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Write {
		return node.Write{
			From: genID().Draw(t, "from"), Stamp: genStamp.Draw(t, "stamp"), Epoch: rapid.Uint64().Draw(t, "epoch"),
			Request: optional(genRequest).Draw(t, "request"),
			Delta:   value.Delta{Before: genSet.Draw(t, "before").Context, Piece: genPiece.Draw(t, "piece")},
		}
	}), encodeWrite, decodeWrite)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Read {
		return node.Read{
			From: genID().Draw(t, "from"), Stamp: genStamp.Draw(t, "stamp"), Epoch: rapid.Uint64().Draw(t, "epoch"),
			Key: rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "key"), Digest: genDigest.Draw(t, "digest"),
			Request: optional(genRequest).Draw(t, "request"),
		}
	}), encodeRead, decodeRead)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.ReadReply {
		r := node.ReadReply{Digest: genDigest.Draw(t, "digest"), Done: rapid.Bool().Draw(t, "done")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			r.Same = true
		case 1:
			r.Large = true
		case 2:
			r.Set = genSet.Draw(t, "set")
		}
		return r
	}), encodeReadReply, decodeReadReply)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Compare {
		return node.Compare{From: genMember.Draw(t, "from"), Salt: genSalt.Draw(t, "salt"), Ranges: genRanges.Draw(t, "ranges")}
	}), encodeCompare, decodeCompare)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.CompareReply {
		return node.CompareReply{
			Stamp: genStamp.Draw(t, "stamp"), Synced: genRanges.Draw(t, "synced"), Partial: genRanges.Draw(t, "partial"),
			Buckets: genPrints.Draw(t, "buckets"),
		}
	}), encodeCompareReply, decodeCompareReply)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Fetch {
		f := node.Fetch{From: genID().Draw(t, "from"), Salt: genSalt.Draw(t, "salt")}
		f.Parts = append(f.Parts, node.FetchPart{Bucket: 7, Epoch: rapid.Uint64().Draw(t, "epoch"), IDs: genIDs.Draw(t, "ids")})
		for i := range rapid.IntRange(0, node.MaxParts-1).Draw(t, "more") {
			f.Parts = append(f.Parts, node.FetchPart{Bucket: keyspace.Bucket(8 + i), Doubted: i%2 > 0, Have: append([]node.Print(nil), slices.Repeat([]node.Print{{byte(i)}}, i%3)...)})
		}
		return f
	}), encodeFetch, decodeFetch)
	roundTrip(t, rapid.Custom(func(t *rapid.T) node.Take {
		return node.Take{From: genMember.Draw(t, "from"), Stamp: genStamp.Draw(t, "stamp"), Buckets: genDigests.Draw(t, "buckets")}
	}), encodeTake, decodeTake)
}

// Whoever sends the sums of buckets need not care about their order.
func TestDigestsAreSorted(t *testing.T) {
	out, err := decodeTaken(encodeTaken([]node.BucketDigest{someDigests[1], someDigests[0]}))
	equal(t, err, out, someDigests)
}

// The sums of all buckets fit a request, and a set that fits no message is left
// out.
func TestLargestMessages(t *testing.T) {
	all := make([]node.BucketDigest, keyspace.Buckets)
	for i := range all {
		all[i] = node.BucketDigest{Bucket: keyspace.Bucket(i), Digest: store.Digest{1}}
	}
	size := proto.Size(encodeTake(node.Take{From: self, Buckets: all}))
	if t.Logf("%d buckets take %d bytes", len(all), size); size > maxRequest {
		t.Errorf("they fit no message")
	}
	pieces := somePieces(4, store.MaxValue)
	set := value.Set{Context: pieces[3].Context}
	for _, p := range pieces {
		set.Elements = append(set.Elements, p.Elements...)
	}
	if m := encodeReadReply(node.ReadReply{Set: set}); !m.Large || m.Set != nil {
		t.Errorf("a set of 4 MiB travels in an answer")
	}
	set.Elements = set.Elements[:3]
	if m := encodeReadReply(node.ReadReply{Set: set}); m.Large || proto.Size(m) > maxRequest {
		t.Errorf("a set of 3 MiB: %v", m.Large)
	}
	w := someWrite
	w.Delta.Piece = pieces[0]
	w.Delta.Key = make([]byte, store.MaxKey)
	if size := w.Delta.Size() + opOverhead; size > maxRequest {
		t.Errorf("the largest value does not fit: %d bytes", size)
	}
}

func TestCopyDecodersRefuse(t *testing.T) {
	write := func(change func(*chordpb.Write)) error {
		m := encodeWrite(someWrite)
		change(m)
		_, err := decodeWrite(m)
		return err
	}
	read := func(change func(*chordpb.Read)) error {
		m := encodeRead(node.Read{From: self.ID, Key: []byte("k")})
		change(m)
		_, err := decodeRead(m)
		return err
	}
	reply := func(change func(*chordpb.ReadResult)) error {
		m := encodeReadReply(someReply)
		change(m)
		_, err := decodeReadReply(m)
		return err
	}
	taken := func(change func(*chordpb.BucketDigests)) error {
		m := encodeTaken(someDigests)
		change(m.Buckets)
		_, err := decodeTaken(m)
		return err
	}
	compared := func(change func(*chordpb.BucketPrints)) error {
		m := encodeCompareReply(node.CompareReply{Buckets: somePrints})
		change(m.Buckets)
		_, err := decodeCompareReply(m)
		return err
	}
	in7 := keyspace.ID{0, 7, 1}
	fetch := func(parts ...*chordpb.FetchPart) error {
		_, err := decodeFetch(&chordpb.FetchRequest{From: self.ID[:], Salt: make([]byte, 16), Parts: parts})
		return err
	}
	ids := func(ids []byte) error { return fetch(&chordpb.FetchPart{Bucket: 7, Ids: ids}) }
	have := func(prints int) *chordpb.FetchPart {
		return &chordpb.FetchPart{Bucket: 8, Have: make([]byte, 8*prints)}
	}
	_, unsalted := decodeFetch(&chordpb.FetchRequest{From: self.ID[:], Parts: []*chordpb.FetchPart{have(1)}})
	_, missing := decodeReadReply(nil)
	for name, err := range map[string]error{
		"from of a write":        write(func(m *chordpb.Write) { m.From = nil }),
		"short request":          write(func(m *chordpb.Write) { m.Request = m.Request[1:] }),
		"bad before":             write(func(m *chordpb.Write) { m.Before = append(m.Before, 0) }),
		"no delta":               write(func(m *chordpb.Write) { m.Delta = nil }),
		"empty interval":         write(func(m *chordpb.Write) { m.Delta.Elements, m.Delta.From, m.Delta.To = nil, self.ID[:], self.ID[:] }),
		"element twice":          write(func(m *chordpb.Write) { m.Delta.Elements = append(m.Delta.Elements, m.Delta.Elements[0]) }),
		"no digest":              read(func(m *chordpb.Read) { m.Digest = nil }),
		"no key":                 read(func(m *chordpb.Read) { m.Key = nil }),
		"no answer":              missing,
		"same and a set":         reply(func(m *chordpb.ReadResult) { m.Same = true }),
		"large and a set":        reply(func(m *chordpb.ReadResult) { m.Large = true }),
		"bad set":                reply(func(m *chordpb.ReadResult) { m.Set.Elements[0] = nil }),
		"set out of order":       reply(func(m *chordpb.ReadResult) { m.Set.Elements = append(m.Set.Elements, m.Set.Elements[0]) }),
		"bucket twice":           taken(func(m *chordpb.BucketDigests) { m.Buckets[1] = 3 }),
		"buckets backwards":      taken(func(m *chordpb.BucketDigests) { m.Buckets[1] = 2 }),
		"no such bucket":         taken(func(m *chordpb.BucketDigests) { m.Buckets[1] = 65536 }),
		"few digests":            taken(func(m *chordpb.BucketDigests) { m.Digests = m.Digests[:20] }),
		"few epochs":             compared(func(m *chordpb.BucketPrints) { m.Epochs = m.Epochs[:1] }),
		"few prints":             compared(func(m *chordpb.BucketPrints) { m.Prints = m.Prints[:8] }),
		"prints backwards":       compared(func(m *chordpb.BucketPrints) { m.Buckets[1] = 2 }),
		"digests of nothing":     taken(func(m *chordpb.BucketDigests) { m.Buckets = nil }),
		"cut identifier":         ids(in7[1:]),
		"fetch of other buckets": ids(self.ID[:]),
		"too many keys":          ids(slices.Repeat(in7[:], maxKeys+1)),
		"fetch of nothing":       fetch(),
		"too many parts":         fetch(slices.Repeat([]*chordpb.FetchPart{have(0)}, node.MaxParts+1)...),
		"a part twice":           fetch(have(1), have(1)),
		"no such part":           fetch(&chordpb.FetchPart{Bucket: 65536}),
		"cut print":              fetch(&chordpb.FetchPart{Have: make([]byte, 9)}),
		"too many prints":        fetch(&chordpb.FetchPart{Bucket: 7, Have: make([]byte, 8*(node.MaxPrints-1))}, have(2)),
		"no salt":                unsalted,
	} {
		if node.KindOf(err) != node.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"write": write(func(*chordpb.Write) {}), "read": read(func(*chordpb.Read) {}), "reply": reply(func(*chordpb.ReadResult) {}),
		"taken": taken(func(*chordpb.BucketDigests) {}), "compared": compared(func(*chordpb.BucketPrints) {}), "ids": ids(slices.Repeat(in7[:], maxKeys)),
		"prints": fetch(&chordpb.FetchPart{Bucket: 7}, have(node.MaxPrints)),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
