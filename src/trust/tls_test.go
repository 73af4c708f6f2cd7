package trust

import (
	"crypto/tls"
	"testing"
	"testing/synctest"
	"time"
)

// Node and client of one ring come together, and each knows who the other is.
func TestMeet(t *testing.T) {
	ca := authority(t, "ca")
	node := open(t, files(t, issue(t, ca, Node, "node1"), ca))
	client := open(t, files(t, issue(t, ca, Write, "app"), ca))
	atServer, atCaller, err1, err2 := meet(t, node.Server(Needed, "h2"), client.Caller("h2"))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	p, err := node.Peer(atServer, false)
	if err != nil || p.Identity != (Identity{"test", Write, "app"}) {
		t.Errorf("the server sees %v, %v", p, err)
	}
	q, err := client.Peer(atCaller, true)
	if err != nil || q.Identity != (Identity{"test", Node, "node1"}) {
		t.Errorf("the caller sees %v, %v", q, err)
	}
	if atServer.Version != tls.VersionTLS13 || atCaller.NegotiatedProtocol != "h2" {
		t.Errorf("version %x, protocol %q", atServer.Version, atCaller.NegotiatedProtocol)
	}
	if node.RoleOf(atServer) != Write {
		t.Error("another role")
	}
}

// Whoever is not what it must be is refused, by the side that sees it, for the
// right reason.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, other := authority(t, "ca"), authority(t, "other")
		node := open(t, files(t, issue(t, ca, Node, "node1"), ca))
		short := open(t, files(t, issueFor(t, ca, Identity{"test", Write, "short"}, time.Minute), ca))
		anyRing := func(f Files) *Source {
			s, err := Open(Config{Mode: Require, Files: f}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		for name, c := range map[string]struct {
			caller *Source
			want   Reason
		}{
			"foreign":    {open(t, files(t, issue(t, other, Write, "app"), other, ca)), Foreign},
			"expired":    {short, Expired},
			"other ring": {anyRing(files(t, issueFor(t, ca, Identity{"library", Write, "app"}, time.Hour), ca)), OtherRing},
		} {
			if name == "expired" {
				time.Sleep(2 * time.Minute)
			}
			_, _, err, seen := meet(t, node.Server(Needed), c.caller.Caller())
			if err == nil || seen == nil || ReasonOf(err) != c.want {
				t.Errorf("%s: %v (%s); the caller sees %v", name, err, ReasonOf(err), seen)
			}
		}
		// Nobody but a node answers as one.
		client := open(t, files(t, issue(t, ca, Admin, "boss"), ca))
		_, _, _, err := meet(t, client.Server(Needed), client.Caller())
		if r := ReasonOf(err); err == nil || r != Malformed && r != Forbidden {
			t.Errorf("a client that answers: %v", err)
		}
		// No certificate: refused where one is needed, let in where it is wanted.
		bare := &tls.Config{InsecureSkipVerify: true}
		if _, _, err, _ := meet(t, node.Server(Needed), bare); err == nil || ReasonOf(err) != NoCertificate {
			t.Errorf("without a certificate: %v", err)
		}
		at, _, err, _ := meet(t, node.Server(Wanted), bare)
		if err != nil || node.RoleOf(at) != None {
			t.Errorf("without a certificate where it is wanted: %v, %v", err, node.RoleOf(at))
		}
		// Nothing older than TLS 1.3.
		old := client.Caller()
		old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		if _, _, err, _ := meet(t, node.Server(Needed), old); err == nil {
			t.Error("TLS 1.2 was spoken")
		}
	})
}
