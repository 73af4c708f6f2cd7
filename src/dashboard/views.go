package dashboard

import (
	"cmp"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
	"chord/ring"
)

// nodeView is a node's status, as the page and programs get it.
type nodeView struct {
	Ring     string      `json:"ring"`
	ID       keyspace.ID `json:"id"`
	Name     string      `json:"name"`
	Addr     string      `json:"addr"`
	Domain   string      `json:"domain"`
	Phase    string      `json:"phase"`
	Doing    string      `json:"doing,omitempty"`
	NotReady []string    `json:"not_ready"` // why, in words; empty: it is ready
	Since    time.Time   `json:"since"`
	Ready    *time.Time  `json:"ready"`
	At       time.Time   `json:"at"` // when it said this

	Predecessor *peerView  `json:"predecessor"`
	Successors  []peerView `json:"successors"`
	Links       []Link     `json:"links"`

	Load     Load        `json:"load"`
	StandIns int         `json:"stand_ins"`
	File     int64       `json:"file_bytes"`
	Synced   bool        `json:"synced"` // to disk
	Repair   repairView  `json:"repair"`
	Purge    purgeView   `json:"purge"`
	Quorums  quorumsView `json:"quorums"`
}

type peerView struct {
	ID   keyspace.ID `json:"id"`
	Name string      `json:"name"` // its address, where its name is not known
	Addr string      `json:"addr"`
}

type repairView struct {
	Compared uint64     `json:"compared"`
	Keys     uint64     `json:"keys"`
	Bytes    uint64     `json:"bytes"`
	Round    *time.Time `json:"round"`
	Scrubbed *time.Time `json:"scrubbed"`
	Damaged  uint64     `json:"damaged"`
}

type purgeView struct {
	Waiting uint64   `json:"waiting"`
	Blocked []string `json:"blocked"`
}

type quorumsView struct {
	Copies int `json:"copies"`
	Write  int `json:"write"`
	Read   int `json:"read"`
}

// viewOf returns a node's view of itself; members know the names.
func viewOf(s node.Status, members []member.Member, at time.Time) nodeView {
	names := namesOf(members)
	v := nodeView{
		Ring: s.Ring, ID: s.Self.ID, Name: cmp.Or(s.Self.Name, s.Self.Addr), Addr: s.Self.Addr, Domain: s.Self.Domain,
		Phase: s.View.Phase.String(), Doing: s.Doing, NotReady: []string{}, Since: s.Since, Ready: timeOrNull(s.Ready), At: at,
		Successors: []peerView{}, Links: links(s.View), Load: LoadOf(s), StandIns: s.Buckets.StandIns, File: s.Store.FileBytes,
		Synced:  !s.Store.Unsynced,
		Repair:  repairView{s.Repair.Compared, s.Repair.Keys, s.Repair.Bytes, timeOrNull(s.Repair.Round), timeOrNull(s.Repair.Scrubbed), s.Repair.Damaged},
		Purge:   purgeView{uint64(s.Purge.Waiting), append([]string{}, s.Purge.Blocked...)},
		Quorums: quorumsOf(s.Quorums),
	}
	v.NotReady = append(v.NotReady, s.Readiness().Reasons...)
	if !s.View.Predecessor.ID.IsZero() {
		p := names.peer(s.View.Predecessor)
		v.Predecessor = &p
	}
	for _, p := range s.View.Successors {
		v.Successors = append(v.Successors, names.peer(p))
	}
	return v
}

func quorumsOf(q replica.Quorums) quorumsView { return quorumsView{q.Copies, q.Write, q.Read} }

// names are those of members.
type names map[keyspace.ID]string

func namesOf(members []member.Member) names {
	n := make(names, len(members))
	for _, m := range members {
		n[m.ID] = m.Name
	}
	return n
}

func (n names) peer(p ring.Peer) peerView {
	return peerView{p.ID, cmp.Or(n[p.ID], p.Addr), p.Addr}
}
