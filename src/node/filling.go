package node

import (
	"sync"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
)

// filling is what the copies of this node were compared with so far. A source of
// a bucket is a member with a synced copy whose content, as of a moment at which
// the two saw the same placement, is all here. So many sources that every write
// quorum has one of them make the copy synced; or the content of everybody, for
// then nobody has anything else.
type filling struct {
	node            *Node
	placed, spoiled uint64
	joining         bool
	stamp           replica.Stamp     // of the placement as all see it
	placement       replica.Placement // with this node in it
	wanted          []keyspace.Bucket // as of the begin of the round, as the next
	others          []member.Member
	last            bool // there were others, and all of them left

	mu      sync.Mutex
	count   uint64 // of answers
	sources [keyspace.Buckets]uint8
	answers [keyspace.Buckets]uint16
	asked   map[keyspace.ID]*bucketSet
	partial map[keyspace.ID]store.Digest // see adoptable
}

// merged notes that all is here that the member had of the bucket.
func (f *filling) merged(id keyspace.ID, b keyspace.Bucket, synced bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked[id] == nil {
		f.asked[id] = &bucketSet{}
	}
	if f.asked[id].has(b) {
		return
	}
	f.asked[id].add(b)
	f.count++
	f.answers[b]++
	if synced {
		f.sources[b]++
	}
}

// restart forgets what a bucket was compared with.
func (f *filling) restart(b keyspace.Bucket) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.sources[b], f.answers[b] = 0, 0
	for _, asked := range f.asked {
		asked.remove(b)
	}
}

func (f *filling) progress() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// done reports whether the bucket was compared with enough others.
func (f *filling) done(b keyspace.Bucket) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.enough(b)
}

// enough is done, asked with the lock held. One source is enough to join: what
// that one lacks, the second phase brings.
func (f *filling) enough(b keyspace.Bucket) bool {
	need := 1
	if !f.joining && !fault.Planted(fault.OneSource) {
		need = f.placement.Group(b).Sources()
	}
	if f.joining && fault.Planted(fault.ServeAtOnce) {
		need = 0
	}
	return int(f.sources[b]) >= need || f.answeredByAll(b)
}

// answeredByAll is asked with the lock held. Who came since the round began has
// not been asked, nor counted. Where all others left there is nobody to ask: they
// have handed over what they had.
func (f *filling) answeredByAll(b keyspace.Bucket) bool {
	if len(f.others) == 0 && !f.last || int(f.answers[b]) < len(f.others) {
		return false
	}
	for _, m := range f.others {
		if f.asked[m.ID] == nil || !f.asked[m.ID].has(b) {
			return false
		}
	}
	return true
}

// open returns the wanted buckets that are not done.
func (f *filling) open() []keyspace.Bucket {
	f.mu.Lock()
	defer f.mu.Unlock()
	var open []keyspace.Bucket
	for _, b := range f.wanted {
		if !f.enough(b) {
			open = append(open, b)
		}
	}
	return open
}

// unasked returns the open buckets that a member was not asked for, of whose
// groups it is one or is not.
func (f *filling) unasked(id keyspace.ID, inGroup bool) (ask []keyspace.Bucket) {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked[id]
	for _, b := range f.wanted {
		if (asked == nil || !asked.has(b)) && !f.enough(b) && f.placement.Group(b).Contains(id) == inGroup {
			ask = append(ask, b)
		}
	}
	return ask
}

// bucketSet is a set of buckets in 8 KiB.
type bucketSet [keyspace.Buckets / 64]uint64

func newBucketSet(runs []Range) *bucketSet {
	s := &bucketSet{}
	for _, r := range runs {
		for b := int(r.First); b <= int(r.Last); b++ {
			s.add(keyspace.Bucket(b))
		}
	}
	return s
}

func (s *bucketSet) add(b keyspace.Bucket)      { s[b/64] |= 1 << (b % 64) }
func (s *bucketSet) remove(b keyspace.Bucket)   { s[b/64] &^= 1 << (b % 64) }
func (s *bucketSet) has(b keyspace.Bucket) bool { return s[b/64]&(1<<(b%64)) != 0 }
