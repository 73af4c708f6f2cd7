package terminal

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chord/client"
	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
)

var rewrite = flag.Bool("rewrite", false, "write what is shown into testdata")

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

// survey returns a ring of n members, some of them in trouble where there are more
// than four, at some time after noon.
func survey(n int, at time.Duration) client.Survey {
	s := client.Survey{Asked: node.Status{Ring: "library", Quorums: replica.Default, Margin: node.Margin{Losses: 1}}}
	for i := range n {
		m := client.Surveyed{Placed: true, Share: 1 / float64(n)}
		m.Name, m.Addr, m.Serving = fmt.Sprintf("node%d", i+1), fmt.Sprintf("test%d.example:4170", i+1), true
		m.ID, m.Arc = point(i, n), keyspace.Arc{Start: point(i+n-1, n), End: point(i, n)}
		seconds := uint64(at / time.Second)
		m.Status = &node.Status{
			Self: m.Member, Since: noon.Add(-time.Hour), Ready: noon.Add(-time.Hour),
			Buckets: node.BucketCounts{Held: 49152}, Store: node.StoreStatus{Path: "/var/lib/chord/chord.db", Keys: uint64(1000 * (i + 1)), ValueBytes: 1 << (10 + i%20)},
			Done: node.Counters{Reads: 100 * uint64(i) * seconds, Writes: 7 * seconds, Took: time.Duration(seconds) * 50 * time.Millisecond},
		}
		if n > 4 {
			trouble(&m, i)
		}
		s.Members = append(s.Members, m)
		s.Asked.Members = append(s.Asked.Members, m.Member)
	}
	s.Asked.Self = s.Members[0].Member
	return s
}

// point divides the circle evenly, a little after zero.
func point(i, n int) (id keyspace.ID) {
	at := uint64(float64(i%n)/float64(n)*(1<<32)) + 1<<26
	copy(id[:], []byte{byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at)})
	return id
}

func trouble(m *client.Surveyed, i int) {
	switch i {
	case 1:
		m.Name = "a node of a name that somebody took great pains to make as long as names may be, or nearly so"
		m.Addr = "a-host-with-a-very-long-name.in-some-department.example.org:4170"
	case 2:
		m.State, m.Status, m.Err = member.Down, nil, errors.New("cannot reach test3.example:4170: connection refused")
	case 3:
		m.State, m.Status, m.Err = member.Suspect, nil, errors.New("test4.example:4170 did not answer: no answer in time")
	case 4:
		m.Name, m.Serving, m.Placed = "wiped\x1b[2J\r\n名前", false, false
		m.Status.Buckets = node.BucketCounts{Held: 12000, Wanted: 37152}
		m.Status.Ready, m.Status.Doing = time.Time{}, "fetching 37152 buckets"
	case 5:
		m.State, m.Placed, m.Status.Buckets.Moving = member.Leaving, false, 512
	case 6:
		m.State, m.Placed, m.Status = member.Left, false, nil
	case 7:
		m.Status.Security.Expires = noon.Add(200 * time.Hour)
		m.Status.Store.ReadOnly, m.Status.Done.Failed = true, m.Status.Done.Writes
	}
}

// status is that of a node with all there is to tell.
func status() node.Status {
	s := *survey(9, time.Minute).Members[4].Status
	s.Ring, s.Quorums, s.Margin = "library", replica.Default, node.Margin{Thin: 3}
	s.View = ring.View{Phase: ring.Member}
	for i := range 7 {
		s.View.Successors = append(s.View.Successors, ring.Peer{ID: point(i, 9), Addr: fmt.Sprintf("test%d.example:4170", i)})
	}
	s.Members = survey(9, 0).Asked.Members
	s.Repair = node.Repair{Compared: 123456, Keys: 789, Bytes: 5 << 20, Round: noon.Add(-time.Minute), Damaged: 2}
	s.Purge.Blocked = []string{"node3"}
	s.Store.Unsynced = true
	s.Security = node.Security{Mode: "require", Certificate: "chord:library/node/node5", Expires: noon.Add(53 * time.Hour), Refused: 7}
	return s
}

// golden compares what is shown with what stands in testdata. Escape sequences
// stand there as ^[.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "^[")
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); it shows now:\n%s", name, err, got)
	}
}
