package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"go.etcd.io/bbolt"

	"chord/keyspace"
	"chord/value"
)

// Report is what [Check] found.
type Report struct {
	Identity Identity
	Keys     uint64 // with at least one value
	Values   uint64
	Bytes    uint64 // of values
	// Problems holds what is wrong, at most a hundred lines.
	Problems []string
}

const maxProblems = 100

// Check reads a whole database that nobody has open for writing: the structure
// of the file and of the log beside it, the checksum of every row, the order of the rows, every count and
// digest. Holds says whether the node may hold a bucket with that note; nil
// allows all. Progress, which may be nil, hears of rows done and in total. Where
// there are problems the error is an [ErrCorrupt].
func Check(path string, holds func(b keyspace.Bucket, note []byte) bool, progress func(done, total int64)) (r Report, err error) {
	defer wrap("check "+path, &err)
	if _, err := os.Lstat(path); err != nil {
		return r, notOpened(err)
	}
	db, err := openFile(path, Options{ReadOnly: true}, func(f *os.File) error {
		_, err := checkPages(f, true)
		return err
	})
	if err != nil {
		return r, notOpened(err)
	}
	s := newStore(db, path, Options{ReadOnly: true})
	defer db.Close()
	if err := s.recover(false); err != nil {
		return r, err
	}
	r.Identity = s.id
	c := checker{report: &r, sequence: s.sequence, holds: holds, progress: progress}
	if err := s.read(c.run); err != nil {
		return r, err
	}
	if len(r.Problems) > 0 {
		return r, corrupt("%d problems, the first: %s", len(r.Problems), r.Problems[0])
	}
	return r, nil
}

// checker goes through the rows once, in order.
type checker struct {
	report   *Report
	sequence uint64
	holds    func(keyspace.Bucket, []byte) bool
	progress func(done, total int64)
	view     View

	rows        map[keyspace.Bucket]bucketRow // as stored
	counted     map[keyspace.Bucket]*bucketRow
	id          keyspace.ID // of the key that the rows belong to
	stored, sum header      // its header, and what its elements sum up to
	open        bool        // a header was read
}

func (c *checker) problem(format string, args ...any) {
	if len(c.report.Problems) < maxProblems {
		c.report.Problems = append(c.report.Problems, fmt.Sprintf(format, args...))
	}
}

func (c *checker) run(tx *bbolt.Tx, l *layers) (err error) {
	defer guard(&err)
	for err := range tx.Check() {
		c.problem("%v", err)
	}
	if len(c.report.Problems) > 0 {
		return nil // what is read through a damaged tree says nothing
	}
	c.view = newView(tx, l.fresh)
	c.rows, c.counted = map[keyspace.Bucket]bucketRow{}, map[keyspace.Bucket]*bucketRow{}
	total, done := int64(0), int64(0)
	if err := c.view.Buckets(func(b keyspace.Bucket, _ BucketStats, _ []byte, damage error) error {
		if damage != nil {
			return damage
		}
		r, err := c.view.bucket(b)
		c.rows[b] = r
		total += int64(r.headers + r.Values)
		return err
	}); err != nil {
		return err
	}
	err = each(&c.view.items, func(k, row []byte) error {
		if done++; c.progress != nil && done%1024 == 0 {
			c.progress(done, max(done, total))
		}
		c.item(k, row)
		return nil
	})
	c.finishKey()
	c.compareBuckets()
	if c.progress != nil {
		c.progress(done, done)
	}
	return errors.Join(err, c.checkRest())
}

// item checks one row.
func (c *checker) item(k, row []byte) {
	id, hash, isHeader, err := splitKey(k)
	if err != nil {
		c.problem("%v", err)
		return
	}
	if isHeader {
		c.finishKey()
		c.header(id, row)
		return
	}
	e, err := readElement(k, row)
	switch {
	case err != nil:
		c.problem("%v", err)
		return
	case !c.open || id != c.id:
		c.problem("row %x has no header", k)
		return
	case value.Hash(e.Value) != hash:
		c.problem("row %x holds another value", k)
	case !c.stored.context.Join(c.stored.ahead).CoversAll(e.Dots):
		c.problem("row %x has dots that its key has not seen", k)
	}
	c.sum.values++
	c.sum.bytes += uint64(len(e.Value))
	c.sum.sum.flip(elementDigest(hash, e.Dots))
}

func (c *checker) header(id keyspace.ID, row []byte) {
	h, err := readHeader(id, row)
	if err != nil {
		c.problem("%v", err)
		return
	}
	if keyspace.HashKey(h.key) != id {
		c.problem("row %v is of another key, %.40q", id, h.key)
	}
	for _, d := range slices.Concat(h.context, h.ahead) {
		if d.Actor == c.report.Identity.Actor() && d.Seq > c.sequence {
			c.problem("key %.40q has seen dot %d of this database, which has made %d", h.key, d.Seq, c.sequence)
		}
	}
	c.id, c.stored, c.sum, c.open = id, h, header{}, true
}

// finishKey compares a header with the elements that followed it.
func (c *checker) finishKey() {
	if !c.open {
		return
	}
	c.open = false
	h := c.stored
	if h.values != c.sum.values || h.bytes != c.sum.bytes || h.sum != c.sum.sum {
		c.problem("key %.40q: its header counts %d values with %d bytes, there are %d with %d", h.key, h.values, h.bytes, c.sum.values, c.sum.bytes)
	}
	b := keyspace.BucketOf(c.id)
	if c.counted[b] == nil {
		c.counted[b] = &bucketRow{}
	}
	c.counted[b].replace(c.id, header{}, h)
}

// compareBucket compares the row of a bucket with what was counted, which it
// returns.
func (c *checker) compareBucket(b keyspace.Bucket) bucketRow {
	got := bucketRow{note: c.rows[b].note}
	if r := c.counted[b]; r != nil {
		got.headers, got.BucketStats = r.headers, r.BucketStats
	}
	if !bytes.Equal(got.encode(), c.rows[b].encode()) {
		c.problem("bucket %04x: its row says %v, there is %v", uint16(b), c.rows[b].BucketStats, got.BucketStats)
	}
	return got
}

func (c *checker) compareBuckets() {
	for n := range keyspace.Buckets {
		b := keyspace.Bucket(n)
		got := c.compareBucket(b)
		if got.headers > 0 && c.holds != nil && !c.holds(b, got.note) {
			c.problem("bucket %04x has %d keys that this node does not hold", n, got.headers)
		}
		c.report.Keys += got.Keys
		c.report.Values += got.Values
		c.report.Bytes += got.Bytes
	}
}

// checkRest reads what is neither item nor bucket.
func (c *checker) checkRest() error {
	if err := c.view.Members(func(keyspace.ID, []byte) error { return nil }); err != nil {
		return err
	}
	return each(&c.view.extra, func(k, row []byte) error {
		_, err := unseal(k, row)
		return err
	})
}
