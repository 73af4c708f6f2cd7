package node_test

import (
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chord/node"
	"chord/node/nodetest"
	"chord/store"
)

// disk is one that may hang or be full.
type disk struct {
	hang atomic.Pointer[chan struct{}] // nil: it answers
	full atomic.Bool
}

func (d *disk) options(o *store.Options) {
	o.ReserveBytes = 1 << 20
	o.Sync = func(*os.File) error {
		if c := d.hang.Load(); c != nil {
			<-*c
		}
		return nil
	}
	o.Free = func() (uint64, error) {
		if d.full.Load() {
			return 0, nil
		}
		return 1 << 30, nil
	}
}

// withDisks returns a whole ring of three and their disks.
func withDisks(t *testing.T) (*nodetest.Ring, []*disk) {
	t.Helper()
	var disks []*disk
	r := nodetest.WholeWith(t, 3, func(o *nodetest.Options) {
		d := &disk{}
		disks = append(disks, d)
		o.Disk = d.options
	})
	r.AwaitWhole()
	return r, disks
}

// Who waits for its disk leaves coordination to others, and takes part again
// once it answers.
func TestDiskHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, disks := withDisks(t)
		insertAll(t, r, 20)
		n, hang := r.Nodes[1], make(chan struct{})
		disks[1].hang.Store(&hang)
		go n.Alive(t.Context()) // some write
		time.Sleep(4 * time.Second)
		if _, err := n.Do(t.Context(), node.Op{Kind: node.Retrieve, Key: key(1)}); err != nil {
			t.Errorf("after 4 s: %v", err)
		}
		time.Sleep(2 * time.Second)
		for _, kind := range []node.OpKind{node.Insert, node.Retrieve} {
			_, err := n.Do(t.Context(), node.Op{Kind: kind, Key: key(1), Value: []byte("v")})
			e, ok := err.(*node.Error)
			if !ok || e.Kind != node.NotResponsible || e.Better.Addr == "" || e.Better.Addr == n.Options.Addr {
				t.Errorf("kind %d, to who waits for its disk: %#v", kind, err)
			}
		}
		began := time.Now()
		insertMore(t, r, 20, 40) // through all three
		retrieveAll(t, r, 40)
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("60 operations took %v", took)
		}
		disks[1].hang.Store(nil)
		close(hang)
		time.Sleep(time.Second)
		if _, err := n.Do(t.Context(), node.Op{Kind: node.Insert, Key: key(40), Value: []byte("v")}); err != nil {
			t.Errorf("once the disk answers: %v", err)
		}
		r.AwaitWhole()
		checkEntries(t, r, 41)
	})
}

// Where one of three disks is full all goes on; where two are, inserts are
// refused and the rest goes on. All is made up for when there is room.
func TestFullDisks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, disks := withDisks(t)
		insertAll(t, r, 20)
		disks[0].full.Store(true)
		insertMore(t, r, 20, 40)
		retrieveAll(t, r, 40)
		if !r.Nodes[0].Status().Store.ReadOnly {
			t.Error("its status does not say that it is full")
		}
		disks[1].full.Store(true)
		kinds := map[node.Kind]int{}
		for i := 40; i < 52; i++ {
			err := r.Nodes[i%3].Insert(t.Context(), key(i), []byte("v"))
			if err == nil {
				t.Errorf("%s is acknowledged by one disk", key(i))
			}
			kinds[node.KindOf(err)]++
		}
		// Who is not full hears of the others by the first insert.
		if kinds[node.Unknown] > 1 || kinds[node.ReadOnly]+kinds[node.Unknown] != 12 {
			t.Errorf("inserts that no quorum has room for: %v", kinds)
		}
		retrieveAll(t, r, 40)
		for i := range 52 {
			if got, err := r.Nodes[i%3].Retrieve(t.Context(), key(i)); err != nil || i >= 40 && len(got) > 0 {
				t.Errorf("%s: %q, %v", key(i), got, err)
			}
		}
		for i := 5; i < 52; i += 5 {
			if err := r.Nodes[i%3].Remove(t.Context(), key(i), []byte("v")); err != nil {
				t.Errorf("remove of %s: %v", key(i), err)
			}
			if got, err := r.Nodes[(i+1)%3].Retrieve(t.Context(), key(i)); err != nil || len(got) > 0 {
				t.Errorf("%s after its remove: %q, %v", key(i), got, err)
			}
		}
		disks[0].full.Store(false)
		disks[1].full.Store(false)
		r.AwaitWhole()
		time.Sleep(5 * time.Second) // in virtual time: for so long who was full is not counted on
		for i := 52; i < 60; i++ {
			if err := r.Nodes[i%3].Insert(t.Context(), key(i), []byte("v")); err != nil {
				t.Error(err)
			}
			mustHave(t, r.Nodes[(i+1)%3], key(i), "v")
		}
		r.AwaitWhole()
	})
}
