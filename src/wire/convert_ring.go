package wire

import (
	"chord/node"
	"chord/ring"
	"chord/wire/chordpb"
)

// encodePeer writes a peer that must be there: the other side refuses one
// without an address.
func encodePeer(p ring.Peer) *chordpb.Peer { return &chordpb.Peer{Id: p.ID[:], Addr: p.Addr} }

// encodeOptionalPeer leaves out a peer that stands for none.
func encodeOptionalPeer(p ring.Peer) *chordpb.Peer {
	if p.IsZero() {
		return nil
	}
	return encodePeer(p)
}

func (d *decoder) peer(field string, m *chordpb.Peer) ring.Peer {
	if m == nil {
		d.fail(node.Invalid, "%s is missing", field)
		return ring.Peer{}
	}
	return ring.Peer{ID: d.id(field, m.Id), Addr: d.addr(field, m.Addr)}
}

func (d *decoder) optionalPeer(field string, m *chordpb.Peer) ring.Peer {
	if m == nil {
		return ring.Peer{}
	}
	return d.peer(field, m)
}

// peers reads a list that is no longer than a successor list can be.
func (d *decoder) peers(field string, in []*chordpb.Peer) []ring.Peer {
	return list(d, field, in, maxSuccessors, d.peer)
}

// encodeRingRequest writes a request that it does not know as an empty one,
// which the other side refuses; so do the other encoders.
func encodeRingRequest(q ring.Request) *chordpb.RingRequest {
	switch q := q.(type) {
	case ring.Notify:
		return &chordpb.RingRequest{Request: &chordpb.RingRequest_Notify{
			Notify: &chordpb.Notify{From: encodePeer(q.From)}}}
	case ring.AskRoute:
		return &chordpb.RingRequest{Request: &chordpb.RingRequest_AskRoute{
			AskRoute: &chordpb.AskRoute{Target: q.Target[:]}}}
	case ring.AskState:
		return &chordpb.RingRequest{Request: &chordpb.RingRequest_AskState{AskState: &chordpb.AskState{}}}
	}
	return &chordpb.RingRequest{}
}

func decodeRingRequest(m *chordpb.RingRequest) (ring.Request, error) {
	var d decoder
	var q ring.Request
	switch r := m.Request.(type) {
	case *chordpb.RingRequest_AskState:
		q = ring.AskState{}
	case *chordpb.RingRequest_Notify:
		q = ring.Notify{From: d.peer("from", r.Notify.GetFrom())}
	case *chordpb.RingRequest_AskRoute:
		q = ring.AskRoute{Target: d.id("target", r.AskRoute.GetTarget())}
	default:
		d.fail(node.Invalid, "a ring request of a kind that this version does not know")
	}
	return q, d.result()
}

func encodeRingResponse(a ring.Response) *chordpb.RingResponse {
	switch a := a.(type) {
	case ring.State:
		return &chordpb.RingResponse{Response: &chordpb.RingResponse_State{State: &chordpb.RingState{
			Pending:     a.Pending,
			Self:        encodePeer(a.Self),
			Predecessor: encodeOptionalPeer(a.Predecessor),
			Successors:  encodeList(a.Successors, encodePeer),
		}}}
	case ring.Route:
		return &chordpb.RingResponse{Response: &chordpb.RingResponse_Route{Route: &chordpb.Route{
			Pending: a.Pending, Found: a.Found, Hops: encodeList(a.Hops, encodePeer)}}}
	case ring.Noted:
		return &chordpb.RingResponse{Response: &chordpb.RingResponse_Noted{Noted: &chordpb.Noted{}}}
	}
	return &chordpb.RingResponse{}
}

func decodeRingResponse(m *chordpb.RingResponse) (ring.Response, error) {
	var d decoder
	var a ring.Response
	switch r := m.Response.(type) {
	case *chordpb.RingResponse_State:
		s := r.State
		a = ring.State{
			Pending:     s.GetPending(),
			Self:        d.peer("self", s.GetSelf()),
			Predecessor: d.optionalPeer("predecessor", s.GetPredecessor()),
			Successors:  d.peers("successors", s.GetSuccessors()),
		}
	case *chordpb.RingResponse_Noted:
		a = ring.Noted{}
	case *chordpb.RingResponse_Route:
		hops := d.peers("hops", r.Route.GetHops())
		if r.Route.GetFound() && len(hops) == 0 {
			d.fail(node.Invalid, "a route is found and names nobody")
		}
		a = ring.Route{Pending: r.Route.GetPending(), Found: r.Route.GetFound(), Hops: hops}
	default:
		d.fail(node.Invalid, "a ring answer of a kind that this version does not know")
	}
	return a, d.result()
}
