package store

import (
	"os"

	"go.etcd.io/bbolt"

	"chord/keyspace"
)

// recover reads what the logs hold, and what the store keeps in memory. For
// writing it brings all of it into the file and begins a log. Before it knows
// that the database is the right one it changes nothing.
func (s *Store) recover(oneMeta bool) error {
	var m mark
	if err := s.read(func(tx *bbolt.Tx, _ *layers) (err error) {
		m, err = readMark(tx)
		return err
	}); err != nil {
		return err
	}
	r, err := replay(s.path, m)
	if err != nil {
		return err
	}
	renew := (oneMeta || r.torn) && !s.options.ReadOnly // dots of the last commit may be out already
	if renew {
		r.rows[metaTable].Set(incarnationRow())
	}
	if renew || r.last > m.applied {
		s.layers.Store(&layers{fresh: r.rows})
	}
	if err := s.load(); err != nil || s.options.ReadOnly {
		return err
	}
	if renew {
		if err := s.renewFile(r); err != nil {
			return err
		}
	}
	if err := s.settle(r, m); err != nil {
		return err
	}
	s.layers.Store(&layers{flushes: 1})
	return s.begin(m.lineage == 0)
}

func incarnationRow() row {
	return newRow(incarnationName, seal(incarnationName, number(newIncarnation())))
}

// renewFile puts the new incarnation into the file with the first thing that is
// written to it: after that nothing may tell any more that it is needed.
func (s *Store) renewFile(r replayed) error {
	renewed, _ := r.rows[metaTable].Get(newRow(incarnationName, nil))
	return s.update(func(tx *bbolt.Tx) error {
		return tx.Bucket(tableNames[metaTable]).Put(renewed.k, renewed.content)
	})
}

// settle brings what the logs held into the file, so that it is whole without
// them, and makes room for a new one.
func (s *Store) settle(r replayed, m mark) error {
	if m.open || r.last > m.applied {
		if err := s.bring(r.rows, mark{m.lineage, r.last, false}); err != nil {
			return err
		}
	}
	for _, name := range r.own {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	for _, name := range r.foreign { // somebody may look for it
		if err := moveAside(name); err != nil {
			return err
		}
	}
	return nil
}

// moveAside gives a log of another database a name of its time.
func moveAside(name string) error {
	if _, err := linkAside(name); err != nil {
		return err
	}
	return os.Remove(name)
}

// begin begins the log, and only then says in the file that there is one; that
// is the only difference between the formats.
func (s *Store) begin(firstFormat bool) error {
	s.log = &log{path: s.path, lineage: newIncarnation(), noSync: s.options.NoSync, write: writeAt, sync: syncData}
	if s.options.Write != nil {
		s.log.write = s.options.Write
	}
	if s.options.Sync != nil {
		s.log.forced, s.log.sync = true, s.options.Sync
	}
	if err := s.log.create(); err != nil {
		return err
	}
	if firstFormat {
		if err := s.update(func(tx *bbolt.Tx) error {
			return tx.Bucket(tableNames[metaTable]).Put(formatName, seal(formatName, number(format)))
		}); err != nil {
			return err
		}
	}
	return s.setMark(mark{lineage: s.log.lineage, open: true})
}

// load reads what the store keeps in memory.
func (s *Store) load() error {
	return s.read(func(tx *bbolt.Tx, l *layers) (err error) {
		defer guard(&err)
		if err := s.identify(tx, l); err != nil {
			return err
		}
		for _, name := range tableNames {
			if tx.Bucket(name) == nil {
				return corrupt("a part of the database is missing")
			}
		}
		v := newView(tx, l.fresh)
		s.stats.FileBytes = tx.Size()
		return v.Buckets(func(_ keyspace.Bucket, b BucketStats, _ []byte, _ error) error { // a damaged one is mended later
			s.stats.Keys += b.Keys
			s.stats.Values += b.Values
			s.stats.Bytes += b.Bytes
			return nil
		})
	})
}

// identify reads whose database it is, before anything that depends on its
// format.
func (s *Store) identify(tx *bbolt.Tx, l *layers) (err error) {
	defer guard(&err)
	bucket := tx.Bucket(tableNames[metaTable])
	if bucket == nil {
		return corrupt("it is not a database of a node")
	}
	meta := table{number: metaTable, opened: bucket, layers: []layer{l.fresh}}
	if err := checkFormat(&meta); err != nil {
		return err
	}
	if s.id, s.sequence, err = readIdentity(&meta); err != nil {
		return err
	}
	s.began = s.sequence
	return s.id.check(s.options)
}
