package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"chord/node"
)

// How many may listen to what is new, and what of each is waited for.
const (
	maxSubscribers = 64
	eventsEvery    = time.Second
	silence        = 15 * time.Second // after which a line says that the node is there
	slowest        = 10 * time.Second // for a reader to take an event
)

// events tells who listens what is new: first all, then changes, a second apart
// at least. Nothing is queued for who reads slowly: what is new is reckoned when
// the last event is out, and who does not take it in time is dropped.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	select {
	case s.subscribers <- struct{}{}:
		defer func() { <-s.subscribers }()
	default:
		w.Header().Set("Retry-After", "10")
		refuse(w, &node.Error{Kind: node.Overloaded, Text: fmt.Sprintf("%d pages are open already", maxSubscribers), Remedy: "close one, or open the page of another node"})
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // for proxies
	c := http.NewResponseController(w)
	c.SetReadDeadline(time.Time{}) // nothing more is read
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	var seen update
	for quiet := time.Now(); ; {
		u := s.snapshot()
		event, fresh := eventOf(u, seen)
		if fresh || time.Since(quiet) >= silence {
			c.SetWriteDeadline(time.Now().Add(s.slowest))
			if _, err := w.Write(event); err != nil || c.Flush() != nil {
				return
			}
			quiet = time.Now()
		}
		seen = u
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-s.stopping.Done():
			return
		}
	}
}

// eventOf returns the event that makes u of what was seen, and whether it says
// anything.
func eventOf(u, seen update) ([]byte, bool) {
	if seen.Full {
		d := u.since(seen)
		u.Node.At = seen.Node.At // which always differs
		if len(d.Members)+len(d.Gone) == 0 && reflect.DeepEqual(u.Ring, seen.Ring) && reflect.DeepEqual(u.Node, seen.Node) {
			return []byte(": nothing new\n\n"), false
		}
		u = d
	}
	b, err := json.Marshal(u)
	if err != nil {
		b = []byte("{}") // cannot be: a fault of the program, which a test would find
	}
	return fmt.Appendf(nil, "retry: 2000\nevent: ring\ndata: %s\n\n", b), true
}
