package gateway

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
)

// What is no command ends the connection, with the reason.
func TestMalformed(t *testing.T) {
	addr, s := start(t, newFake(), Options{})
	var all sync.WaitGroup
	for sent, want := range map[string]string{
		"*1000000\r\n":                       "invalid multibulk length",
		"*99999999999999999999\r\n":          "invalid multibulk length",
		"*abc\r\n":                           "invalid multibulk length",
		"*-2\r\n":                            "invalid multibulk length",
		"*2\r\n$3\r\nGET\r\n+a\r\n":          "expected '$'",
		"*1\r\n*1\r\n$4\r\nPING\r\n":         "expected '$'",
		"*1\r\n$-1\r\n":                      "invalid bulk length",
		"*1\r\n$1048577\r\n":                 "invalid bulk length 1048577: the limit is 1048576 (1 MiB)",
		"*1\r\n$9999999999\r\n":              "invalid bulk length",
		"*1\r\n$4\r\nPINGxx":                 "does not end where it should",
		"*1\r\n$" + strings.Repeat("0", 100): "too big a line",
		strings.Repeat("x", 20<<10):          "too big a line",
		"SET a \"b\r\n":                      "unbalanced quotes",
		"*40\r\n" + strings.Repeat("$1048576\r\n"+strings.Repeat("v", 1<<20)+"\r\n", 33): "a command of more than",
	} {
		all.Go(func() {
			k := dial(t, addr)
			go io.WriteString(k.conn, sent)
			if got, err := readAnswer(k.in); err != nil || !strings.HasPrefix(got, "-ERR Protocol error: ") || !strings.Contains(got, want) {
				t.Errorf("%.30q: got %q, %v; want %s", sent, got, err, want)
			}
			if _, err := readAnswer(k.in); err == nil {
				t.Errorf("%.30q: the connection goes on", sent)
			}
		})
	}
	all.Wait()
	for deadline := time.Now().Add(10 * time.Second); s.memory.Held() != 0 && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if n := s.memory.Held(); n != 0 {
		t.Errorf("%d bytes of buffers are kept", n)
	}
}

// Commands before a malformed one are answered.
func TestMalformedEnd(t *testing.T) {
	addr, _ := start(t, newFake(), Options{})
	k := dial(t, addr)
	k.raw("PING\r\nSET a 'b c'\r\n*1\r\n:3\r\nPING\r\n")
	k.answerIs("PONG")
	k.answerIs("OK")
	k.answerIs("-ERR Protocol error: expected '$'…")
}

// A web page cannot have commands carried out by way of a browser.
func TestHTTP(t *testing.T) {
	f := newFake()
	addr, _ := start(t, f, Options{})
	for _, request := range []string{
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nSET a 1\r\n", "PUT / HTTP/1.1\r\nhost: x\r\n\r\nSET a 1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nSET a 1\r\n",
	} {
		k := dial(t, addr)
		k.raw(request)
		got, err := readAnswer(k.in)
		for err == nil && !strings.Contains(got, "does not speak HTTP") {
			got, err = readAnswer(k.in)
		}
		if _, end := readAnswer(k.in); err != nil || end == nil {
			t.Errorf("%.20q goes on: %q, %v", request, got, err)
		}
	}
	if len(f.log) > 0 {
		t.Errorf("carried out: %v", f.log)
	}
}

// Who dawdles is dropped, and told why: in the middle of a command, or before he
// has shown who he is. Who sends nothing for minutes is not.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := servePipes(t, newFake(), Options{})
		quiet := p.dial(t)
		quiet.expect("PING", "PONG")
		slow := p.dial(t)
		began := time.Now()
		go func() {
			for _, b := range []byte("*2\r\n$3\r\nGET\r\n$500\r\n" + strings.Repeat("x", 400)) {
				if _, err := slow.conn.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		slow.answerIs("-ERR the command did not come to its end in time")
		if took := time.Since(began); took != partTime {
			t.Errorf("dropped after %v", took)
		}
		time.Sleep(20 * time.Minute)
		quiet.expect("PING", "PONG")
		time.Sleep(2 * idleTime)
		if _, err := readAnswer(quiet.in); !errors.Is(err, io.EOF) {
			t.Errorf("idle for hours: %v", err)
		}
	})
}

// A slow but steady sender of a large command is not dropped.
func TestSteady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := pipe(t, newFake(), Options{})
		text := wireForm("SET", "a", strings.Repeat("v", 1<<20))
		go func() {
			for rest := text; rest != ""; {
				n := min(32<<10, len(rest))
				time.Sleep(10 * time.Second)
				k.conn.Write([]byte(rest[:n]))
				rest = rest[n:]
			}
		}()
		k.answerIs("OK")
	})
}

// Who does not read is pushed back, then dropped, and nothing more of him runs.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		p, s := servePipes(t, f, Options{})
		k := p.dial(t)
		sent := 0
		go func() {
			for {
				if _, err := io.WriteString(k.conn, "PING\r\nSADD s x\r\n"); err != nil {
					return
				}
				sent++
			}
		}()
		time.Sleep(writeTime / 2)
		synctest.Wait()
		if sent > 1 {
			t.Errorf("%d times more was taken", sent)
		}
		time.Sleep(writeTime)
		synctest.Wait()
		if n := s.Stats().Clients; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

// There are so many connections and no more; one that is idle for long makes
// room for another.
func TestMaxClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := servePipes(t, newFake(), Options{MaxClients: 3})
		var all []*talk
		for range 3 {
			all = append(all, p.dial(t))
			all[len(all)-1].expect("PING", "PONG")
		}
		p.dial(t).answerIs("-ERR max number of clients reached")
		time.Sleep(2 * evictAfter)
		all[0].expect("PING", "PONG")
		all[2].expect("PING", "PONG")
		p.dial(t).expect("PING", "PONG")
		if _, err := readAnswer(all[1].in); err == nil {
			t.Error("the idle one was not closed")
		}
		all[0].expect("PING", "PONG")
		if got := s.Stats(); got.Rejected != 1 || got.Clients != 3 {
			t.Errorf("%+v", got)
		}
	})
}

// One address does not have all the room. Of what idles it takes the place of its own
// alone, but for its first, which may be anybody's.
func TestConnectionsOfOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := servePipes(t, newFake(), Options{MaxClients: 8})
		quiet := p.dialFrom(t, "10.0.0.1")
		quiet.expect("PING", "PONG")
		time.Sleep(time.Second) // it idles for longer than all others
		for range 4 {           // half of all, and its part
			p.dialFrom(t, "10.0.0.2").expect("PING", "PONG")
		}
		p.dialFrom(t, "10.0.0.2").answerIs("-ERR max number of clients reached")
		for range 3 {
			p.dialFrom(t, "10.0.0.1").expect("PING", "PONG")
		}
		time.Sleep(2 * evictAfter)
		p.dialFrom(t, "10.0.0.2").expect("PING", "PONG")
		quiet.expect("PING", "PONG")
		p.dialFrom(t, "10.0.0.3").expect("PING", "PONG")
		if got := s.Stats(); got.Rejected != 1 || got.Clients != 8 {
			t.Errorf("%+v", got)
		}
	})
}

// Stop lets what is in flight finish, and answers nothing after it.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.before = func(node.Op) error { time.Sleep(5 * time.Second); return nil }
		p, s := servePipes(t, f, Options{})
		busy, idle := p.dial(t), p.dial(t)
		idle.expect("PING", "PONG")
		busy.send("SET a 1")
		stopped := make(chan error, 1)
		go func() { stopped <- s.Stop(context.Background()) }()
		busy.answerIs("OK")
		for _, k := range []*talk{busy, idle} {
			if _, err := readAnswer(k.in); !errors.Is(err, io.EOF) {
				t.Errorf("after the stop: %v", err)
			}
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

// Who connected before the stop, behind an activated socket that stays, gets the
// answer to the command that is on its way; who says nothing holds nobody up.
func TestStopAnswersTheFirstCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := servePipes(t, newFake(), Options{})
		late, silent := p.dial(t), p.dial(t)
		synctest.Wait()
		began, stopped := time.Now(), make(chan error, 1)
		go func() { stopped <- s.Stop(context.Background()) }()
		synctest.Wait()
		late.expect("PING", "PONG")
		for _, k := range []*talk{late, silent} {
			if _, err := readAnswer(k.in); !errors.Is(err, io.EOF) {
				t.Errorf("after the stop: %v", err)
			}
		}
		if err := <-stopped; err != nil || time.Since(began) > firstTime {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// When there is no more time, Stop breaks off what is in flight.
func TestStopAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := servePipes(t, patient{newFake()}, Options{})
		k := p.dial(t)
		k.send("SET a 1")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// patient is a node whose operations end with their context.
type patient struct{ *fake }

func (patient) Operate(ctx context.Context, _ node.Op) (node.Result, error) {
	<-ctx.Done()
	return node.Result{}, ctx.Err()
}

// slow is a node whose operations take a second.
type slow struct{ *fake }

func (s slow) Operate(ctx context.Context, op node.Op) (node.Result, error) {
	select {
	case <-time.After(time.Second):
		return s.fake.Operate(ctx, op)
	case <-ctx.Done():
		return node.Result{}, ctx.Err()
	}
}

// The buffers of all connections together are bounded.
func TestBudget(t *testing.T) {
	addr, s := start(t, newFake(), Options{memory: 1 << 20})
	half := wireForm("SET", "a", strings.Repeat("v", 600<<10))
	holds, wants := dial(t, addr), dial(t, addr)
	holds.raw(half[:500<<10])
	for s.memory.Held() == 0 {
		runtime.Gosched()
	}
	go io.WriteString(wants.conn, half)
	wants.answerIs("-TRYAGAIN gateway: there is no memory l…")
	holds.raw(half[500<<10:])
	holds.answerIs("OK")
}

// Who asks for all there is does not keep others from it: of operations one address
// has its turns, and of memory its part.
func TestOthersHaveTheirTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		large := strings.Repeat("v", 64<<10)
		f.sets["large"], f.last["large"] = map[string]bool{large: true}, large
		p, s := servePipes(t, slow{f}, Options{memory: 1 << 20})
		begin := time.Now()
		for range 100 {
			p.dialFrom(t, "127.0.0.2").raw(strings.Repeat("GET large\r\n", maxBatch))
		}
		synctest.Wait()
		other := p.dialFrom(t, "127.0.0.3")
		other.raw("GET large\r\n")
		other.answerIs(large)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("an answer took %v", took)
		}
		if s.memory.Held() == 0 {
			t.Error("answers that nobody reads are not counted")
		}
	})
}

// A client asks for no more in a second than it may.
func TestClientRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := servePipes(t, newFake(), Options{ClientRate: 10})
		begin := time.Now()
		k := p.dialFrom(t, "127.0.0.2")
		k.raw(strings.Repeat("GET a\r\n", 30))
		for range 30 {
			k.answerIs("null")
		}
		if took := time.Since(begin); took < 2*time.Second || took > 3*time.Second {
			t.Errorf("30 operations took %v", took)
		}
	})
}
