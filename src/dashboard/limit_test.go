package dashboard

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"chord/share"
)

// from connects to l from an address of loopback.
func from(t *testing.T, l net.Listener, host string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	c, err := d.DialContext(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// What is too much is closed, and one address does not keep others out.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusals := new(atomic.Uint64)
	l := &limited{inner, share.New(8), refusals}
	got, ended := make(chan net.Conn), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			got <- c
		}
	}()
	refused := func(c net.Conn) bool {
		_, err := c.Read(make([]byte, 1))
		return err == io.EOF
	}
	var served []net.Conn
	for range 7 {
		from(t, inner, "127.0.0.1")
		served = append(served, <-got)
	}
	if !refused(from(t, inner, "127.0.0.1")) {
		t.Error("one address has all the room")
	}
	from(t, inner, "127.0.0.2")
	served = append(served, <-got)
	if !refused(from(t, inner, "127.0.0.3")) {
		t.Error("there is room for more than there may be")
	}
	served[0].Close()
	served[0].Close() // gives one place back, not two
	from(t, inner, "127.0.0.3")
	served[0] = <-got
	if !refused(from(t, inner, "127.0.0.4")) {
		t.Error("a place was given back twice")
	}
	for _, c := range served {
		c.Close()
	}
	l.Close()
	<-ended
	if n := refusals.Load(); n != 3 {
		t.Errorf("%d are counted as refused", n)
	}
}
