package wire

import (
	"context"
	"encoding/binary"
	"io"
	"runtime"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"chord/node"
	"chord/wire/chordpb"
)

// frame is one as it stands on the wire.
func frame(kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) []byte {
	b := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), byte(kind), byte(flags)}
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

// exchangeHeader begins a stream of operations: literal fields of HPACK, without
// an index.
func exchangeHeader(method string) (b []byte) {
	for _, f := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", method}, {":authority", "x"},
		{"content-type", "application/grpc"}, {"te", "trailers"}, {versionHeader, "1"}, {ringHeader, "dGVzdA"},
	} {
		b = append(b, 0, byte(len(f[0])))
		b = append(b, f[0]...)
		b = append(b, byte(len(f[1])))
		b = append(b, f[1]...)
	}
	return b
}

// FuzzFrames sends whatever it likes after the preface of HTTP/2. The server does
// not panic, keeps little, and has no goroutine left when it has stopped.
func FuzzFrames(f *testing.F) {
	ops, err := proto.Marshal(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{get(1), {Number: 2, Kind: chordpb.OpKind_OP_KIND_PUT, Key: []byte("k"), Value: []byte("v")}}})
	if err != nil {
		f.Fatal(err)
	}
	message := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(ops))), ops...)
	settings := frame(http2.FrameSettings, 0, 0, nil)
	for _, method := range []string{chordpb.Chord_Exchange_FullMethodName, chordpb.Storage_Exchange_FullMethodName, chordpb.Storage_Replicate_FullMethodName} {
		head := frame(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 1, exchangeHeader(method))
		whole := append(append(append([]byte(nil), settings...), head...), frame(http2.FrameData, 0, 1, message)...)
		f.Add(whole)
		f.Add(append(whole, frame(http2.FrameRSTStream, 0, 1, []byte{0, 0, 0, 8})...))
		f.Add(append(whole, frame(http2.FrameData, http2.FlagDataEndStream, 1, message)...)) // the numbers again
		f.Add(append(append([]byte(nil), settings...), frame(http2.FrameHeaders, 0, 1, exchangeHeader(method))...))
	}
	f.Add(append(settings, frame(http2.FramePing, 0, 0, make([]byte, 8))...))
	f.Add(append(settings, frame(http2.FrameData, 0, 1, []byte{0, 0xff, 0xff, 0xff, 0xff})...))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := runtime.NumGoroutine()
		talk(t, append([]byte(http2.ClientPreface), b...))
		for patience := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(patience) {
				t.Fatalf("%d goroutines more than before", runtime.NumGoroutine()-before)
			}
		}
	})
}

// talk says something to a server, which then stops.
func talk(t *testing.T, b []byte) {
	s := NewServer(&fake{
		operate: func(context.Context, node.Op) (node.Result, error) { return node.Result{}, nil },
		read:    func(context.Context, node.Read) (node.ReadReply, error) { return node.ReadReply{}, nil },
	}, Options{Ring: "test"})
	l := bufconn.Listen(64 << 10)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	c, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		io.Copy(io.Discard, c)
	}()
	c.Write(b)
	c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s.Stop(ctx)
	<-served
	<-heard
	if s.Stats().Faults > 0 {
		t.Errorf("a panic")
	}
}
