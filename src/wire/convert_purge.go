package wire

import (
	"slices"

	"chord/keyspace"
	"chord/node"
	"chord/replica"
	"chord/store"
	"chord/wire/chordpb"
)

// encodePurge writes purges as the database does, as pieces are.
func encodePurge(p node.PurgeCall) *chordpb.PurgeRequest {
	return &chordpb.PurgeRequest{
		From: p.From[:], Bucket: uint32(p.Bucket), Step: chordpb.PurgeStep(p.Step), Epoch: p.Purges.Epoch, Open: p.Purges.Encode(),
	}
}

func decodePurge(m *chordpb.PurgeRequest) (node.PurgeCall, error) {
	var d decoder
	p := node.PurgeCall{
		From: d.id("from", m.From), Bucket: d.bucket(m.Bucket), Step: node.PurgeStep(m.Step), Purges: d.purges(m.Epoch, m.Open),
	}
	if p.Step < node.PurgeCatchUp || p.Step > node.PurgeFinish {
		d.fail(node.Invalid, "a step of a purge that this version does not know")
	}
	for _, one := range p.Purges.Open {
		for _, k := range one.Keys {
			if d.err == nil && keyspace.BucketOf(keyspace.HashKey(k.Key)) != p.Bucket {
				d.fail(node.Invalid, "a key of another bucket than %d", p.Bucket)
			}
		}
	}
	return p, d.result()
}

func (d *decoder) purges(epoch uint64, open []byte) replica.Purges {
	s, err := replica.DecodePurges(epoch, open)
	if err != nil {
		d.fail(node.Invalid, "purges")
	}
	for _, p := range s.Open {
		for _, k := range p.Keys {
			if d.key(k.Key); len(k.Key) > store.MaxKey {
				return s
			}
		}
	}
	return s
}

func encodePurgeReply(r node.PurgeReply) *chordpb.PurgeResponse {
	m := &chordpb.PurgeResponse{Ok: r.OK, Epoch: r.Purges.Epoch, Open: r.Purges.Encode()}
	for _, id := range r.Peers {
		m.Peers = append(m.Peers, id[:]...)
	}
	return m
}

func decodePurgeReply(m *chordpb.PurgeResponse) (node.PurgeReply, error) {
	var d decoder
	r := node.PurgeReply{OK: m.Ok, Purges: d.purges(m.Epoch, m.Open)}
	if len(m.Peers)%keyspace.Size != 0 {
		d.fail(node.Invalid, "peers have %d bytes", len(m.Peers))
		return r, d.result()
	}
	for id := range slices.Chunk(m.Peers, keyspace.Size) {
		r.Peers = append(r.Peers, keyspace.ID(id))
	}
	return r, d.result()
}
