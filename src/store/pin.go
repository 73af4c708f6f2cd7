package store

import (
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// read runs f in a read transaction, with the layers that go with it. A fault in
// the mapped file is a panic of this goroutine meanwhile, which [guard] takes.
func (s *Store) read(f func(*bbolt.Tx, *layers) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	tx, l, err := s.pin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return f(tx, l)
}

// pin begins a read transaction and returns it with the layers that go with it:
// none was dropped meanwhile, which the file did not have yet, and none can hide
// less than what the file has.
func (s *Store) pin() (*bbolt.Tx, *layers, error) {
	for {
		before := s.layers.Load()
		s.reach("view begins")
		tx, err := s.db.Begin(false)
		if err != nil {
			return nil, nil, ErrClosed
		}
		s.reach("view begun")
		after := s.layers.Load()
		if before.flushes == after.flushes {
			return tx, after, nil
		}
		tx.Rollback()
	}
}
