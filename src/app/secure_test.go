package app

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chord/client"
	"chord/node"
	"chord/trust"
	"chord/trust/trusttest"
	"chord/wire"
)

// secured is a ring of nodes with sockets on loopback, and who uses it.
type secured struct {
	t     *testing.T
	apps  []*App
	opts  []Options
	files []trust.Files

	user           *trust.Source
	done, failures atomic.Int64
}

// startSecured starts a ring of five; files says what each node has.
func startSecured(t *testing.T, options func(i int, o *Options)) *secured {
	t.Helper()
	if underRace {
		t.Skip("runs without the race detector; the tests of wire run with it")
	}
	s := &secured{t: t}
	for i := range 5 {
		o := Defaults()
		o.Name, o.Listen, o.Data = fmt.Sprintf("node%d", i), "127.0.0.1:0", t.TempDir()
		o.Period, o.NoSync = 250*time.Millisecond, true
		if i > 0 {
			o.Bootstrap = []string{s.apps[0].Addr()}
		}
		options(i, &o)
		a := New(o, Deps{})
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Stop() })
		s.apps, s.opts, s.files = append(s.apps, a), append(s.opts, o), append(s.files, o.files())
		select { // each chooses its place knowing those before it
		case <-a.Ready():
		case <-a.Failed():
			t.Fatal(a.Err())
		case <-time.After(3 * time.Minute):
			t.Fatal("not ready: ", a.Status().Doing)
		}
	}
	return s
}

// load uses the ring until the test's end, with the user's certificate.
func (s *secured) load() (stop func()) {
	s.t.Helper()
	var addrs []string
	for _, a := range s.apps {
		addrs = append(addrs, a.Addr())
	}
	ring, err := client.Open(s.t.Context(), addrs, client.Options{Wire: wire.Options{Ring: "chord", Trust: s.user, Timeout: 2 * time.Minute}})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				s.use(ctx, ring, fmt.Appendf(nil, "%d/%d", w, n%100), fmt.Appendf(nil, "%d", n))
			}
		})
	}
	return func() {
		cancel()
		workers.Wait()
		ring.Close()
	}
}

// use inserts and reads back.
func (s *secured) use(ctx context.Context, ring *client.Client, key, value []byte) {
	err := ring.Insert(context.WithoutCancel(ctx), key, value)
	var values [][]byte
	if err == nil {
		values, err = ring.Retrieve(context.WithoutCancel(ctx), key)
	}
	if err == nil && len(values) == 0 {
		err = fmt.Errorf("%q is gone", key)
	}
	if s.done.Add(1); err != nil && s.failures.Add(1) < 10 {
		s.t.Error(err)
	}
}

// step does something at each node, one after the other, with operations between.
func (s *secured) step(name string, do func(i int, of *stack) error) {
	s.t.Helper()
	for i, a := range s.apps {
		if err := do(i, a.service.(*stack)); err != nil {
			s.t.Fatalf("%s: node %d: %v", name, i, err)
		}
		for before, end := s.done.Load(), time.Now().Add(2*time.Minute); s.done.Load() < before+10; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				s.t.Fatalf("%s: node %d: the ring stands still", name, i)
			}
		}
	}
	s.t.Logf("%s: %d operations, %d failed", name, s.done.Load(), s.failures.Load())
}

// A ring under load changes its CA, and its user does: old, old and new, new
// certificates, new alone. No operation fails, and who stayed behind is kept out.
func TestRingChangesItsCA(t *testing.T) {
	old, next := trusttest.New(t, "chord"), trusttest.New(t, "chord")
	s := startSecured(t, func(i int, o *Options) {
		f := old.Files(trust.Node, o.Name)
		o.TLSCert, o.TLSKey, o.TLSCA = f.Cert, f.Key, f.CA
	})
	with := old.Files(trust.Write, "user")
	s.user = old.Open(trust.Config{Mode: trust.Require, Files: with, Ring: "chord"})
	behind := old.Open(trust.Config{Mode: trust.Require, Files: old.Files(trust.Write, "late", next)}) // its certificate was forgotten
	stop := s.load()
	poll := func(of *stack) error { of.trust.Poll(); return nil }
	s.step("the old CA", func(int, *stack) error { return nil })
	s.step("nodes trust both", func(i int, of *stack) error { old.Trust(s.files[i], old, next); return poll(of) })
	old.Trust(with, old, next)
	s.user.Poll()
	s.step("new certificates", func(i int, of *stack) error {
		next.Write(s.files[i], next.Pair(trust.Node, s.opts[i].Name))
		return poll(of)
	})
	next.Write(with, next.Pair(trust.Write, "user"))
	s.user.Poll()
	s.step("the new CA alone", func(i int, of *stack) error { next.Trust(s.files[i], next); return poll(of) })
	next.Trust(with, next)
	s.user.Poll()
	s.step("afterwards", func(int, *stack) error { return nil })
	stop()
	if n := s.failures.Load(); n > 0 {
		t.Errorf("%d of %d operations failed", n, s.done.Load())
	}
	for i, a := range s.apps {
		if got := a.Status().Security; got.Mode != "require" || len(got.CAs) != 1 || got.Certificate != "chord:chord/node/"+s.opts[i].Name {
			t.Errorf("node %d: %v", i, got)
		}
		for _, m := range a.Status().Members {
			if m.State != 0 {
				t.Errorf("node %d sees %s as %s", i, m.Name, m.State)
			}
		}
	}
	late, err := client.Open(t.Context(), []string{s.apps[0].Addr()}, client.Options{Direct: true, Wire: wire.Options{Trust: behind}})
	if err == nil {
		err = late.Insert(t.Context(), []byte("k"), nil)
		late.Close()
	}
	if node.KindOf(err) != node.Unauthenticated {
		t.Errorf("with a certificate of the old CA: %v", err)
	}
	// Who is refused may hear of it before it is counted.
	foreign := func() uint64 { return s.apps[0].service.(*stack).trust.Refused()[trust.Foreign] }
	for end := time.Now().Add(10 * time.Second); foreign() == 0 && time.Now().Before(end); {
		runtime.Gosched()
	}
	if foreign() == 0 {
		t.Error("a certificate of the old CA was not counted")
	}
}

// The same from plain to TLS: accept, then prefer, then require.
func TestRingMovesToTLS(t *testing.T) {
	ca := trusttest.New(t, "chord")
	s := startSecured(t, func(int, *Options) {})
	with := ca.Files(trust.Write, "user")
	s.user = ca.Open(trust.Config{Ring: "chord"})
	stop := s.load()
	to := func(mode trust.Mode) func(i int, of *stack) error {
		return func(i int, of *stack) error {
			o := s.opts[i]
			f := ca.Files(trust.Node, o.Name)
			o.TLS, o.TLSCert, o.TLSKey, o.TLSCA = mode.String(), f.Cert, f.Key, f.CA
			return of.Reload(t.Context(), o)
		}
	}
	s.step("plain", func(int, *stack) error { return nil })
	s.step("accept", to(trust.Accept))
	if err := s.user.Set(trust.Config{Mode: trust.Prefer, Files: with, Ring: "chord"}); err != nil {
		t.Fatal(err)
	}
	s.step("prefer", to(trust.Prefer))
	s.step("require", to(trust.Require))
	s.step("afterwards", func(int, *stack) error { return nil })
	stop()
	if n := s.failures.Load(); n > 0 {
		t.Errorf("%d of %d operations failed", n, s.done.Load())
	}
	plain, err := client.Open(t.Context(), []string{s.apps[0].Addr()}, client.Options{Direct: true})
	if err == nil {
		err = plain.Insert(t.Context(), []byte("k"), nil)
		plain.Close()
	}
	if err == nil {
		t.Error("a plain client is let in")
	}
}
