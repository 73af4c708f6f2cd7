package node

import (
	"time"

	"chord/member"
)

// longestRetry is how many periods lie at most between two tries to hand over
// to a receiver that does not take it.
const longestRetry = 10

// retry is a receiver that did not take what it was handed.
type retry struct {
	receiver member.Member
	reason   string
	at       time.Time // of the next try
	pause    time.Duration
}

// mayPush reports whether it is time to hand over to a member. However often
// it is asked, a receiver that refuses is left alone for a while, unless there
// is news of it.
func (n *Node) mayPush(to member.Member) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	r, failed := n.retries[to.ID]
	return !failed || r.receiver != to || !time.Now().Before(r.at)
}

// pushed notes how a hand-over came out. The log hears of each reason once, not
// of each try.
func (n *Node) pushed(to member.Member, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		delete(n.retries, to.ID)
		return
	}
	r := n.retries[to.ID]
	if r.reason != err.Error() && n.ctx.Err() == nil {
		n.log.Warn("cannot hand buckets over; trying again", "to", to.Name, "addr", to.Addr, "err", err)
	}
	pause := n.cfg.Period
	if r.receiver == to {
		pause = min(2*r.pause, longestRetry*n.cfg.Period)
	}
	n.retries[to.ID] = retry{to, err.Error(), time.Now().Add(pause), pause}
}
