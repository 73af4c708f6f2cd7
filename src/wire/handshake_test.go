package wire

import (
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"chord/node"
	"chord/ring"
	"chord/wire/chordpb"
)

func TestWrongRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, &fake{}, Options{Ring: "ring of Köln"})
		stranger := n.peer(t, Options{Ring: "ring of Bonn"})
		_, err := stranger.Ring(t.Context(), ring.AskState{})
		kind(t, err, node.WrongRing, "ring of Köln", "ring of Bonn", "--ring")
		_, err = stranger.Do(t.Context(), getOp)
		kind(t, err, node.WrongRing)
		kind(t, fetchError(t.Context(), stranger), node.WrongRing, "ring of Köln")

		_, err = n.peer(t, Options{Ring: "ring of Köln"}).Hello(t.Context())
		equal(t, err, true, true)
		_, err = n.client(t, Options{Ring: "ring of Bonn"}).Status(t.Context())
		kind(t, err, node.WrongRing, "ring of Köln", "ring of Bonn")
		_, err = n.client(t, Options{}).Status(t.Context())
		equal(t, err, true, true)
		_, err = n.client(t, Options{Ring: "ring of Köln"}).Status(t.Context())
		equal(t, err, true, true)
	})
}

// A node must say which ring it is of; a client need not.
func TestAnonymous(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cc := raw(t, &fake{}, Options{})
		_, err := chordpb.NewMaintenanceClient(cc).Hello(t.Context(), &chordpb.HelloRequest{})
		kind(t, call{}.fromStatus(err), node.WrongRing, "no name given")
		_, err = chordpb.NewStorageClient(cc).Compare(t.Context(), encodeCompare(node.Compare{}))
		kind(t, call{}.fromStatus(err), node.WrongRing, "no name given")
		var header metadata.MD
		_, err = chordpb.NewChordClient(cc).Status(t.Context(), &chordpb.StatusRequest{}, grpc.Header(&header))
		if err != nil {
			t.Error(err)
		}
		if name, _ := first(header, ringHeader); name != "test" || len(header.Get(versionHeader)) != 1 || len(header.Get(capabilityHeader)) != 1 {
			t.Errorf("the answer's header is %v", header)
		}
	})
}

// raw returns a bare connection to a new server for f.
func raw(t *testing.T, f Node, o Options) *grpc.ClientConn {
	t.Helper()
	var n network
	n.serve(t, f, o)
	return n.conn(t)
}

func TestVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, &fake{}, Options{version: 5})
		for version, works := range map[int]bool{3: false, 4: true, 5: true, 6: true, 7: false} {
			_, err := n.peer(t, Options{version: version}).Hello(t.Context())
			_, cerr := n.client(t, Options{version: version}).Status(t.Context())
			if works && (err != nil || cerr != nil) {
				t.Errorf("version %d beside 5: %v, %v", version, err, cerr)
			}
			if !works {
				kind(t, err, node.WrongRing, "version", "release")
				kind(t, cerr, node.WrongRing, "version")
			}
		}
	})
}

// Something that speaks gRPC and is no node is told from one.
func TestNotANode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		l := n.listen(addr)
		g := grpc.NewServer()
		chordpb.RegisterMaintenanceServer(g, maintenance{node: &fake{}}) // answers without a greeting
		go g.Serve(l)
		defer g.Stop()
		peer := n.peer(t, Options{})
		_, err := peer.Hello(t.Context())
		kind(t, err, node.WrongRing, addr)
		_, err = peer.Do(t.Context(), getOp)
		kind(t, err, node.WrongRing, addr)
	})
}

// Health and reflection ask for no greeting.
func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		s := n.serve(t, &fake{}, Options{})
		cc := n.conn(t)
		health := healthpb.NewHealthClient(cc)
		for _, serving := range []bool{false, true, false} {
			s.SetServing(serving)
			for _, service := range []string{"", "chord.v1.Chord"} {
				a, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{Service: service})
				if err != nil || (a.Status == healthpb.HealthCheckResponse_SERVING) != serving {
					t.Errorf("%q, serving %v: %v, %v", service, serving, a, err)
				}
			}
		}
		// Who watches does not hold up the end of the server.
		watch, err := health.Watch(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := watch.Recv(); err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

// conn returns a bare connection to the server.
func (n *network) conn(t *testing.T) *grpc.ClientConn {
	t.Helper()
	d := NewDialer("", Options{Dial: n.dial})
	t.Cleanup(func() { d.Close() })
	conn, release, err := d.acquire(connKey{addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return conn.ClientConn
}
