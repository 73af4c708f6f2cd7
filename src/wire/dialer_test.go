package wire

import (
	"context"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
)

var _ node.Dialer = (*Dialer)(nil)

// Gossip may name any number of addresses; connections stay bounded, and those
// with a call under way are kept.
func TestDialerIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := NewDialer("test", Options{Dial: func(ctx context.Context, _ string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: context.Canceled}
		}})
		defer d.Close()
		busy, release, err := d.acquire(connKey{addr: "busy:1"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range maxConns + 20 {
			_, release, err := d.acquire(connKey{addr: fmt.Sprintf("host:%d", i+1)})
			if err != nil {
				t.Fatal(err)
			}
			release()
		}
		if len(d.conns) != maxConns {
			t.Errorf("%d connections", len(d.conns))
		}
		if d.conns[connKey{addr: "busy:1"}] != busy || d.conns[connKey{addr: "host:1"}] != nil || d.conns[connKey{addr: "host:1000"}] == nil {
			t.Error("the wrong connections were closed")
		}
		release()
	})
}

// All callers share the connections of an address; the first call makes them.
func TestDialerShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, &fake{}, Options{})
		dials := 0
		d := NewDialer("test", Options{Dial: func(ctx context.Context, addr string) (net.Conn, error) {
			dials++
			return n.dial(ctx, addr)
		}})
		defer d.Close()
		first, second := d.Dial(addr), d.Dial(addr)
		synctest.Wait()
		if dials != 0 {
			t.Error("dialled before the first call")
		}
		for _, p := range []node.Peer{first, second, first, second} {
			if _, err := p.Hello(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := p.Do(t.Context(), getOp); err != nil {
				t.Error(err)
			}
		}
		if dials != 2 {
			t.Errorf("%d connections, want one for liveness and one for data", dials)
		}
	})
}

// A peer that never says a word is given up soon, in the middle of a call that
// has all the time of the world, and nothing was sent to it.
func TestSilentPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		l := n.listen(addr)
		go func() { // takes the bytes and never says a word after the greeting
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}) // an empty SETTINGS frame
			b := make([]byte, 1<<10)
			for err == nil {
				_, err = c.Read(b)
			}
		}()
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := n.peer(t, Options{}).Do(ctx, putOp)
		kind(t, err, node.Unavailable, addr, "greeting")
		if took := time.Since(start); took > greetTimeout+time.Second {
			t.Errorf("took %v", took)
		}
	})
}
