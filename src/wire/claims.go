package wire

import (
	"context"
	"iter"

	"chord/member"
	"chord/node"
	"chord/ring"
)

// claims is a node as other nodes reach it: who speaks for a place or a name must
// be who the certificate says. Over a plain connection everybody is believed.
type claims struct {
	node.Peer
	server *Server
}

func (c claims) Ring(ctx context.Context, q ring.Request) (ring.Response, error) {
	if n, ok := q.(ring.Notify); ok {
		if err := c.server.claim(ctx, n.From.ID); err != nil {
			return nil, err
		}
	}
	return c.Peer.Ring(ctx, q)
}

// Member lets those without a place ask who there is.
func (c claims) Member(ctx context.Context, q member.Request) (member.Response, error) {
	if s, ok := q.(member.Sync); ok && !s.From.IsZero() {
		if err := c.server.claim(ctx, s.From); err != nil {
			return nil, err
		}
	}
	return c.Peer.Member(ctx, q)
}

func (c claims) Write(ctx context.Context, w node.Write) func() error {
	if err := c.server.claim(ctx, w.From); err != nil {
		return func() error { return err }
	}
	return c.Peer.Write(ctx, w)
}

func (c claims) Read(ctx context.Context, r node.Read) (node.ReadReply, error) {
	if err := c.server.claim(ctx, r.From); err != nil {
		return node.ReadReply{}, err
	}
	return c.Peer.Read(ctx, r)
}

func (c claims) Compare(ctx context.Context, q node.Compare) (node.CompareReply, error) {
	if err := c.server.claimMember(ctx, q.From); err != nil {
		return node.CompareReply{}, err
	}
	return c.Peer.Compare(ctx, q)
}

func (c claims) Take(ctx context.Context, t node.Take) ([]node.BucketDigest, error) {
	if err := c.server.claimMember(ctx, t.From); err != nil {
		return nil, err
	}
	return c.Peer.Take(ctx, t)
}

func (c claims) Seen(ctx context.Context, from member.Member) (uint64, error) {
	if err := c.server.claimMember(ctx, from); err != nil {
		return 0, err
	}
	return c.Peer.Seen(ctx, from)
}

func (c claims) Purge(ctx context.Context, p node.PurgeCall) (node.PurgeReply, error) {
	if err := c.server.claim(ctx, p.From); err != nil {
		return node.PurgeReply{}, err
	}
	return c.Peer.Purge(ctx, p)
}

func (c claims) Fetch(ctx context.Context, f node.Fetch) iter.Seq2[node.Fetched, error] {
	if err := c.server.claim(ctx, f.From); err != nil {
		return func(yield func(node.Fetched, error) bool) { yield(node.Fetched{}, err) }
	}
	return c.Peer.Fetch(ctx, f)
}
