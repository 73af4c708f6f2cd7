package wire

import (
	"bufio"
	"crypto/sha256"
	"io"

	"google.golang.org/grpc"

	"chord/node"
	"chord/wire/chordpb"
)

func (s clients) Export(m *chordpb.ExportRequest, stream grpc.ServerStreamingServer[chordpb.ExportResponse]) error {
	var d decoder
	wanted := d.ranges("wanted", m.Wanted)
	if d.err != nil {
		return d.err
	}
	for e, err := range s.node.Export(stream.Context(), wanted) {
		if err != nil {
			return err
		}
		if e.Key == nil {
			err = stream.Send(&chordpb.ExportResponse{Done: encodeList(e.Done, encodeRange)})
		} else {
			err = sendEntry(func(part *chordpb.EntriesResponse) error { return stream.Send(&chordpb.ExportResponse{Entry: part}) }, e.Entry)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spoolStep is after how many bytes on the disk the client hears of it: a
// stream that says nothing for long is given up.
const spoolStep = 8 << 20

func (s admin) Backup(_ *chordpb.BackupRequest, stream grpc.ServerStreamingServer[chordpb.BackupResponse]) error {
	told := int64(0)
	c, err := s.node.Backup(stream.Context(), func(done, total int64) error {
		if done-told < spoolStep {
			return nil
		}
		told = done
		return stream.Send(&chordpb.BackupResponse{Part: &chordpb.BackupResponse_Spooling{Spooling: &chordpb.BackupSpooling{Done: done, Total: total}}})
	})
	if err != nil {
		return err
	}
	defer c.Close()
	head := &chordpb.BackupHead{Size: c.Size, Spooled: c.Spooled}
	if err := stream.Send(&chordpb.BackupResponse{Part: &chordpb.BackupResponse_Head{Head: head}}); err != nil {
		return err
	}
	sum := sha256.New()
	chunks := bufio.NewWriterSize(chunkSender{stream}, backupChunk)
	n, err := c.WriteTo(io.MultiWriter(sum, chunks))
	if err == nil {
		err = chunks.Flush()
	}
	if err != nil {
		return &node.Error{Kind: node.Unavailable, Text: "the copy broke off: " + err.Error(), Remedy: remedyOf(err)}
	}
	return stream.Send(&chordpb.BackupResponse{Part: &chordpb.BackupResponse_End{End: &chordpb.BackupEnd{Size: n, Sha256: sum.Sum(nil)}}})
}

// chunkSender sends what is written as chunks.
type chunkSender struct {
	stream grpc.ServerStreamingServer[chordpb.BackupResponse]
}

func (c chunkSender) Write(b []byte) (int, error) {
	for sent := 0; sent < len(b); sent += backupChunk {
		part := b[sent:min(sent+backupChunk, len(b))]
		if err := c.stream.Send(&chordpb.BackupResponse{Part: &chordpb.BackupResponse_Chunk{Chunk: part}}); err != nil {
			return sent, err
		}
	}
	return len(b), nil
}
