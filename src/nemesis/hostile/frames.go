package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"chord/wire/chordpb"
)

const preface = http2.ClientPreface

// speaker is a connection on which anything may be said in HTTP/2.
type speaker struct {
	net.Conn
	*http2.Framer
	head bytes.Buffer
	pack *hpack.Encoder
	next uint32 // identifier of the next stream
}

// speak connects and greets; nil where that fails. What comes back is read and
// forgotten, and settings are acknowledged.
func (t target) speak(ctx context.Context, settings ...http2.Setting) *speaker {
	c := t.dial(ctx, t.addr)
	if c == nil {
		return nil
	}
	if t.tls && t.rand.IntN(2) == 0 { // without a certificate; the others do not even try
		c.SetDeadline(time.Now().Add(5 * time.Second))
		c = tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	}
	s := &speaker{Conn: c, Framer: http2.NewFramer(c, c), next: 1}
	s.AllowIllegalWrites = true
	s.pack = hpack.NewEncoder(&s.head)
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Write([]byte(preface)); err != nil || s.WriteSettings(settings...) != nil {
		c.Close()
		return nil
	}
	s.WriteSettingsAck()
	go drain(c, 30*time.Second)
	return s
}

func (s *speaker) headersOf(method string, more ...string) []byte {
	s.head.Reset()
	all := append([]string{
		":method", "POST", ":scheme", "http", ":path", method, ":authority", "x", "content-type", "application/grpc", "te", "trailers",
	}, more...)
	for i := 0; i+1 < len(all); i += 2 {
		s.pack.WriteField(hpack.HeaderField{Name: all[i], Value: all[i+1]})
	}
	return bytes.Clone(s.head.Bytes())
}

// call begins a call and returns its stream.
func (s *speaker) call(method string, end bool) (uint32, error) {
	id := s.next
	s.next += 2
	return id, s.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: s.headersOf(method), EndHeaders: true, EndStream: end})
}

// message is the frame of gRPC around a message that claims to have n bytes.
func message(n uint32, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, n), b...)
}

func frames(ctx context.Context, t target) {
	s := t.speak(ctx)
	if s == nil {
		return
	}
	defer s.Close()
	for range 1 + t.rand.IntN(64) {
		id, kind := uint32(t.rand.IntN(9)), http2.FrameType(t.rand.IntN(12))
		if s.WriteRawFrame(kind, http2.Flags(t.rand.Uint32()), id, t.noise(1<<t.rand.IntN(15))) != nil {
			return
		}
		if t.rand.IntN(4) == 0 {
			if _, err := s.call(chordpb.Chord_Exchange_FullMethodName, false); err != nil {
				return
			}
		}
	}
}

func resets(ctx context.Context, t target) {
	s := t.speak(ctx)
	if s == nil {
		return
	}
	defer s.Close()
	for range 2000 {
		id, err := s.call(chordpb.Chord_Status_FullMethodName, true)
		if err != nil || s.WriteRSTStream(id, http2.ErrCodeCancel) != nil || ctx.Err() != nil {
			return
		}
	}
}

func pings(ctx context.Context, t target) {
	s := t.speak(ctx)
	if s == nil {
		return
	}
	defer s.Close()
	for i := range 5000 {
		var err error
		switch i % 3 {
		case 0:
			err = s.WritePing(false, [8]byte{byte(i)})
		case 1:
			err = s.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(1 + t.rand.IntN(1<<20))})
		case 2:
			err = s.WritePriority(uint32(1+2*(i%100)), http2.PriorityParam{StreamDep: 0, Weight: 7})
		}
		if err != nil || ctx.Err() != nil {
			return
		}
	}
}

func headers(ctx context.Context, t target) {
	s := t.speak(ctx)
	if s == nil {
		return
	}
	defer s.Close()
	long := string(bytes.Repeat([]byte("x"), 4000))
	first := s.headersOf(chordpb.Chord_Status_FullMethodName)
	if s.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: first}) != nil {
		return
	}
	for range 500 {
		s.head.Reset()
		s.pack.WriteField(hpack.HeaderField{Name: "x-long", Value: long, Sensitive: true})
		if s.WriteContinuation(1, false, s.head.Bytes()) != nil || ctx.Err() != nil {
			return
		}
	}
}

func halfCalls(ctx context.Context, t target) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for range 4 {
		s := t.speak(ctx)
		if s == nil {
			return
		}
		defer s.Close()
		for range 250 {
			id, err := s.call(chordpb.Chord_Insert_FullMethodName, false)
			if err != nil || s.WriteData(id, false, message(1<<20, t.noise(8<<10))) != nil {
				break
			}
		}
	}
	<-ctx.Done()
}

func oversized(ctx context.Context, t target) {
	s := t.speak(ctx)
	if s == nil {
		return
	}
	defer s.Close()
	method := []string{chordpb.Chord_Insert_FullMethodName, chordpb.Chord_Exchange_FullMethodName, chordpb.Maintenance_Member_FullMethodName}[t.rand.IntN(3)]
	id, err := s.call(method, false)
	claim := []uint32{0xffffffff, 1 << 31, 4<<20 + 1, 4 << 20}[t.rand.IntN(4)]
	if err != nil || s.WriteData(id, false, message(claim, nil)) != nil {
		return
	}
	block := make([]byte, 16<<10)
	for range 300 {
		if s.WriteData(id, false, block) != nil || ctx.Err() != nil {
			return
		}
	}
}
