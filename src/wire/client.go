package wire

import (
	"context"
	"errors"
	"io"
	"iter"

	"google.golang.org/grpc"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/wire/chordpb"
)

// Client asks one node, as programs do that are no nodes; package client is made
// of it. Its methods are safe for concurrent use; errors are of type
// [*node.Error].
type Client struct{ to remote }

// Client returns the node at addr, host:port, as who is no node sees it. It
// connects with the first call, and again after the connection broke.
func (d *Dialer) Client(addr string) (*Client, error) {
	if err := checkAddr(addr); err != nil {
		return nil, &node.Error{Kind: node.Invalid, Text: err.Error(), Remedy: "name a node as host:port"}
	}
	return &Client{to: remote{dialer: d, addr: addr}}, nil
}

// Addr returns where the node is reached.
func (c *Client) Addr() string { return c.to.addr }

// Operate asks the node once to carry out an operation, wherever its key lives.
// met says that a node has answered a greeting at this address, now or earlier.
func (c *Client) Operate(ctx context.Context, op node.Op) (r node.Result, met bool, err error) {
	var x *exchange
	r, err = c.to.operate(ctx, op, func(to *conn) *exchange { x = to.clients; return x })
	return r, x != nil && x.met.Load(), err
}

// Lookup returns who is responsible for the identifier, and the way there.
func (c *Client) Lookup(ctx context.Context, target keyspace.ID) (node.Trace, error) {
	m, err := ask(ctx, c.to, question{data: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.LookupResponse, error) {
		return chordpb.NewChordClient(cc).Lookup(ctx, &chordpb.LookupRequest{Target: target[:]}, o...)
	})
	return convert(c.to, m, err, decodeTrace)
}

// Status returns what the node knows of itself.
func (c *Client) Status(ctx context.Context) (node.Status, error) { return c.status(ctx, false) }

// BriefStatus is Status without the members: for who asks all of them.
func (c *Client) BriefStatus(ctx context.Context) (node.Status, error) { return c.status(ctx, true) }

func (c *Client) status(ctx context.Context, brief bool) (node.Status, error) {
	m, err := ask(ctx, c.to, question{data: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.StatusResponse, error) {
		return chordpb.NewChordClient(cc).Status(ctx, &chordpb.StatusRequest{Brief: brief}, o...)
	})
	return convert(c.to, m, err, decodeStatus)
}

// Members returns the members of the ring that the node knows.
func (c *Client) Members(ctx context.Context) ([]member.Member, error) {
	m, err := ask(ctx, c.to, question{data: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.MembersResponse, error) {
		return chordpb.NewChordClient(cc).Members(ctx, &chordpb.MembersRequest{}, o...)
	})
	return convert(c.to, m, err, decodeMembers)
}

func decodeMembers(m *chordpb.MembersResponse) ([]member.Member, error) {
	var d decoder
	return d.members("members", m.Members), d.result()
}

// Leave makes the node hand over everything and go, and returns when it is
// done: up to an hour later where ctx has no deadline.
func (c *Client) Leave(ctx context.Context) error {
	q := question{data: true, write: true, timeout: longestLeave}
	_, err := ask(ctx, c.to, q, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.LeaveResponse, error) {
		return chordpb.NewAdminClient(cc).Leave(ctx, &chordpb.LeaveRequest{}, o...)
	})
	return err
}

// Forget makes the ring forget the member of that name, which is down.
func (c *Client) Forget(ctx context.Context, name string) error {
	_, err := ask(ctx, c.to, question{data: true, write: true}, func(ctx context.Context, cc *grpc.ClientConn, o ...grpc.CallOption) (*chordpb.ForgetResponse, error) {
		return chordpb.NewAdminClient(cc).Forget(ctx, &chordpb.ForgetRequest{Name: name}, o...)
	})
	return err
}

// Entries gives all that the node itself holds, in order of identifiers, as
// fast as it is read; who reads nothing for a minute loses the stream.
func (c *Client) Entries(ctx context.Context) iter.Seq2[node.Entry, error] {
	return func(yield func(node.Entry, error) bool) {
		conn, release, err := c.to.dialer.acquire(connKey{c.to.addr, true})
		if err != nil {
			yield(node.Entry{}, err)
			return
		}
		defer release()
		p := newPulse(ctx)
		defer p.stop()
		stream, err := chordpb.NewChordClient(conn.ClientConn).Entries(c.to.greet(p), &chordpb.EntriesRequest{})
		for err == nil {
			var e node.Entry
			if e, err = nextEntry(stream, p); err == nil && !yield(e, nil) {
				return
			}
		}
		if errors.Is(err, io.EOF) {
			header, _ := stream.Header()
			err = c.to.check(header)
		} else {
			err = call{addr: c.to.addr, sent: stream != nil}.fromStatus(p.stalled(err))
		}
		if err != nil {
			yield(node.Entry{}, err)
		}
	}
}

// valueOverhead is about what a value takes in memory beside its bytes.
const valueOverhead = 32

// nextEntry puts an entry together out of its messages.
func nextEntry(stream grpc.ServerStreamingClient[chordpb.EntriesResponse], p *pulse) (node.Entry, error) {
	var e node.Entry
	size := 0
	for {
		p.beat()
		m, err := stream.Recv()
		if err != nil {
			return e, err
		}
		var d decoder
		e.Key = d.key(m.Key)
		for _, v := range d.values(m.Values) {
			size += len(v) + valueOverhead
			e.Values = append(e.Values, v)
		}
		d.size("set of values", size, maxAnswer)
		if d.err != nil {
			return e, d.err
		}
		if !m.More {
			e.ID = keyspace.HashKey(e.Key)
			return e, nil
		}
	}
}
