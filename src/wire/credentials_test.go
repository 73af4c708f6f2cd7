package wire

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/ring"
	"chord/trust"
	"chord/trust/trusttest"
	"chord/value"
	"chord/wire/chordpb"
)

// operating is a node that carries out everything.
func operating() *fake {
	return &fake{
		operate: func(context.Context, node.Op) (node.Result, error) { return node.Result{}, nil },
		forget:  func(context.Context, string) error { return nil },
	}
}

// Each role may do what it may, and no more: over calls and over exchanges.
func TestRoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := trusttest.New(t, "test")
		var n network
		served := ca.Source(trust.Node, "a")
		n.serve(t, operating(), Options{Trust: served})
		ctx := t.Context()
		for who, c := range map[string]struct {
			source *trust.Source
			most   trust.Role
		}{
			"reader":       {ca.Source(trust.Read, "r"), trust.Read},
			"writer":       {ca.Source(trust.Write, "w"), trust.Write},
			"admin":        {ca.Source(trust.Admin, "b"), trust.Admin},
			"other node":   {ca.Source(trust.Node, "b"), trust.Write},
			"node at home": {ca.Source(trust.Node, "a"), trust.Admin},
		} {
			client := n.client(t, Options{Trust: c.source})
			for need, do := range map[trust.Role]func() error{
				trust.Read: func() error {
					_, _, err := client.Operate(ctx, node.Op{Kind: node.Retrieve, Key: []byte("k")})
					return err
				},
				trust.Write: func() error {
					_, _, err := client.Operate(ctx, node.Op{Kind: node.Insert, Key: []byte("k"), Value: []byte("v")})
					return err
				},
				trust.Admin: func() error { return client.Forget(ctx, "c") },
			} {
				err := do()
				if need <= c.most && err != nil || need > c.most && node.KindOf(err) != node.PermissionDenied {
					t.Errorf("%s does what takes the role %s: %v", who, need, err)
				}
			}
			if _, err := client.Status(ctx); err != nil {
				t.Errorf("%s asks for the status: %v", who, err)
			}
		}
		client := n.peer(t, Options{Trust: ca.Source(trust.Admin, "b")})
		_, err := client.Hello(ctx)
		kind(t, err, node.PermissionDenied, "node")
		_, err = client.Do(ctx, getOp)
		kind(t, err, node.PermissionDenied, "node")
		if got := served.Refused()[trust.Forbidden]; got != 6 {
			t.Errorf("%d refusals counted, want 6", got)
		}
	})
}

// Every method has its role: a new one must be decided about.
func TestEveryMethodHasARole(t *testing.T) {
	reads := 0
	for _, m := range append(chordpb.Chord_ServiceDesc.Methods, chordpb.Admin_ServiceDesc.Methods...) {
		if needs("/"+chordpb.Chord_ServiceDesc.ServiceName+"/"+m.MethodName) == trust.Read {
			reads++
		}
	}
	if reads != 5 {
		t.Errorf("%d plain methods need reading only: decide in needs", reads)
	}
	for method, want := range map[string]trust.Role{
		chordpb.Chord_Insert_FullMethodName: trust.Write, chordpb.Chord_Delete_FullMethodName: trust.Write,
		chordpb.Admin_Backup_FullMethodName: trust.Admin, chordpb.Storage_Fetch_FullMethodName: trust.Node,
		chordpb.Maintenance_Hello_FullMethodName: trust.Node, "/chord.v1.Chord/New": trust.Write, "/chord.v1.Admin/New": trust.Admin,
		healthpb.Health_Check_FullMethodName: trust.Read,
	} {
		if got := needs(method); got != want {
			t.Errorf("%s takes %s, want %s", method, got, want)
		}
	}
}

// A node speaks for its own places alone, and answers for them alone.
func TestPlacesAreBoundToNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := trusttest.New(t, "test")
		var n network
		served := ca.Source(trust.Node, "a")
		n.serve(t, operating(), Options{Trust: served})
		ctx := t.Context()
		peer := n.peer(t, Options{Trust: ca.Source(trust.Node, "b")})
		own := keyspace.HashNode("test", "b", 7)
		if _, err := peer.Ring(ctx, ring.Notify{From: ring.Peer{ID: own, Addr: "b:1"}}); err != nil {
			t.Error(err)
		}
		for what, id := range map[string]keyspace.ID{
			"another's": keyspace.HashNode("test", "a", 0), "another ring's": keyspace.HashNode("other", "b", 0), "chosen": {1},
		} {
			_, err := peer.Ring(ctx, ring.Notify{From: ring.Peer{ID: id, Addr: "b:1"}})
			kind(t, err, node.PermissionDenied, "place")
			_, err = peer.Member(ctx, member.Sync{From: id})
			kind(t, err, node.PermissionDenied, "place")
			err = peer.Write(ctx, node.Write{From: id, Delta: value.Set{}.Delta([]byte("k"))})()
			kind(t, err, node.PermissionDenied, "place")
			_, err = peer.Purge(ctx, node.PurgeCall{From: id})
			kind(t, err, node.PermissionDenied, "place")
			_, err = collect(peer.Fetch(ctx, node.Fetch{From: id, Parts: []node.FetchPart{{Bucket: 7}}}))
			kind(t, err, node.PermissionDenied, "place")
			if err == nil {
				t.Errorf("%s place was taken", what)
			}
		}
		_, err := peer.Compare(ctx, node.Compare{From: member.Member{ID: own, Name: "a", Addr: "b:1"}})
		kind(t, err, node.PermissionDenied, "a")
		if got := served.Refused()[trust.OtherName]; got != 16 {
			t.Errorf("%d refusals counted, want 16", got)
		}
	})
}

// The fake answers as "a" whatever its certificate says: a node named c is not a.
func TestWhoAnswersIsBoundToItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := trusttest.New(t, "test")
		var n network
		n.serve(t, operating(), Options{Trust: ca.Source(trust.Node, "c")})
		peer := n.peer(t, Options{Trust: ca.Source(trust.Node, "b")})
		_, err := peer.Hello(t.Context())
		kind(t, err, node.Unauthenticated, "place")
		_, err = peer.Ring(t.Context(), ring.AskState{})
		kind(t, err, node.Unauthenticated, "place")
		_, err = peer.Member(t.Context(), member.Ping{To: self.ID})
		kind(t, err, node.Unauthenticated, "place")
	})
}

// Strangers are refused, and hear nothing of the ring.
func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, other := trusttest.New(t, "test"), trusttest.New(t, "test")
		var n network
		served := ca.Source(trust.Node, "a")
		n.serve(t, operating(), Options{Trust: served})
		short, err := ca.Issue(trust.Ask{Identity: trust.Identity{Ring: "test", Role: trust.Write, Name: "s"}, Valid: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		f := ca.Files(trust.Write, "s")
		ca.Write(f, short)
		expired := ca.Open(trust.Config{Mode: trust.Require, Files: f})
		valid := n.client(t, Options{Trust: expired})
		if _, err := valid.Status(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Minute)
		_, err = valid.Status(t.Context())
		kind(t, err, node.Unauthenticated, "")
		foreign := other.Open(trust.Config{Mode: trust.Require, Files: other.Files(trust.Write, "w", ca)})
		for what, o := range map[string]Options{"expired": {Trust: expired}, "foreign": {Trust: foreign}, "plain": {}} {
			o.Timeout = 3 * time.Second
			_, err := n.client(t, o).Status(t.Context())
			if err == nil || o.Trust != nil && node.KindOf(err) != node.Unauthenticated {
				t.Errorf("%s: %v (%s)", what, err, node.KindOf(err))
			}
		}
		synctest.Wait() // whom the server refused may have heard of it before it is counted
		got := served.Refused()
		for _, r := range []trust.Reason{trust.Expired, trust.Foreign, trust.Plain} {
			if got[r] == 0 {
				t.Errorf("%s was not counted: %v", r, got)
			}
		}
	})
}

// A CA that is not trusted any more ends what was connected before, and new
// certificates are used without a failed call.
func TestChangeOfCA(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, next := trusttest.New(t, "test"), trusttest.New(t, "test")
		var n network
		at, with, lazy := old.Files(trust.Node, "a"), old.Files(trust.Write, "w"), old.Files(trust.Write, "lazy")
		open := func(f trust.Files) *trust.Source {
			return old.Open(trust.Config{Mode: trust.Require, Files: f, Ring: "test"})
		}
		server, client := open(at), open(with)
		n.serve(t, operating(), Options{Trust: server})
		c, left := n.client(t, Options{Trust: client}), n.client(t, Options{Trust: open(lazy)})
		ok := func(step string) {
			t.Helper()
			if err := errors.Join(change(t, c, node.Insert), change(t, c, node.Remove)); err != nil {
				t.Errorf("%s: %v", step, err)
			}
		}
		ok("old CA")
		if err := change(t, left, node.Insert); err != nil {
			t.Error(err)
		}
		for _, f := range []trust.Files{at, with} {
			old.Trust(f, old, next)
		}
		server.Poll()
		ok("server trusts both")
		client.Poll()
		ok("both trust both")
		next.Write(at, next.Pair(trust.Node, "a"))
		server.Poll()
		ok("the server has a new certificate")
		next.Write(with, next.Pair(trust.Write, "w"))
		client.Poll()
		ok("both have new certificates")
		next.Trust(with, next)
		client.Poll()
		next.Trust(at, next)
		server.Poll()
		ok("the new CA alone")
		kind(t, change(t, left, node.Insert), node.Unauthenticated, "")
	})
}

// From plain to TLS in three steps, without a failed call.
func TestPlainToTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := trusttest.New(t, "test")
		var n network
		server, client := ca.Open(trust.Config{Ring: "test"}), ca.Open(trust.Config{Ring: "test"})
		at, with := ca.Files(trust.Node, "a"), ca.Files(trust.Write, "w")
		n.serve(t, operating(), Options{Trust: server})
		c, plain := n.client(t, Options{Trust: client}), n.client(t, Options{})
		set := func(s *trust.Source, m trust.Mode, f trust.Files) {
			if err := s.Set(trust.Config{Mode: m, Files: f, Ring: "test"}); err != nil {
				t.Fatal(err)
			}
			for _, one := range []*Client{c, plain} {
				if err := change(t, one, node.Insert); err != nil && (one == c || m != trust.Require) {
					t.Errorf("%s: %v", m, err)
				}
			}
		}
		set(server, trust.Accept, at)
		set(client, trust.Accept, with)
		set(client, trust.Prefer, with)
		set(server, trust.Prefer, at)
		set(server, trust.Require, at)
		kind(t, change(t, plain, node.Insert), node.Unauthenticated, "")
	})
}

// change asks for an operation that changes something.
func change(t *testing.T, c *Client, kind node.OpKind) error {
	t.Helper()
	_, _, err := c.Operate(t.Context(), node.Op{Kind: kind, Key: []byte("k"), Value: []byte("v")})
	return err
}
