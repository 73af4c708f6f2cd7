package dashboard

import (
	"net"
	"testing"
	"time"
)

// More connections than there are places wait; each that ends lets one in.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limit(inner, 2)
	got := make(chan net.Conn)
	ended := make(chan struct{})
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
	var served []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for range 2 {
		served = append(served, <-got)
	}
	select {
	case <-got:
		t.Error("a third one is let in")
	case <-time.After(50 * time.Millisecond): // that nothing happens can only be waited for
	}
	served[0].Close()
	served[0].Close() // gives one place back, not two
	(<-got).Close()
	served[1].Close()
	l.Close()
	<-ended
}
