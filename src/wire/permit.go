package wire

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc/peer"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/trust"
	"chord/wire/chordpb"
)

// needs returns the role that a method takes. What is not named takes the most
// that its service has, so that a new method is not open by accident.
func needs(method string) trust.Role {
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	switch service {
	case chordpb.Maintenance_ServiceDesc.ServiceName, chordpb.Storage_ServiceDesc.ServiceName:
		return trust.Node
	case chordpb.Admin_ServiceDesc.ServiceName:
		return trust.Admin
	case chordpb.Chord_ServiceDesc.ServiceName:
		switch method {
		case chordpb.Chord_Exchange_FullMethodName, // each operation on it is looked at
			chordpb.Chord_Retrieve_FullMethodName, chordpb.Chord_Get_FullMethodName, chordpb.Chord_Lookup_FullMethodName,
			chordpb.Chord_Entries_FullMethodName, chordpb.Chord_Export_FullMethodName,
			chordpb.Chord_Status_FullMethodName, chordpb.Chord_Members_FullMethodName:
			return trust.Read
		}
		return trust.Write
	}
	return trust.Read // health and reflection
}

// callerOf returns who makes a call, nil where nothing is known of it.
func callerOf(ctx context.Context) *party {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil
	}
	who, _ := p.AuthInfo.(*party)
	return who
}

// from names the caller for the log.
func from(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok {
		return p.Addr.String()
	}
	return "?"
}

// permit says why the caller may not do what takes the role.
func (s *Server) permit(ctx context.Context, need trust.Role) error {
	return s.permitParty(ctx, callerOf(ctx), need)
}

func (s *Server) permitParty(ctx context.Context, who *party, need trust.Role) error {
	source := s.options.Trust
	if source == nil {
		return nil
	}
	if who == nil || who.peer == nil {
		if source.Mode() != trust.Require {
			return nil
		}
		source.Note(from(ctx), &trust.Refusal{Reason: trust.Plain, Text: "it does not speak TLS, on a connection from before TLS was required"})
		return errUnknownCaller
	}
	if err := who.peer.Check(); err != nil {
		source.Note(from(ctx), err)
		return errUnknownCaller
	}
	if who.may(need, source) {
		return nil
	}
	source.Note(from(ctx), &trust.Refusal{Reason: trust.Forbidden, Text: fmt.Sprintf("%s asks for what takes the role %s", who.peer.Identity, need)})
	return &node.Error{
		Kind:   node.PermissionDenied,
		Text:   fmt.Sprintf("the certificate of %q has the role %s, and this takes the role %s", who.peer.Name, who.peer.Role, need),
		Remedy: "ask with another certificate, one of `chord tls client NAME --role " + need.String() + "`",
	}
}

// errUnknownCaller tells nothing but that.
var errUnknownCaller = &node.Error{
	Kind: node.Unauthenticated, Text: "the node does not know who asks",
	Remedy: "show a certificate that is valid and of a CA that the node trusts",
}

// may reports whether the party has a role that is enough. A node may do what
// writers may, and at itself what administrators may: who has its key owns it.
func (p *party) may(need trust.Role, at *trust.Source) bool {
	has := p.peer.Role
	if has == trust.Node {
		return need != trust.Admin || p.peer.Name == at.Own().Name
	}
	return has >= need
}

// claim says whether the caller may speak for the node with that identifier:
// a node's place follows from the name in its certificate.
func (s *Server) claim(ctx context.Context, id keyspace.ID) error {
	who := callerOf(ctx)
	if s.options.Trust == nil || who == nil || who.peer == nil || who.owns(id) {
		return nil
	}
	source := s.options.Trust
	source.Note(from(ctx), &trust.Refusal{Reason: trust.OtherName, Text: fmt.Sprintf("%s speaks for the place %s, which is none of its own", who.peer.Identity, id)})
	return &node.Error{
		Kind:   node.PermissionDenied,
		Text:   fmt.Sprintf("the place %s is none of the node %q", id.Short(), who.peer.Name),
		Remedy: "with TLS a node's place follows from the name in its certificate: take --node-id away, or start with the right name and database",
	}
}

// claimMember does the same for a member's record.
func (s *Server) claimMember(ctx context.Context, m member.Member) error {
	who := callerOf(ctx)
	if s.options.Trust == nil || who == nil || who.peer == nil || m.Name == who.peer.Name {
		return s.claim(ctx, m.ID)
	}
	s.options.Trust.Note(from(ctx), &trust.Refusal{Reason: trust.OtherName, Text: fmt.Sprintf("%s speaks for the node %q", who.peer.Identity, m.Name)})
	return &node.Error{
		Kind: node.PermissionDenied, Text: fmt.Sprintf("the certificate of %q does not speak for the node %q", who.peer.Name, m.Name),
		Remedy: "a node's --name must be the name in its certificate",
	}
}

// claimed says whether an answer of a node that this side called may come from
// it. The answerer is known by its certificate.
func (p *party) claimed(id keyspace.ID, addr string) error {
	if p == nil || p.peer == nil || p.owns(id) {
		return nil
	}
	return &node.Error{Kind: node.Unauthenticated, Text: fmt.Sprintf("%s answers for the place %s, which is none of the node %q", addr, id.Short(), p.peer.Name)}
}
