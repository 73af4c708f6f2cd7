package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"chord/keyspace"
	"chord/store"
	"chord/store/storetest"
)

// filled opens a database with so many keys of one value of 100 bytes, synced
// from then on.
func filled(b *testing.B, keys int) *store.Store {
	b.Helper()
	path := filepath.Join(b.TempDir(), "chord.db")
	o := store.Options{Ring: "ring", Name: "node", NoSync: true}
	s, err := store.Open(path, o)
	if err != nil {
		b.Fatal(err)
	}
	storetest.SetID(b, s, keyspace.ID{1})
	var wait sync.WaitGroup
	for w := range 64 {
		wait.Go(func() {
			for i := w; i < keys; i += 64 {
				insert(s, benchKey(i), string(make([]byte, 100)))
			}
		})
	}
	wait.Wait()
	s.Close()
	o.NoSync = false
	if s, err = store.Open(path, o); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func benchKey(i int) string { return fmt.Sprintf("a key with thirty-six bytes %08d", i) }

func BenchmarkInsert(b *testing.B) {
	for _, keys := range []int{0, 200_000} {
		var s *store.Store
		var next atomic.Int64
		next.Store(int64(keys))
		for _, writers := range []int{1, 8, 64, 512} {
			b.Run(fmt.Sprintf("keys=%d/writers=%d", keys, writers), func(b *testing.B) {
				if s == nil || keys == 0 {
					s = filled(b, keys)
				}
				before := s.Stats().Commits
				b.ResetTimer()
				var wait sync.WaitGroup
				var left atomic.Int64
				left.Store(int64(b.N))
				for range writers {
					wait.Go(func() {
						for left.Add(-1) >= 0 {
							if err := insert(s, benchKey(int(next.Add(1))), string(make([]byte, 100))); err != nil {
								b.Error(err)
							}
						}
					})
				}
				wait.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
				b.ReportMetric(float64(b.N)/float64(s.Stats().Commits-before), "changes/commit")
				if keys > 0 {
					s = nil
				}
			})
		}
	}
}

func BenchmarkValues(b *testing.B) {
	const keys = 200_000
	s := filled(b, keys)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.View(func(v *store.View) error {
				_, err := v.Values([]byte(benchKey(rand.IntN(keys))))
				return err
			}); err != nil {
				b.Error(err)
			}
		}
	})
}
