package wire

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"chord/node"
)

// On real sockets: what memory cannot show.

func listen(t *testing.T, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func start(t *testing.T, l net.Listener) (stop func()) {
	s := NewServer(&fake{}, Options{Ring: "test"})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
}

// Connections that say nothing do not stall those that do, nor the end.
func TestSilentConnections(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	stop := start(t, l)
	for range 20 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	d := NewDialer("test", Options{})
	defer d.Close()
	began := time.Now()
	if _, err := d.Dial(l.Addr().String()).Hello(t.Context()); err != nil {
		t.Error(err)
	}
	stop()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("took %v beside silent connections", took)
	}
}

// A node that restarts behind its address is reached again within about a
// second, whether its port was closed meanwhile or not.
func TestRestart(t *testing.T) {
	l := listen(t, "127.0.0.1:0")
	where := l.Addr().String()
	stop := start(t, l)
	d := NewDialer("test", Options{})
	defer d.Close()
	peer := d.Dial(where)
	both := func() error { // liveness and data have connections of their own
		_, err := peer.Hello(t.Context())
		_, derr := peer.Do(t.Context(), node.Op{Kind: node.Insert, Key: []byte("k")})
		return errors.Join(err, derr)
	}
	if err := both(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		stop()
		// Down for long enough that callers fail and back off.
		down := time.Now()
		for tries := 0; time.Since(down) < 400*time.Millisecond; tries++ {
			_, err := peer.Hello(t.Context())
			kind(t, err, node.Unavailable, where)
			_, err = peer.Do(t.Context(), node.Op{Kind: node.Insert, Key: []byte("k")})
			kind(t, err, node.Unavailable, where)
		}
		stop = start(t, listen(t, where))
		up := time.Now()
		for {
			if both() == nil {
				break
			}
			if time.Since(up) > 10*time.Second {
				t.Fatal("the restarted node is not reached again")
			}
		}
		t.Logf("reached again after %v", time.Since(up))
		if took := time.Since(up); took > 2*time.Second {
			t.Errorf("reached again after %v", took)
		}
	}
	stop()
}
