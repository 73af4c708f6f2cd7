package dashboard

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
)

// counting are peers that count how often they are asked, and by how many at once.
type counting struct {
	simulatedPeers
	mu               sync.Mutex
	asked, now, most int
}

func (c *counting) Status(ctx context.Context, addr string) (node.Status, error) {
	c.mu.Lock()
	c.asked++
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() { c.mu.Lock(); c.now--; c.mu.Unlock() }()
	time.Sleep(5 * time.Millisecond) // the way there and back, in virtual time
	return c.simulatedPeers.Status(ctx, addr)
}

func (c *counting) sofar() (asked, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked, c.most
}

// However large the ring, asking has its pace; and when nobody looks nobody is
// asked.
func TestAskingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(500, 1, true)
		p := &counting{simulatedPeers: simulatedPeers{sim}}
		s := New(Config{Node: sim, Peers: p})
		defer s.Stop(t.Context())
		for range 60 { // seconds
			s.snapshot()
			time.Sleep(time.Second)
		}
		asked, most := p.sofar()
		if most > asksAtOnce || asked < 499 || asked > 499+60*25 {
			t.Errorf("%d questions in a minute, %d at once", asked, most)
		}
		time.Sleep(time.Hour)
		if later, _ := p.sofar(); later > asked+499 {
			t.Errorf("%d questions while nobody looked", later-asked)
		}
	})
}

// What was said is good for a while, then the load is unknown.
func TestAnswersGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(4, 1, true)
		s := New(Config{Node: sim, Peers: simulatedPeers{sim}})
		defer s.Stop(t.Context())
		s.snapshot()
		synctest.Wait()
		time.Sleep(snapshotFor)
		if u := s.snapshot(); u.Ring.Known != 4 {
			t.Fatalf("%d of 4 are known", u.Ring.Known)
		}
		sim.statuses = nil // nobody answers from now on
		for range int(keptLeast/time.Second) - 2 {
			time.Sleep(time.Second)
			if u := s.snapshot(); u.Ring.Known != 4 {
				t.Fatal("what was said a moment ago is forgotten")
			}
			synctest.Wait()
		}
		time.Sleep(3 * time.Second)
		u := s.snapshot()
		if u.Ring.Known != 1 {
			t.Errorf("%d of 4 are known, of which three are silent", u.Ring.Known)
		}
		for _, m := range u.Members {
			if !m.Self && m.Why != m.Addr+" does not answer" {
				t.Errorf("%s is unknown, for: %s", m.Name, m.Why)
			}
		}
	})
}
