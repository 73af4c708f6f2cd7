package node

import (
	"sync"

	"chord/keyspace"
	"chord/store"
)

// taken collects of which buckets all is here that somebody offered.
type taken struct {
	mu      sync.Mutex
	buckets []BucketDigest
}

// newTaken begins with the offered buckets that do not differ.
func newTaken(offered []BucketDigest, differ []keyspace.Bucket) *taken {
	t := &taken{}
	for _, b := range offered {
		if len(differ) > 0 && differ[0] == b.Bucket {
			differ = differ[1:] // in the same order
			continue
		}
		t.buckets = append(t.buckets, BucketDigest{Bucket: b.Bucket, Digest: b.Digest})
	}
	return t
}

// add notes a bucket with the digest of what the other had of it.
func (t *taken) add(b keyspace.Bucket, had store.Digest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buckets = append(t.buckets, BucketDigest{Bucket: b, Digest: had})
}

func (t *taken) all() []BucketDigest {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buckets
}
