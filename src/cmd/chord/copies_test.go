package main

import (
	"testing"
	"time"

	"chord/node"
)

// What never was is null, and a list without names is one.
func TestViewsForPrograms(t *testing.T) {
	r := node.Repair{Round: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	if v := repairOf(r); v.Scrubbed != nil || v.Round == nil || !v.Round.Equal(r.Round) {
		t.Errorf("%+v", v)
	}
	if v := purgeOf(node.PurgeStatus{Waiting: 4, Keys: 7, Done: 2}); v.Blocked == nil || v.Waiting != 4 || v.Keys != 7 || v.Done != 2 {
		t.Errorf("%+v", v)
	}
}
