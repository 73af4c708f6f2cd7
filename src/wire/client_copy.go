package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"

	"google.golang.org/grpc"

	"chord/keyspace"
	"chord/node"
	"chord/wire/chordpb"
)

// follow reads a stream to its end, as fast as each takes its messages. It
// takes as long as it needs, but ends where nothing moves for a minute.
func follow[M any](ctx context.Context, to remote, open func(context.Context, *grpc.ClientConn) (grpc.ServerStreamingClient[M], error),
	each func(*M) error) error {
	conn, release, err := to.dialer.acquire(connKey{to.addr, true})
	if err != nil {
		return err
	}
	defer release()
	p := newPulse(ctx)
	defer p.stop()
	c := call{addr: to.addr}
	stream, err := open(to.greet(p), conn.ClientConn)
	if err != nil {
		return c.fromStatus(err)
	}
	header, err := stream.Header()
	if c.sent = err == nil && len(header) > 0; c.sent { // without one the error is still to come
		if err := to.check(header); err != nil {
			return err
		}
	}
	for {
		p.beat()
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return c.fromStatus(p.stalled(err))
		}
		p.beat() // what each does may take its time
		if err := each(m); err != nil {
			return err
		}
	}
}

var errEnough = errors.New("the reader has enough")

// Export gives what the node holds of the wanted buckets, and which of them are
// complete. A key with many values comes in parts: several times, with other
// values each.
func (c *Client) Export(ctx context.Context, wanted []node.Range) iter.Seq2[node.Exported, error] {
	q := &chordpb.ExportRequest{Wanted: encodeList(wanted, encodeRange)}
	return func(yield func(node.Exported, error) bool) {
		err := follow(ctx, c.to, func(ctx context.Context, cc *grpc.ClientConn) (grpc.ServerStreamingClient[chordpb.ExportResponse], error) {
			return chordpb.NewChordClient(cc).Export(ctx, q)
		}, func(m *chordpb.ExportResponse) error {
			e, err := convert(c.to, m, nil, decodeExported)
			if err == nil && !yield(e, nil) {
				err = errEnough
			}
			return err
		})
		if err != nil && err != errEnough {
			yield(node.Exported{}, err)
		}
	}
}

func decodeExported(m *chordpb.ExportResponse) (node.Exported, error) {
	var d decoder
	if m.Entry == nil {
		return node.Exported{Done: d.ranges("done", m.Done)}, d.result()
	}
	e := node.Entry{Key: d.key(m.Entry.Key), Values: d.values(m.Entry.Values)}
	e.ID = keyspace.HashKey(e.Key)
	return node.Exported{Entry: e}, d.result()
}

// BackupProgress is how far a backup is.
type BackupProgress struct {
	// Spooling: the node makes a copy on its own disk; nothing has come yet.
	Spooling bool
	// Spooled: it has made one. Where it has not, and sends, its database grows
	// for as long as it takes.
	Spooled     bool
	Done, Total int64 // bytes
}

// Backup writes a consistent copy of the node's database to w. Without an error
// all has come as it was sent.
func (c *Client) Backup(ctx context.Context, w io.Writer, progress func(BackupProgress)) (size int64, err error) {
	b := backup{w: w, sum: sha256.New(), progress: progress}
	err = follow(ctx, c.to, func(ctx context.Context, cc *grpc.ClientConn) (grpc.ServerStreamingClient[chordpb.BackupResponse], error) {
		return chordpb.NewAdminClient(cc).Backup(ctx, &chordpb.BackupRequest{})
	}, b.take)
	if err == nil && !b.ended {
		err = &node.Error{Kind: node.Unavailable, Text: "the copy of " + c.to.addr + " ends before its end"}
	}
	return b.Done, err
}

// backup is a copy on its way in.
type backup struct {
	BackupProgress
	w        io.Writer
	sum      hash.Hash
	progress func(BackupProgress)
	ended    bool
}

func (b *backup) take(m *chordpb.BackupResponse) error {
	switch part := m.Part.(type) {
	case *chordpb.BackupResponse_Spooling:
		b.BackupProgress = BackupProgress{Spooling: true, Done: part.Spooling.GetDone(), Total: part.Spooling.GetTotal()}
	case *chordpb.BackupResponse_Head:
		b.BackupProgress = BackupProgress{Spooled: part.Head.GetSpooled(), Total: part.Head.GetSize()}
	case *chordpb.BackupResponse_Chunk:
		if _, err := io.MultiWriter(b.sum, b.w).Write(part.Chunk); err != nil {
			return err
		}
		b.Done += int64(len(part.Chunk))
	case *chordpb.BackupResponse_End:
		if b.Done != part.End.GetSize() || !bytes.Equal(b.sum.Sum(nil), part.End.GetSha256()) {
			return &node.Error{Kind: node.Corrupt, Text: fmt.Sprintf("the copy is damaged on its way: %d bytes came, or not the same", b.Done)}
		}
		b.ended = true
	}
	b.progress(b.BackupProgress)
	return nil
}
