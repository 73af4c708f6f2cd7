package node

import (
	"encoding/binary"
	"testing"

	"chord/keyspace"
)

func TestRequestsAreRemembered(t *testing.T) {
	var r requests
	id := RequestID{1}
	if !r.claim(id) || r.claim(id) || r.done(id) {
		t.Fatal("a request in a transaction can be claimed again, or counts as done")
	}
	r.finish(id, false)
	if !r.claim(id) {
		t.Fatal("a request that failed cannot be claimed again")
	}
	r.finish(id, true)
	if r.claim(id) || !r.done(id) {
		t.Fatal("what was carried out is not remembered")
	}
	r.finish(RequestID{}, true)
	first, second := r.claim(RequestID{}), r.claim(RequestID{})
	if !first || !second || r.done(RequestID{}) {
		t.Error("requests without a name are told apart")
	}
}

// So many later requests do not make it forgotten, and memory has a bound.
func TestRequestsAreBounded(t *testing.T) {
	var r requests
	name := func(i int) (id RequestID) {
		binary.BigEndian.PutUint64(id[:], uint64(i)+1)
		return id
	}
	for i := range 3 * requestsKept {
		r.finish(name(i), true)
		if forgotten := i - requestsKept + 1; forgotten >= 0 && !r.done(name(forgotten)) {
			t.Fatalf("request %d is forgotten after %d", forgotten, i)
		}
	}
	if kept := len(r.young) + len(r.old); kept > 2*requestsKept {
		t.Errorf("%d requests are kept", kept)
	}
}

func TestTrafficIsBounded(t *testing.T) {
	var l traffic
	to, other := keyspace.ID{1}, keyspace.ID{2}
	for range maxOutstanding {
		if !l.hasRoom(to) {
			t.Fatal("there is no room for writes below the bound")
		}
		l.add(to, 1, 1)
	}
	if l.hasRoom(to) || !l.hasRoom(other) {
		t.Error("the bound is not of each receiver")
	}
	l.add(to, -1, -1)
	if !l.hasRoom(to) {
		t.Error("what has ended takes room")
	}
	l.add(to, 0, maxOutstandingBytes)
	if l.hasRoom(to) {
		t.Error("bytes have no bound")
	}
}
