package store

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"

	"chord/keyspace"
)

// scrubSlice is how many bytes a scrub reads in one view, and before it rests.
const scrubSlice = 256 << 10

// scrubTries is how often a scrub begins with a bucket anew that changed between
// two views of it. The last time it reads all of it in one.
const scrubTries = 3

// Scrub reads all rows of all buckets from the given one on, as [Check] does for
// a database that nobody has open: checksums, counts and digests. It reads so
// many bytes a second in many short views; any number where rate is not
// positive. Report hears of each bucket, outside of a view, and may have it
// mended ([Tx.Mend]); an error of it ends the scrub. What the system has in its
// cache is not read from the disk again.
func (s *Store) Scrub(ctx context.Context, rate int64, from keyspace.Bucket, report func(b keyspace.Bucket, damaged bool) error) (err error) {
	defer wrap("scrub", &err)
	r := scrub{store: s, ctx: ctx, rate: rate}
	for n := int(from); n < keyspace.Buckets; n++ {
		damaged, err := r.bucket(keyspace.Bucket(n))
		if err == nil {
			err = report(keyspace.Bucket(n), damaged)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type scrub struct {
	store *Store
	ctx   context.Context
	rate  int64
	debt  int64 // bytes that were read since the last rest
}

// rest waits as long as reading should have taken.
func (r *scrub) rest() error {
	if r.rate <= 0 || r.debt < scrubSlice {
		return r.ctx.Err()
	}
	t := time.NewTimer(time.Duration(float64(r.debt) / float64(r.rate) * float64(time.Second)))
	defer t.Stop()
	r.debt = 0
	select {
	case <-t.C:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

var errChanged = errors.New("the bucket changed")

func (r *scrub) bucket(b keyspace.Bucket) (damaged bool, err error) {
	for try := 1; ; try++ {
		limit := int64(scrubSlice)
		if try == scrubTries {
			limit = math.MaxInt64
		}
		damaged, err = r.slices(b, limit)
		if err != errChanged {
			return damaged, err
		}
	}
}

// slices reads a bucket in views of so many bytes.
func (r *scrub) slices(b keyspace.Bucket, limit int64) (damaged bool, err error) {
	c := checker{
		report: &Report{}, sequence: math.MaxUint64,
		rows: map[keyspace.Bucket]bucketRow{}, counted: map[keyspace.Bucket]*bucketRow{},
	}
	for at := bucketKey(b); at != nil; {
		err := r.store.View(func(v *View) (err error) {
			at, err = r.slice(v, &c, b, at, limit)
			return err
		})
		if errors.Is(err, ErrCorrupt) {
			return true, r.ctx.Err()
		}
		if err == nil {
			err = r.rest()
		}
		if err != nil {
			return false, err
		}
	}
	c.finishKey()
	c.compareBucket(b)
	return len(c.report.Problems) > 0, nil
}

// slice reads a bucket from a row on, up to a limit, and returns at what row it
// goes on; nil: that was all.
func (r *scrub) slice(v *View, c *checker, b keyspace.Bucket, at []byte, limit int64) (next []byte, err error) {
	defer guard(&err)
	now, err := v.bucket(b)
	if err != nil {
		return nil, err
	}
	now.note = nil // it may change
	if was, ok := c.rows[b]; ok && !bytes.Equal(was.encode(), now.encode()) {
		return nil, errChanged
	}
	c.rows[b] = now
	cursor, size := v.items.Cursor(), int64(0)
	for k, row := cursor.Seek(at); bytes.HasPrefix(k, bucketKey(b)); k, row = cursor.Next() {
		if size >= limit {
			c.stored.key = bytes.Clone(c.stored.key) // the view ends
			return bytes.Clone(k), nil
		}
		size += int64(len(k) + len(row))
		r.debt += int64(len(k) + len(row))
		c.item(k, row)
	}
	c.stored.key = bytes.Clone(c.stored.key)
	return nil, nil
}
