package wire

import (
	"cmp"
	"slices"

	"chord/keyspace"
	"chord/node"
	"chord/store"
	"chord/wire/chordpb"
)

func encodeCompare(c node.Compare) *chordpb.CompareRequest {
	return &chordpb.CompareRequest{From: encodeMember(c.From), Salt: c.Salt[:], Ranges: encodeList(c.Ranges, encodeRange)}
}

func decodeCompare(m *chordpb.CompareRequest) (node.Compare, error) {
	var d decoder
	c := node.Compare{From: d.member("from", m.From), Salt: d.salt(m.Salt), Ranges: d.ranges("ranges", m.Ranges)}
	return c, d.result()
}

func (d *decoder) salt(b []byte) (s node.Salt) {
	d.fixed("the salt of prints", b, s[:])
	return s
}

func encodeCompareReply(r node.CompareReply) *chordpb.CompareResponse {
	return &chordpb.CompareResponse{
		Stamp: encodeStamp(r.Stamp), Buckets: encodePrints(r.Buckets),
		Synced: encodeList(r.Synced, encodeRange), Partial: encodeList(r.Partial, encodeRange),
		Doubted: encodeList(r.Doubted, encodeRange),
	}
}

func decodeCompareReply(m *chordpb.CompareResponse) (node.CompareReply, error) {
	var d decoder
	r := node.CompareReply{
		Stamp: decodeStamp(m.Stamp), Buckets: d.prints(m.Buckets),
		Synced: d.ranges("synced", m.Synced), Partial: d.ranges("partial", m.Partial),
		Doubted: d.ranges("doubted", m.Doubted),
	}
	return r, d.result()
}

func encodePrints(list []node.BucketPrint) *chordpb.BucketPrints {
	m := &chordpb.BucketPrints{
		Buckets: make([]uint32, len(list)), Epochs: make([]uint64, len(list)),
		Prints: make([]byte, 0, len(list)*len(node.Print{})),
	}
	for i, b := range list {
		m.Buckets[i], m.Epochs[i] = uint32(b.Bucket), b.Epoch
		m.Prints = append(m.Prints, b.Print[:]...)
	}
	return m
}

func (d *decoder) prints(m *chordpb.BucketPrints) []node.BucketPrint {
	n := len(m.GetBuckets())
	if !d.sums(m.GetBuckets(), len(m.GetPrints()), len(node.Print{})) {
		return nil
	}
	if len(m.Epochs) != n {
		d.fail(node.Invalid, "the epochs of %d buckets are not as many", n)
		return nil
	}
	out := make([]node.BucketPrint, n)
	for i, b := range m.Buckets {
		out[i] = node.BucketPrint{Bucket: d.bucket(b), Print: node.Print(m.Prints[i*len(node.Print{}):]), Epoch: m.Epochs[i]}
	}
	return out
}

// encodeDigests puts them in order, which the reader insists on.
func encodeDigests(list []node.BucketDigest) *chordpb.BucketDigests {
	order := func(a, b node.BucketDigest) int { return cmp.Compare(a.Bucket, b.Bucket) }
	if !slices.IsSortedFunc(list, order) {
		list = slices.SortedFunc(slices.Values(list), order)
	}
	m := &chordpb.BucketDigests{
		Buckets: make([]uint32, len(list)),
		Digests: make([]byte, 0, len(list)*len(store.Digest{})),
	}
	if slices.ContainsFunc(list, func(b node.BucketDigest) bool { return b.Epoch > 0 }) {
		m.Epochs = make([]uint64, len(list))
	}
	for i, b := range list {
		m.Buckets[i] = uint32(b.Bucket)
		m.Digests = append(m.Digests, b.Digest[:]...)
		if m.Epochs != nil {
			m.Epochs[i] = b.Epoch
		}
	}
	return m
}

func (d *decoder) digests(m *chordpb.BucketDigests) []node.BucketDigest {
	if !d.sums(m.GetBuckets(), len(m.GetDigests()), len(store.Digest{})) {
		return nil
	}
	if n := len(m.Epochs); n > 0 && n != len(m.Buckets) {
		d.fail(node.Invalid, "the epochs of %d buckets are not as many", len(m.Buckets))
		return nil
	}
	out := make([]node.BucketDigest, len(m.Buckets))
	for i, b := range m.Buckets {
		out[i] = node.BucketDigest{Bucket: d.bucket(b), Digest: store.Digest(m.Digests[i*len(store.Digest{}):])}
		if len(m.Epochs) > 0 {
			out[i].Epoch = m.Epochs[i]
		}
	}
	return out
}

// sums reports whether there are buckets, in order and named once, and so many
// bytes of sums as they have.
func (d *decoder) sums(buckets []uint32, bytes, each int) bool {
	n := len(buckets)
	if !d.count("buckets", n, keyspace.Buckets) {
		return false
	}
	if bytes != n*each {
		d.fail(node.Invalid, "the sums of %d buckets are not as many", n)
		return false
	}
	for i := range buckets {
		if i > 0 && buckets[i] <= buckets[i-1] {
			d.fail(node.Invalid, "buckets are out of order at %d", buckets[i])
		}
	}
	return n > 0
}

// ids reads identifiers of one bucket that stand one behind the other.
func (d *decoder) ids(field string, b []byte, of keyspace.Bucket) []keyspace.ID {
	if len(b)%keyspace.Size != 0 {
		d.fail(node.Invalid, "%s have %d bytes", field, len(b))
		return nil
	}
	if len(b) == 0 || !d.count(field, len(b)/keyspace.Size, maxKeys) {
		return nil
	}
	out := make([]keyspace.ID, 0, len(b)/keyspace.Size)
	for id := range slices.Chunk(b, keyspace.Size) {
		if out = append(out, keyspace.ID(id)); keyspace.BucketOf(out[len(out)-1]) != of {
			d.fail(node.Invalid, "%s of another bucket than %d", field, of)
		}
	}
	return out
}

func encodeFetch(f node.Fetch) *chordpb.FetchRequest {
	return &chordpb.FetchRequest{From: f.From[:], Salt: f.Salt[:], Parts: encodeList(f.Parts, encodeFetchPart)}
}

func encodeFetchPart(p node.FetchPart) *chordpb.FetchPart {
	m := &chordpb.FetchPart{Bucket: uint32(p.Bucket), Epoch: p.Epoch, Doubted: p.Doubted}
	for _, id := range p.IDs {
		m.Ids = append(m.Ids, id[:]...)
	}
	m.Have = make([]byte, 0, len(p.Have)*len(node.Print{}))
	for _, h := range p.Have {
		m.Have = append(m.Have, h[:]...)
	}
	return m
}

// decodeFetch takes a question about some buckets in their order.
func decodeFetch(m *chordpb.FetchRequest) (node.Fetch, error) {
	var d decoder
	f := node.Fetch{From: d.id("from", m.From), Salt: d.salt(m.Salt)}
	if len(m.Parts) == 0 {
		d.fail(node.Invalid, "nothing is asked for")
	}
	f.Parts = list(&d, "parts", m.Parts, node.MaxParts, func(_ string, m *chordpb.FetchPart) node.FetchPart { return d.fetchPart(m) })
	prints := 0
	for i, p := range f.Parts {
		if prints += len(p.Have); i > 0 && p.Bucket <= f.Parts[i-1].Bucket {
			d.fail(node.Invalid, "buckets are out of order at %d", p.Bucket)
		}
	}
	d.count("prints", prints, node.MaxPrints)
	return f, d.result()
}

func (d *decoder) fetchPart(m *chordpb.FetchPart) node.FetchPart {
	p := node.FetchPart{Bucket: d.bucket(m.GetBucket()), Epoch: m.GetEpoch(), Doubted: m.GetDoubted()}
	p.IDs = d.ids("keys", m.GetIds(), p.Bucket)
	have := m.GetHave()
	if len(have)%len(node.Print{}) != 0 {
		d.fail(node.Invalid, "prints have %d bytes", len(have))
		return p
	}
	for print := range slices.Chunk(have, len(node.Print{})) {
		p.Have = append(p.Have, node.Print(print))
	}
	return p
}

func encodeSums(sums []store.Digest) []byte {
	b := make([]byte, 0, len(sums)*len(store.Digest{}))
	for _, s := range sums {
		b = append(b, s[:]...)
	}
	return b
}

// decodeSums reads one digest for each part.
func decodeSums(b []byte, parts int) (sums []store.Digest, err error) {
	var d decoder
	if len(b) != parts*len(store.Digest{}) {
		d.fail(node.Invalid, "the sums of %d buckets have %d bytes", parts, len(b))
		return nil, d.result()
	}
	sums = make([]store.Digest, 0, parts)
	for sum := range slices.Chunk(b, len(store.Digest{})) {
		sums = append(sums, store.Digest(sum))
	}
	return sums, nil
}

func encodeTake(t node.Take) *chordpb.TakeRequest {
	return &chordpb.TakeRequest{From: encodeMember(t.From), Stamp: encodeStamp(t.Stamp), Buckets: encodeDigests(t.Buckets)}
}

func decodeTake(m *chordpb.TakeRequest) (node.Take, error) {
	var d decoder
	t := node.Take{From: d.member("from", m.From), Stamp: decodeStamp(m.Stamp), Buckets: d.digests(m.Buckets)}
	return t, d.result()
}

func encodeTaken(list []node.BucketDigest) *chordpb.TakeResponse {
	return &chordpb.TakeResponse{Buckets: encodeDigests(list)}
}

func decodeTaken(m *chordpb.TakeResponse) ([]node.BucketDigest, error) {
	var d decoder
	return d.digests(m.Buckets), d.result()
}
