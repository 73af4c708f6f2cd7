package member

import "testing"

func TestCrashIsDetectedByAll(t *testing.T) {
	for _, count := range []int{2, 3, 8, 32} {
		n := newNetwork(t, uint64(count))
		n.ring(count)
		n.run(20)
		dead := n.tables[count-1]
		n.crash(dead)
		took := n.until("the crashed one is down everywhere", 80, func() bool { return n.allSee(n.tables, dead, Down) })
		t.Logf("%d tables: %d ticks", count, took)
	}
}

func TestNobodyIsDownUnderLoss(t *testing.T) {
	n := newNetwork(t, 7)
	n.ring(32)
	n.loss, n.delay = 0.05, 0.1
	n.onDown = func(by *Table, of Member) { t.Fatalf("tick %d: %s says %s is down", n.now, by.Self().Name, of.Name) }
	n.run(5000)
	if n.worst > GossipMax {
		t.Errorf("a message carried %d records", n.worst)
	}
}
