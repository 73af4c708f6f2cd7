package main

import (
	"context"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"chord/client"
	"chord/wire"
	"chord/wire/chordpb"
)

// raw sends and takes messages as bytes.
type raw struct{}

func (raw) Name() string                    { return "proto" }
func (raw) Marshal(m any) ([]byte, error)   { return *m.(*[]byte), nil }
func (raw) Unmarshal(b []byte, m any) error { *m.(*[]byte) = b; return nil }
func (t target) conn(o ...grpc.DialOption) *grpc.ClientConn {
	cc, err := grpc.NewClient("passthrough:///"+t.addr, append(o, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: t.from}}
			return d.DialContext(ctx, "tcp", addr)
		}))...)
	if err != nil {
		return nil
	}
	return cc
}

// messages never greets as a node of the ring: without TLS who does is one.
func messages(ctx context.Context, t target) {
	cc := t.conn(grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	defer cc.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, s := range []grpc.ServiceDesc{chordpb.Chord_ServiceDesc, chordpb.Storage_ServiceDesc, chordpb.Maintenance_ServiceDesc} {
		for _, m := range s.Methods {
			in, out := t.noise(2000), []byte(nil)
			cc.Invoke(ctx, "/"+s.ServiceName+"/"+m.MethodName, &in, &out)
		}
		for _, m := range s.Streams {
			one, end := context.WithTimeout(ctx, 50*time.Millisecond)
			x, err := cc.NewStream(one, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/"+s.ServiceName+"/"+m.StreamName)
			for i := 0; err == nil && i < 3; i++ {
				in, out := t.noise(2000), []byte(nil)
				if err = x.SendMsg(&in); err == nil {
					err = x.RecvMsg(&out)
				}
			}
			end()
		}
	}
}

func watchers(ctx context.Context, t target) {
	cc := t.conn()
	defer cc.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for i := range 500 {
		if i%2 == 0 {
			healthpb.NewHealthClient(cc).Watch(ctx, &healthpb.HealthCheckRequest{})
			continue
		}
		if s, err := reflectionpb.NewServerReflectionClient(cc).ServerReflectionInfo(ctx); err == nil {
			s.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
		}
	}
	<-ctx.Done()
}

// unread makes a set of 8 MiB, and asks for it on streams that it does not read.
func unread(ctx context.Context, t target) {
	cc := t.conn()
	defer cc.Close()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	key := []byte("hostile/large")
	for i := range 8 {
		value := make([]byte, 1<<20)
		value[0] = byte(i)
		chordpb.NewChordClient(cc).Insert(ctx, &chordpb.InsertRequest{Key: key, Value: value})
	}
	for range 4 {
		x, err := chordpb.NewChordClient(cc).Exchange(ctx)
		if err != nil {
			break
		}
		for n := range uint64(32) {
			if x.Send(&chordpb.OpBatch{Ops: []*chordpb.NumberedOp{{Number: n + 1, Kind: chordpb.OpKind_OP_KIND_RETRIEVE, Key: key}}}) != nil {
				break
			}
		}
	}
	<-ctx.Done()
}

func greedy(ctx context.Context, t target) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			c, err := client.Open(ctx, []string{t.addr}, client.Options{Direct: true, Wire: wire.Options{Dial: func(ctx context.Context, addr string) (net.Conn, error) {
				d := net.Dialer{LocalAddr: &net.TCPAddr{IP: t.from}}
				return d.DialContext(ctx, "tcp", addr)
			}}})
			if err != nil {
				return
			}
			defer c.Close()
			for n := byte(0); ctx.Err() == nil; n++ {
				c.Insert(ctx, []byte{'h', byte(i), n}, []byte{n})
			}
		})
	}
	all.Wait()
}
