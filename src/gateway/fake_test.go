package gateway

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/value"
)

// fake is a node that keeps sets in memory.
type fake struct {
	mu    sync.Mutex
	sets  map[string]map[string]bool
	last  map[string]string // what Get returns
	log   []string          // of writes, in the order in which they ended
	ready chan struct{}
	// before, where not nil, is asked before each operation, outside of the lock.
	before func(node.Op) error
}

func newFake() *fake {
	f := &fake{sets: map[string]map[string]bool{}, last: map[string]string{}, ready: make(chan struct{})}
	close(f.ready)
	return f
}

func (f *fake) Ready() <-chan struct{} { return f.ready }

func (f *fake) Status() node.Status {
	s := node.Status{Ring: "test"}
	s.Self.Name, s.Self.Addr = "n0", "127.0.0.1:4170"
	return s
}

func (f *fake) Operate(ctx context.Context, op node.Op) (r node.Result, err error) {
	if f.before != nil {
		if err := f.before(op); err != nil {
			return r, err
		}
	}
	if err := op.Check(); err != nil {
		return r, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key, val := string(op.Key), string(op.Value)
	set := f.sets[key]
	if set == nil {
		set = map[string]bool{}
	}
	switch op.Kind {
	case node.Insert:
		r.Changed, set[val], f.last[key] = !set[val], true, val
	case node.Remove:
		r.Changed = set[val]
		delete(set, val)
	case node.Put:
		set, f.last[key] = map[string]bool{val: true}, val
	case node.Delete:
		r.Changed, set = len(set) > 0, nil
	case node.Get:
		if len(set) > 0 {
			r.Values = [][]byte{[]byte(f.last[key])}
		}
		return r, nil
	case node.Count:
		r.Count = uint64(len(set))
		return r, nil
	case node.Has:
		if set[val] {
			r.Count = 1
		}
		return r, nil
	case node.Page:
		var all []string
		for v := range set {
			all = append(all, v)
		}
		slices.SortFunc(all, func(a, b string) int { return value.Hash([]byte(a)).Compare(value.Hash([]byte(b))) })
		for _, v := range all {
			switch hash := value.Hash([]byte(v)); {
			case hash.Compare(op.From) < 0:
			case len(r.Values) == op.Limit:
				r.Next = hash
				return r, nil
			default:
				r.Values = append(r.Values, []byte(v))
			}
		}
		return r, nil
	case node.Retrieve:
		for v := range set {
			r.Values = append(r.Values, []byte(v))
		}
		return r, nil
	}
	f.log = append(f.log, fmt.Sprint(op.Kind, " ", key, " ", val))
	if f.sets[key] = set; len(set) == 0 {
		delete(f.sets, key)
	}
	return r, nil
}

func (f *fake) ScanRing(_ context.Context, s node.Scan) (r node.ScanReply, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	type one struct {
		id  keyspace.ID
		key string
	}
	var all []one
	for k := range f.sets {
		all = append(all, one{keyspace.HashKey([]byte(k)), k})
	}
	slices.SortFunc(all, func(a, b one) int { return a.id.Compare(b.id) })
	for _, o := range all {
		switch {
		case o.id.Compare(s.From) < 0:
		case s.Limit == 0:
			r.Count++
		case len(r.Keys) == s.Limit:
			r.Next = o.id
			return r, nil
		default:
			r.Keys = append(r.Keys, node.ScannedKey{Key: []byte(o.key), Values: uint64(len(f.sets[o.key]))})
		}
	}
	return r, nil
}

// start serves a node on loopback; the server ends with the test.
func start(t testing.TB, n Node, o Options) (addr string, s *Server) {
	t.Helper()
	s = New(n, o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String(), s
}

// talk is the other side of a connection.
type talk struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func dial(t testing.TB, addr string) *talk {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return &talk{t, c, bufio.NewReader(c)}
}

// send writes a command a line, words with spaces between them.
func (k *talk) send(lines ...string) {
	k.t.Helper()
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(wireForm(strings.Fields(line)...))
	}
	k.raw(b.String())
}

func (k *talk) raw(s string) {
	k.t.Helper()
	if _, err := io.WriteString(k.conn, s); err != nil {
		k.t.Fatal(err)
	}
}

func wireForm(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.String()
}

// answer reads one answer and writes it for people: texts as they are, numbers,
// null, -errors, [arrays], {maps}, and sets in order.
func (k *talk) answer() string {
	k.t.Helper()
	s, err := readAnswer(k.in)
	if err != nil {
		k.t.Fatalf("no answer: %v", err)
	}
	return s
}

func readAnswer(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, rest := line[0], strings.TrimSuffix(line[1:], "\r\n")
	n, notNumber := strconv.Atoi(rest)
	switch kind {
	case '+', ':':
		return rest, nil
	case '-':
		return "-" + rest, nil
	case '_':
		return "null", nil
	case '$', '=':
		if n < 0 {
			return "null", nil
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(in, b); err != nil || notNumber != nil {
			return "", cmp.Or(err, notNumber)
		}
		return strings.TrimPrefix(string(b[:n]), "txt:"), nil
	case '*', '~', '%':
		if kind == '%' {
			n *= 2
		}
		parts := make([]string, max(n, 0))
		for i := range parts {
			if parts[i], err = readAnswer(in); err != nil {
				return "", err
			}
		}
		open, end := "[", "]"
		switch kind {
		case '~':
			slices.Sort(parts)
			open, end = "<", ">"
		case '%':
			open, end = "{", "}"
		}
		return open + strings.Join(parts, " ") + end, notNumber
	}
	return "", errors.New("what is " + line)
}

// ask sends a command and returns its answer.
func (k *talk) ask(line string) string {
	k.t.Helper()
	k.send(line)
	return k.answer()
}

// expect asks, and compares: an answer that begins with - or ends with … is a
// beginning.
func (k *talk) expect(line, want string) {
	k.t.Helper()
	got := k.ask(line)
	if begin, ok := strings.CutSuffix(want, "…"); got != want && !(ok && strings.HasPrefix(got, begin)) {
		k.t.Errorf("%s: got %q, want %q", line, got, want)
	}
}
