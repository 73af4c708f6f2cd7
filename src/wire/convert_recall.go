package wire

import (
	"chord/keyspace"
	"chord/node"
	"chord/replica"
	"chord/wire/chordpb"
)

func encodeRecollection(r node.Recollection) *chordpb.RecallResponse {
	return &chordpb.RecallResponse{
		Members: encodeList(r.Members, encodeMember),
		Buckets: encodeList(r.Buckets, func(k node.Known) *chordpb.KnownBuckets {
			return &chordpb.KnownBuckets{
				Range: encodeRange(k.Range), State: chordpb.BucketState(k.State + 1), Epoch: k.Epoch, To: encodeOptionalID(k.To),
			}
		}),
	}
}

// decodeRecollection takes no state that it does not know: who restores must
// not guess.
func decodeRecollection(m *chordpb.RecallResponse) (node.Recollection, error) {
	var d decoder
	r := node.Recollection{Members: d.members("members", m.Members)}
	next := uint32(0)
	r.Buckets = list(&d, "buckets", m.Buckets, keyspace.Buckets, func(field string, k *chordpb.KnownBuckets) node.Known {
		first, last, state := k.GetRange().GetFirst(), k.GetRange().GetLast(), k.GetState()-1
		if first < next || last < first || state < 0 || state > chordpb.BucketState(replica.Held) {
			d.fail(node.Invalid, "%s are out of order at %d to %d, or of an unknown state", field, first, last)
		}
		next = last + 1
		return node.Known{
			Range: node.Range{First: d.bucket(first), Last: d.bucket(last)},
			State: replica.State(state), Epoch: k.GetEpoch(), To: d.optionalID("to", k.GetTo()),
		}
	})
	return r, d.result()
}
