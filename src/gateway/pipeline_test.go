package gateway

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
)

// Commands of one read run beside each other, as far as their keys differ;
// answers come in the order of the commands.
func TestPipelineRunsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.before = func(node.Op) error { time.Sleep(time.Second); return nil }
		k := pipe(t, f, Options{})
		began := time.Now()
		var lines []string
		for i := range 50 {
			lines = append(lines, fmt.Sprint("SET key", i, " ", i))
		}
		k.send(lines...)
		for range 50 {
			k.answerIs("OK")
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("50 commands of a second each took %v", took)
		}
		// One key: writes wait for what was before them, reads do not wait for reads,
		// and adds of different members not for each other.
		for _, c := range []struct {
			lines   string
			answers string
			seconds int
		}{
			{"SET a 1|SET a 2|GET a", "OK|OK|2", 3},
			{"GET a|GET a|STRLEN a|SET a 33|GET a|SET b 1", "2|2|1|OK|33|OK", 3},
			{"SADD s x|SADD s y|SADD s z|SCARD s", "1|1|1|3", 2},
			{"SADD s q|SADD s q", "1|0", 2},
			{"SADD s v w|SREM s v|SISMEMBER s w", "2|1|1", 3},
			{"SET c 1|PING|SET d 1", "OK|PONG|OK", 2},
			{"SET c 2|MGET c d|DEL c d|EXISTS c d", "OK|[2 1]|2|0", 4},
			{"SET e 1|FOO|GET", "OK|-ERR unknown…|-ERR wrong…", 1},
		} {
			began := time.Now()
			k.send(strings.Split(c.lines, "|")...)
			for want := range strings.SplitSeq(c.answers, "|") {
				k.answerIs(want)
			}
			if took := time.Since(began); took != time.Duration(c.seconds)*time.Second {
				t.Errorf("%s: took %v, want %d s", c.lines, took, c.seconds)
			}
		}
	})
}

// answerIs compares the next answer; one that ends with … is a beginning.
func (k *talk) answerIs(want string) {
	k.t.Helper()
	got := k.answer()
	if begin, ok := strings.CutSuffix(want, "…"); got != want && !(ok && strings.HasPrefix(got, begin)) {
		k.t.Errorf("got %q, want %q", got, want)
	}
}

// However commands are cut into pieces, each is answered once, in order.
func TestPieces(t *testing.T) {
	f := newFake()
	addr, _ := start(t, f, Options{})
	var all strings.Builder
	for i := range 40 {
		all.WriteString(wireForm("SET", fmt.Sprint("k", i%7), strings.Repeat("v", i*i)))
		all.WriteString("\r\nGET k" + fmt.Sprint(i%7) + "\r\n*0\r\n")
	}
	text := all.String()
	for _, size := range []int{1, 2, 7, 100, 4095, len(text)} {
		k := dial(t, addr)
		go func() {
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				if _, err := k.conn.Write([]byte(rest[:n])); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		for i := range 40 {
			k.answerIs("OK")
			k.answerIs(strings.Repeat("v", i*i))
		}
	}
}

// More commands than a batch holds, and more bytes than a buffer, are answered
// all, while the other side writes first and reads then.
func TestLongPipeline(t *testing.T) {
	addr, s := start(t, newFake(), Options{})
	k := dial(t, addr)
	value := strings.Repeat("x", 3000)
	go func() {
		for i := range 2000 {
			k.conn.Write([]byte(wireForm("SET", fmt.Sprint("k", i%50), value)))
		}
	}()
	for range 2000 {
		k.answerIs("OK")
	}
	k.expect("PING", "PONG")
	if n := s.memory.Held(); n > 64<<10 {
		t.Errorf("%d bytes of buffers are kept", n)
	}
}

// A large value comes and goes whole, and its memory is given back.
func TestLargeValues(t *testing.T) {
	addr, s := start(t, newFake(), Options{})
	k := dial(t, addr)
	value := strings.Repeat("0123456789abcdef", 64<<10)
	k.raw(wireForm("SET", "large", value))
	k.answerIs("OK")
	for range 3 {
		k.send("GET large", "GET large")
		k.answerIs(value)
		k.answerIs(value)
	}
	for i := range 20 {
		k.raw(wireForm("SADD", "set", value[:1<<20-1-i]))
		k.answerIs("1")
	}
	if got := k.ask("SMEMBERS set"); len(got) < 20<<20-1000 {
		t.Errorf("%d bytes of members", len(got))
	}
	k.raw(strings.Repeat(wireForm("GET", "large"), 70))
	for range 70 {
		k.answerIs(value)
	}
	args := []string{"MGET"}
	for range 70 {
		args = append(args, "large")
	}
	k.raw(wireForm(args...))
	k.answerIs("-ERR the values of these keys have more than 64 MiB; ask for fewer")
	k.expect("PING", "PONG")
	k.expect("PING", "PONG")
	if n := s.memory.Held(); n != 0 {
		t.Errorf("%d bytes of buffers are kept", n)
	}
}

// Many connections at once keep their answers apart.
func TestManyConnections(t *testing.T) {
	addr, _ := start(t, newFake(), Options{})
	var all sync.WaitGroup
	for c := range 20 {
		k := dial(t, addr)
		all.Go(func() {
			for i := range 50 {
				v := fmt.Sprint(c, "-", i)
				k.send("SET key"+fmt.Sprint(c)+" "+v, "SADD shared "+v, "GET key"+fmt.Sprint(c))
				for _, want := range []string{"OK", "1", v} {
					if got, err := readAnswer(k.in); got != want || err != nil {
						t.Errorf("got %q, want %q; %v", got, want, err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	k := dial(t, addr)
	k.expect("SCARD shared", "1000")
}
