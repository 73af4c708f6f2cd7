package wire

import (
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/wire/chordpb"
)

func encodeMember(m member.Member) *chordpb.Member {
	return &chordpb.Member{
		Id: m.ID[:], Name: m.Name, Addr: m.Addr, Domain: m.Domain,
		Incarnation: m.Incarnation, Version: m.Version,
		State:   chordpb.MemberState(m.State + 1), // the wire's zero stands for none
		Serving: m.Serving, Placed: m.Placed,
	}
}

func (d *decoder) member(field string, m *chordpb.Member) member.Member {
	if m == nil {
		d.fail(node.Invalid, "%s is missing", field)
		return member.Member{}
	}
	state := member.State(m.State - 1)
	if state < member.Alive || state > member.Forgotten {
		d.fail(node.Invalid, "%s is in state %d, which this version does not know", field, m.State)
	}
	return member.Member{
		ID:          d.id(field, m.Id),
		Name:        d.text("a member's name", m.Name, maxName),
		Addr:        d.addr(field, m.Addr),
		Domain:      d.text("a member's domain", m.Domain, maxName),
		Incarnation: m.Incarnation, Version: m.Version, State: state, Serving: m.Serving, Placed: m.Placed,
	}
}

// members reads gossip or a whole table; nil where it is empty.
func (d *decoder) members(field string, in []*chordpb.Member) []member.Member {
	return list(d, field, in, maxMembers, d.member)
}

func encodeMemberRequest(q member.Request) *chordpb.MemberRequest {
	switch q := q.(type) {
	case member.Ping:
		return &chordpb.MemberRequest{Request: &chordpb.MemberRequest_Ping{
			Ping: &chordpb.Ping{To: q.To[:], Gossip: encodeList(q.Gossip, encodeMember)}}}
	case member.PingThrough:
		return &chordpb.MemberRequest{Request: &chordpb.MemberRequest_PingThrough{
			PingThrough: &chordpb.PingThrough{
				Target: encodeMember(q.Target), Gossip: encodeList(q.Gossip, encodeMember)}}}
	case member.Sync:
		return &chordpb.MemberRequest{Request: &chordpb.MemberRequest_Sync{
			Sync: &chordpb.Table{From: q.From[:], Members: encodeList(q.Members, encodeMember)}}}
	}
	return &chordpb.MemberRequest{}
}

func decodeMemberRequest(m *chordpb.MemberRequest) (member.Request, error) {
	var d decoder
	var q member.Request
	switch r := m.Request.(type) {
	case *chordpb.MemberRequest_Ping:
		q = member.Ping{To: d.id("to", r.Ping.GetTo()), Gossip: d.members("gossip", r.Ping.GetGossip())}
	case *chordpb.MemberRequest_PingThrough:
		q = member.PingThrough{
			Target: d.member("target", r.PingThrough.GetTarget()),
			Gossip: d.members("gossip", r.PingThrough.GetGossip()),
		}
	case *chordpb.MemberRequest_Sync:
		q = member.Sync{From: d.id("from", r.Sync.GetFrom()), Members: d.members("members", r.Sync.GetMembers())}
	default:
		d.fail(node.Invalid, "a membership request of a kind that this version does not know")
	}
	return q, d.result()
}

func encodeMemberResponse(a member.Response) *chordpb.MemberResponse {
	switch a := a.(type) {
	case member.Ack:
		return &chordpb.MemberResponse{Response: &chordpb.MemberResponse_Ack{
			Ack: &chordpb.Ack{From: a.From[:], Gossip: encodeList(a.Gossip, encodeMember)}}}
	case member.Members:
		return &chordpb.MemberResponse{Response: &chordpb.MemberResponse_Members{
			Members: &chordpb.Table{From: a.From[:], Members: encodeList(a.Members, encodeMember)}}}
	}
	return &chordpb.MemberResponse{}
}

func decodeMemberResponse(m *chordpb.MemberResponse) (member.Response, error) {
	var d decoder
	var a member.Response
	switch r := m.Response.(type) {
	case *chordpb.MemberResponse_Ack:
		a = member.Ack{From: d.id("from", r.Ack.GetFrom()), Gossip: d.members("gossip", r.Ack.GetGossip())}
	case *chordpb.MemberResponse_Members:
		a = member.Members{
			From:    d.id("from", r.Members.GetFrom()),
			Members: d.members("members", r.Members.GetMembers()),
		}
	default:
		d.fail(node.Invalid, "a membership answer of a kind that this version does not know")
	}
	return a, d.result()
}

func encodeHello(h node.Hello) *chordpb.HelloResponse {
	return &chordpb.HelloResponse{
		Member: encodeMember(h.Member), Process: h.Process, Joined: h.Joined,
		Quorums: encodeQuorums(h.Quorums),
	}
}

func decodeHello(m *chordpb.HelloResponse) (node.Hello, error) {
	var d decoder
	h := node.Hello{
		Member: d.member("member", m.Member), Process: m.Process, Joined: m.Joined,
		Quorums: d.quorums(m.GetQuorums()),
	}
	return h, d.result()
}

func encodeQuorums(q replica.Quorums) *chordpb.Quorums {
	return &chordpb.Quorums{Copies: uint32(q.Copies), Write: uint32(q.Write), Read: uint32(q.Read)}
}

func (d *decoder) quorums(q *chordpb.Quorums) replica.Quorums {
	return replica.Quorums{Copies: d.quorum(q.GetCopies()), Write: d.quorum(q.GetWrite()), Read: d.quorum(q.GetRead())}
}

func (d *decoder) quorum(n uint32) int {
	if n > replica.MaxCopies {
		d.fail(node.Invalid, "a quorum of %d, the limit is %d", n, replica.MaxCopies)
	}
	return int(n)
}
