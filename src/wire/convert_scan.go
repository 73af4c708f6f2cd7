package wire

import (
	"chord/keyspace"
	"chord/node"
	"chord/wire/chordpb"
)

func encodeScan(s node.Scan) *chordpb.ScanRequest {
	return &chordpb.ScanRequest{From: encodeOptionalID(s.From), Limit: uint32(max(0, s.Limit))}
}

func decodeScan(m *chordpb.ScanRequest) (node.Scan, error) {
	var d decoder
	s := node.Scan{From: d.optionalID("from", m.From), Limit: int(min(m.Limit, maxKeys))}
	return s, d.result()
}

func encodeScanReply(r node.ScanReply) *chordpb.ScanResponse {
	m := &chordpb.ScanResponse{Count: r.Count, Next: encodeOptionalID(r.Next)}
	for _, k := range r.Keys {
		m.Keys, m.Values = append(m.Keys, k.Key), append(m.Values, k.Values)
	}
	return m
}

// decodeScanReply takes keys in order that begin where was asked, and a next page
// that comes after them: who asks on must come to an end.
func decodeScanReply(s node.Scan, m *chordpb.ScanResponse) (node.ScanReply, error) {
	var d decoder
	r := node.ScanReply{Count: m.Count, Next: d.optionalID("next", m.Next)}
	if len(m.Keys) != len(m.Values) {
		d.fail(node.Invalid, "%d keys with %d counts", len(m.Keys), len(m.Values))
		return r, d.result()
	}
	if !d.count("keys", len(m.Keys), maxKeys) {
		return r, d.result()
	}
	last := s.From
	for i, key := range m.Keys {
		id := keyspace.HashKey(d.key(key))
		if order := id.Compare(last); order < 0 || order == 0 && i > 0 {
			d.fail(node.Invalid, "keys are out of order")
		}
		last = id
		r.Keys = append(r.Keys, node.ScannedKey{Key: key, Values: m.Values[i]})
	}
	if !r.Next.IsZero() && (r.Next.Compare(last) < 0 || r.Next == s.From || len(r.Keys) > 0 && r.Next == last) {
		d.fail(node.Invalid, "a page of keys that does not end")
	}
	return r, d.result()
}
