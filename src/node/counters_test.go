package node

import (
	"errors"
	"testing"
	"time"
)

// What clients asked for is counted by what it was, and everything else by what the
// node had to do with it.
func TestCounters(t *testing.T) {
	var c counters
	c.add(Asked, Retrieve, time.Second, nil)
	c.add(Asked, Get, time.Second, errors.New("no"))
	c.add(Asked, Put, time.Second, nil)
	c.add(Forwarded, Put, time.Hour, errors.New("no"))
	c.add(Coordinated, Put, time.Hour, nil)
	c.add(Written, 0, time.Hour, nil)
	c.add(Seen, 0, time.Hour, nil)
	c.add(Seen, 0, time.Hour, nil)
	want := Counters{Reads: 2, Writes: 1, Failed: 1, Took: 3 * time.Second, Forwarded: 1, Coordinated: 1, CopyReads: 2, CopyWrites: 1}
	if got := c.get(); got != want {
		t.Errorf("got %+v", got)
	}
}
