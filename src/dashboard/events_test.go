package dashboard

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"chord/member"
	"chord/node"
)

// changing is a node whose status a test changes while others read it.
type changing struct {
	*simulated
	mu sync.Mutex
}

func (c *changing) Status() node.Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.self
	s.Members = append([]member.Member{}, s.Members...)
	return s
}

func (c *changing) change(f func(*node.Status)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.self)
}

// listen reads a server's events.
func listen(t *testing.T, url string) (next func() update, code int) {
	t.Helper()
	a, err := http.Get(url + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Body.Close() })
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(nil, 16<<20)
	return func() (u update) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &u); err != nil {
					t.Fatal(err)
				}
				return u
			}
		}
		t.Fatalf("the events ended: %v", lines.Err())
		return u
	}, a.StatusCode
}

func TestEventsTellWhatIsNew(t *testing.T) {
	n := &changing{simulated: simulate(6, 1, true)}
	s := New(Config{Node: n})
	s.every = 10 * time.Millisecond
	h := httptest.NewServer(s.http.Handler)
	defer h.Close()
	defer s.stop()
	next, _ := listen(t, h.URL)
	if u := next(); !u.Full || len(u.Members) != 6 {
		t.Fatalf("the first event is full %v, of %d members", u.Full, len(u.Members))
	}
	var died, left member.Member
	n.change(func(st *node.Status) {
		st.Members = append([]member.Member{}, st.Members...)
		for i := range st.Members {
			switch m := &st.Members[i]; m.Name {
			case "node1":
				m.State, died = member.Down, *m
			case "node2":
				m.State, left = member.Left, *m
			}
		}
	})
	u := next()
	if u.Full || len(u.Gone) != 1 || u.Gone[0] != left.ID || !strings.Contains(u.Ring.Text, "1 down") || u.Ring.Well {
		t.Errorf("full %v, gone %v, %q", u.Full, u.Gone, u.Ring.Text)
	}
	told := false
	for _, m := range u.Members {
		told = told || m.ID == died.ID && m.State == "down"
	}
	if !told || len(u.Members) >= 5 {
		t.Errorf("of a death and a departure the page hears of %d members, of the dead one %v", len(u.Members), told)
	}
}

func TestSubscribersAreBounded(t *testing.T) {
	s := New(Config{Node: simulate(2, 1, true)})
	h := httptest.NewServer(s.http.Handler)
	defer h.Close()
	defer s.stop()
	for range maxSubscribers {
		s.subscribers <- struct{}{}
	}
	if _, code := listen(t, h.URL); code != 503 {
		t.Errorf("one too many is answered %d", code)
	}
	<-s.subscribers
	if next, code := listen(t, h.URL); code != 200 || !next().Full {
		t.Errorf("when one is gone: %d", code)
	}
}

// Who reads nothing is dropped, and its place is free.
func TestSlowReadersAreDropped(t *testing.T) {
	n := &changing{simulated: simulate(1000, 1, true)}
	s := New(Config{Node: n})
	s.every, s.slowest = time.Millisecond, 50*time.Millisecond
	h := httptest.NewUnstartedServer(s.http.Handler)
	h.Start()
	defer h.Close()
	defer s.stop()
	c, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.(*net.TCPConn).SetReadBuffer(4 << 10)
	c.Write([]byte("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	for i, was, end := uint64(0), false, time.Now().Add(patience); ; i++ {
		n.change(func(st *node.Status) { // all of it is new, again and again
			ms := append([]member.Member{}, st.Members...)
			for k := range ms {
				ms[k].Addr = strings.Repeat("a", int(100+i%2))
			}
			st.Members = ms
		})
		s.mu.Lock()
		s.taken = time.Time{}
		s.mu.Unlock()
		switch is := len(s.subscribers) > 0; {
		case was && !is:
			return
		case time.Now().After(end):
			t.Fatalf("a reader that reads nothing is kept (was there: %v)", was)
		default:
			was = was || is
		}
		time.Sleep(time.Millisecond) // a look at a condition: the kernel's buffers fill
	}
}

// Stop ends the events at once, and with them what waits for them.
func TestStopEndsEvents(t *testing.T) {
	s := New(Config{Node: simulate(2, 1, true)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	next, _ := listen(t, "http://"+l.Addr().String())
	next()
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
