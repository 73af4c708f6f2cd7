package store

// SetFree replaces the question for the space that is left.
func (s *Store) SetFree(free func() (uint64, error)) { s.free = free }

// Raw changes a row behind the back of checksums and counts.
func (t *Tx) Raw(bucket string, change func(put func(k, row []byte) error) error) error {
	t.writes++
	b := t.items.Tx().Bucket([]byte(bucket))
	return change(b.Put)
}

// Seal is seal.
var Seal = seal

// Grow makes the file as large in the statistics.
func (s *Store) Grow(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.FileBytes = size
}
