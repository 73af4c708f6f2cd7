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
	return &chordpb.CompareRequest{From: encodeMember(c.From), Ranges: encodeList(c.Ranges, encodeRange)}
}

func decodeCompare(m *chordpb.CompareRequest) (node.Compare, error) {
	var d decoder
	c := node.Compare{From: d.member("from", m.From), Ranges: d.ranges("ranges", m.Ranges)}
	return c, d.result()
}

func encodeCompareReply(r node.CompareReply) *chordpb.CompareResponse {
	return &chordpb.CompareResponse{
		Stamp: encodeStamp(r.Stamp), Buckets: encodeDigests(r.Buckets),
		Synced: encodeList(r.Synced, encodeRange), Partial: encodeList(r.Partial, encodeRange),
		Doubted: encodeList(r.Doubted, encodeRange),
	}
}

func decodeCompareReply(m *chordpb.CompareResponse) (node.CompareReply, error) {
	var d decoder
	r := node.CompareReply{
		Stamp: decodeStamp(m.Stamp), Buckets: d.digests(m.Buckets),
		Synced: d.ranges("synced", m.Synced), Partial: d.ranges("partial", m.Partial),
		Doubted: d.ranges("doubted", m.Doubted),
	}
	return r, d.result()
}

// encodeDigests puts them in order, which the reader insists on.
func encodeDigests(list []node.BucketDigest) *chordpb.BucketDigests {
	order := func(a, b node.BucketDigest) int { return cmp.Compare(a.Bucket, b.Bucket) }
	if !slices.IsSortedFunc(list, order) {
		list = slices.SortedFunc(slices.Values(list), order)
	}
	m := &chordpb.BucketDigests{
		Buckets: make([]uint32, len(list)), Keys: make([]uint64, len(list)), Epochs: make([]uint64, len(list)),
		Digests: make([]byte, 0, len(list)*len(store.Digest{})),
	}
	for i, b := range list {
		m.Buckets[i], m.Keys[i], m.Epochs[i] = uint32(b.Bucket), b.Keys, b.Epoch
		m.Digests = append(m.Digests, b.Digest[:]...)
	}
	return m
}

// digests reads the sums of buckets, which are in order and named once.
func (d *decoder) digests(m *chordpb.BucketDigests) []node.BucketDigest {
	n := len(m.GetBuckets())
	if !d.count("buckets", n, keyspace.Buckets) || n == 0 && len(m.GetDigests()) == 0 {
		return nil
	}
	if len(m.Keys) != n || len(m.Epochs) != n || len(m.Digests) != n*len(store.Digest{}) {
		d.fail(node.Invalid, "the sums of %d buckets are not as many", n)
		return nil
	}
	out := make([]node.BucketDigest, n)
	for i, b := range m.Buckets {
		if i > 0 && b <= m.Buckets[i-1] {
			d.fail(node.Invalid, "buckets are out of order at %d", b)
		}
		out[i] = node.BucketDigest{
			Bucket: d.bucket(b), Keys: m.Keys[i], Epoch: m.Epochs[i],
			Digest: store.Digest(m.Digests[i*len(store.Digest{}):]),
		}
	}
	return out
}

func encodeKeys(k node.Keys) *chordpb.KeysRequest {
	return &chordpb.KeysRequest{Bucket: uint32(k.Bucket), From: encodeOptionalID(k.From)}
}

func decodeKeys(m *chordpb.KeysRequest) (node.Keys, error) {
	var d decoder
	k := node.Keys{Bucket: d.bucket(m.Bucket), From: d.optionalID("from", m.From)}
	return k, d.result()
}

func encodeKeysReply(r node.KeysReply) *chordpb.KeysResponse {
	m := &chordpb.KeysResponse{Next: encodeOptionalID(r.Next)}
	for _, k := range r.Keys {
		m.Ids, m.Digests = append(m.Ids, k.ID[:]...), append(m.Digests, k.Digest[:]...)
	}
	return m
}

// decodeKeysReply takes a page of the bucket that was asked for alone, and none
// whose successor does not come after it: who asks on must come to an end.
func decodeKeysReply(q node.Keys, m *chordpb.KeysResponse) (node.KeysReply, error) {
	var d decoder
	ids := d.ids("keys", m.Ids, q.Bucket)
	r := node.KeysReply{Next: d.optionalID("next", m.Next)}
	if len(m.Digests) != len(ids)*len(store.Digest{}) {
		d.fail(node.Invalid, "the digests of %d keys have %d bytes", len(ids), len(m.Digests))
		return r, d.result()
	}
	last := q.From
	for i, id := range ids {
		if order := id.Compare(last); order < 0 || order == 0 && i > 0 {
			d.fail(node.Invalid, "keys are out of order")
		}
		last = id
		r.Keys = append(r.Keys, node.KeyDigest{ID: id, Digest: store.Digest(m.Digests[i*len(store.Digest{}):])})
	}
	if !r.Next.IsZero() && (r.Next.Compare(last) <= 0 || keyspace.BucketOf(r.Next) != q.Bucket) {
		d.fail(node.Invalid, "a page of keys that does not end")
	}
	return r, d.result()
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
	m := &chordpb.FetchRequest{From: f.From[:], Bucket: uint32(f.Bucket), Epoch: f.Epoch, Doubted: f.Doubted}
	for _, id := range f.IDs {
		m.Ids = append(m.Ids, id[:]...)
	}
	return m
}

func decodeFetch(m *chordpb.FetchRequest) (node.Fetch, error) {
	var d decoder
	f := node.Fetch{From: d.id("from", m.From), Bucket: d.bucket(m.Bucket), Epoch: m.Epoch, Doubted: m.Doubted}
	f.IDs = d.ids("keys", m.Ids, f.Bucket)
	return f, d.result()
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
