package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chord/client"
	"chord/node"
	"chord/store"
	"chord/wire"
)

var direct = client.Options{Direct: true, Wire: wire.Options{Ring: "chord"}}

// patience bounds what should come soon.
const patience = 20 * time.Second

// realOptions are those of a quick node on a port of its own.
func realOptions(t *testing.T) Options {
	o := Defaults()
	o.Listen, o.Data, o.Period, o.NoSync = "127.0.0.1:0", filepath.Join(t.TempDir(), "data"), 20*time.Millisecond, true
	return o
}

func startReal(t *testing.T, o Options) *App {
	t.Helper()
	a := New(o, Deps{})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Stop() })
	return a
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("not %s after %v", what, patience)
	}
}

func TestRingOfTwoApps(t *testing.T) {
	first := startReal(t, realOptions(t))
	await(t, "ready", first.Ready())
	o := realOptions(t)
	o.Bootstrap = []string{first.Addr()}
	second := startReal(t, o)
	await(t, "ready", second.Ready())

	c, err := client.Open(t.Context(), []string{second.Addr()}, direct)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Insert(t.Context(), []byte("key"), []byte("value")); err != nil {
		t.Error(err)
	}
	if s := second.Status(); s.Ring != "chord" || s.Self.Addr != second.Addr() || s.Self.Name != second.Addr() || !s.Store.Unsynced {
		t.Errorf("status %+v", s)
	}
	for _, a := range []*App{second, first} {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Retrieve(t.Context(), []byte("key")); err == nil {
		t.Error("a stopped app answers")
	}
}

func TestBootstrapOfAnotherRing(t *testing.T) {
	first := startReal(t, realOptions(t))
	await(t, "ready", first.Ready())
	o := realOptions(t)
	o.Ring, o.Bootstrap = "library", []string{first.Addr()}
	second := startReal(t, o)
	await(t, "failed", second.Failed())
	if err := second.Err(); node.KindOf(err) != node.WrongRing || !strings.Contains(err.Error(), "chord") {
		t.Errorf("got %v", err)
	}
}

func TestDatabaseIsPrivate(t *testing.T) {
	o := realOptions(t)
	startReal(t, o)
	for path, want := range map[string]os.FileMode{o.Data: 0o700, filepath.Join(o.Data, DatabaseFile): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestDatabaseInUse(t *testing.T) {
	o := realOptions(t)
	startReal(t, o)
	err := New(o, Deps{}).Start(t.Context())
	var hinted interface{ Hint() string }
	if !errors.Is(err, store.ErrLocked) || !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("got %v", err)
	}
}

func TestNameIsKeptInTheDatabase(t *testing.T) {
	o := realOptions(t)
	o.Name = "node1"
	a := startReal(t, o)
	await(t, "ready", a.Ready())
	a.Stop()
	o.Name = ""
	a = startReal(t, o)
	if got := a.service.(*stack).store.Identity().Name; got != "node1" {
		t.Errorf("the node is called %s now", got)
	}
	a.Stop()
	o.Name = "node2"
	if err := New(o, Deps{}).Start(t.Context()); !errors.Is(err, store.ErrWrongNode) {
		t.Errorf("another name: %v", err)
	}
}

// With less room than the reserve a node reads and removes, and says so.
func TestReserveOfTheDisk(t *testing.T) {
	o := realOptions(t)
	a := startReal(t, o)
	await(t, "ready", a.Ready())
	insert := func(addr, value string) error {
		c, err := client.Open(t.Context(), []string{addr}, direct)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.Insert(t.Context(), []byte("key"), []byte(value))
	}
	if err := insert(a.Addr(), "value"); err != nil {
		t.Fatal(err)
	}
	o.Listen = a.Addr()
	a.Stop()
	more := uint64(1) << 60 // than any disk has
	o.Reserve = &more
	a = startReal(t, o)
	await(t, "ready", a.Ready())
	err := insert(a.Addr(), "other")
	var hinted interface{ Hint() string }
	if node.KindOf(err) != node.ReadOnly || !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("an insert: %v", err)
	}
	c, err := client.Open(t.Context(), []string{a.Addr()}, direct)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if values, err := c.Retrieve(t.Context(), []byte("key")); err != nil || len(values) != 1 {
		t.Errorf("a retrieve: %q, %v", values, err)
	}
	if s, err := c.Status(t.Context()); err != nil || !s.Store.ReadOnly {
		t.Errorf("status: %+v, %v", s.Store, err)
	}
	if err := c.Remove(t.Context(), []byte("key"), []byte("value")); err != nil {
		t.Errorf("a remove: %v", err)
	}
}

func TestReserveByDefault(t *testing.T) {
	o := Defaults()
	if got := o.reserve(t.TempDir()); got == 0 || got > reserveMost {
		t.Errorf("%d bytes", got)
	}
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]uint64{"0": 0, "1KiB": 1 << 10, "256 MiB": 256 << 20, "1GiB": 1 << 30, "2TiB": 2 << 40} {
		if got, ok := parseSize(s); !ok || got != want {
			t.Errorf("%q is %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "1", "MiB", "-1MiB", "1.5GiB", "1MB", "99999999999999TiB"} {
		if got, ok := parseSize(s); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
}

// What the options say of copies, the node works by; and a node that counts them
// in another way than its ring is refused with both named.
func TestQuorumsReachTheNode(t *testing.T) {
	o := realOptions(t)
	o.Replicas, o.WriteQuorum, o.ReadQuorum = 5, 4, 2
	first := startReal(t, o)
	await(t, "ready", first.Ready())
	if got := first.Status().Quorums; got != o.Quorums() {
		t.Errorf("the node works with %v, want %v", got, o.Quorums())
	}
	other := realOptions(t)
	other.Period = 200 * time.Millisecond
	other.Bootstrap = []string{first.Addr()}
	second := startReal(t, other)
	await(t, "failed", second.Failed())
	var hinted interface{ Hint() string }
	if err := second.Err(); !strings.Contains(err.Error(), "5/4/2") || !strings.Contains(err.Error(), "3/2/2") || !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("it failed with %v", err)
	}
}
