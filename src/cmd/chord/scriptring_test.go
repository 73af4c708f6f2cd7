package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"chord/client"
	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/ring"
)

// scriptWaitRing: waitring ADDRESS N waits until the ring of the node there is
// as it should be: N members that know of each other, all of them ready, every
// pointer exact, and every bucket held by exactly one.
func scriptWaitRing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitring ADDRESS N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := ringIsIdeal(args[0], n)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no ring of %d after %s: %v", n, patience, err)
		}
	}
}

// ringIsIdeal says what is not as it should be.
func ringIsIdeal(addr string, n int) error {
	first, err := statusAt(addr)
	if err != nil {
		return err
	}
	alive := aliveOf(first)
	if len(alive) != n {
		return fmt.Errorf("%s knows %d members that are alive", addr, len(alive))
	}
	held := 0
	for _, p := range alive {
		s, err := statusAt(p.Addr)
		if err != nil {
			return err
		}
		switch {
		case s.Ready.IsZero() || s.View.Phase != ring.Member:
			return fmt.Errorf("%s is not ready: %s, %s", p.Addr, s.View.Phase, s.Doing)
		case !slices.Equal(aliveOf(s), alive):
			return fmt.Errorf("%s knows %v, %s %v", addr, alive, p.Addr, aliveOf(s))
		case s.Buckets.Wanted+s.Buckets.Moving > 0:
			return fmt.Errorf("%s is still moving buckets: %+v", p.Addr, s.Buckets)
		}
		if err := viewIsIdeal(s.View, alive); err != nil {
			return err
		}
		held += s.Buckets.Held
	}
	if want := first.Quorums.For(n).Copies * keyspace.Buckets; held != want {
		return fmt.Errorf("there are %d copies, want %d", held, want)
	}
	return nil
}

func statusAt(addr string) (node.Status, error) {
	at, err := client.Open(context.Background(), []string{addr}, client.Options{Direct: true})
	if err != nil {
		return node.Status{}, err
	}
	defer at.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return at.Status(ctx)
}

// aliveOf returns the members that a node takes for alive, in order.
func aliveOf(s node.Status) []ring.Peer {
	var peers []ring.Peer
	for _, m := range s.Members {
		if m.State == member.Alive {
			peers = append(peers, ring.Peer{ID: m.ID, Addr: m.Addr})
		}
	}
	slices.SortFunc(peers, func(a, b ring.Peer) int { return a.ID.Compare(b.ID) })
	return peers
}

// viewIsIdeal compares a node's pointers with those that all members make right.
func viewIsIdeal(v ring.View, all []ring.Peer) error {
	at := slices.Index(all, v.Self)
	around := append(slices.Clone(all[at+1:]), all[:at]...) // clockwise from the node
	if len(around) == 0 {
		return nil
	}
	if !slices.Equal(v.Successors, around) {
		return fmt.Errorf("%s: successors %v, not %v", v.Self.Addr, v.Successors, around)
	}
	if last := around[len(around)-1]; v.Predecessor != last {
		return fmt.Errorf("%s: predecessor %v, not %v", v.Self.Addr, v.Predecessor, last)
	}
	var fingers []ring.Finger
	for k := range keyspace.Bits {
		reach := v.Self.ID.Distance(v.Self.ID.AddPower(k))
		i := slices.IndexFunc(around, func(p ring.Peer) bool { return v.Self.ID.Distance(p.ID).Compare(reach) >= 0 })
		switch last := len(fingers) - 1; {
		case i < 0: // no member is that far away
		case last >= 0 && fingers[last].Peer == around[i]:
			fingers[last].To = k
		default:
			fingers = append(fingers, ring.Finger{From: k, To: k, Peer: around[i]})
		}
	}
	if !slices.Equal(v.Fingers, fingers) {
		return fmt.Errorf("%s: fingers %v, not %v", v.Self.Addr, v.Fingers, fingers)
	}
	return nil
}
