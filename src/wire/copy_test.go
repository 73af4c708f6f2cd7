package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/store"
	"chord/store/storetest"
	"chord/wire/chordpb"
)

// some is a database of some megabytes.
func some(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t, "test", "a")
	if err := storetest.Update(t, s, func(tx *store.Tx) error {
		for i := range 30 {
			if _, err := tx.Insert([]byte{byte(i)}, bytes.Repeat([]byte{byte(i)}, 100<<10)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// A backup arrives whole, is a database, and tells how far it is.
func TestBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := some(t)
		_, client := pair(t, &fake{backup: func(_ context.Context, progress func(done, total int64) error) (*store.Snapshot, error) {
			for i := range int64(3) { // a slow disk: longer than a stream may stand still
				time.Sleep(40 * time.Second)
				if err := progress((i+1)*spoolStep, 3*spoolStep); err != nil {
					return nil, err
				}
			}
			return s.Snapshot(nil)
		}}, Options{})
		path := filepath.Join(t.TempDir(), "copy.db")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		var spooling, coming int
		size, err := client.Backup(t.Context(), f, func(p BackupProgress) {
			if p.Spooling {
				spooling++
			} else if coming++; !p.Spooled || p.Done > p.Total {
				t.Errorf("progress %+v", p)
			}
		})
		if err = errors.Join(err, f.Close()); err != nil || size < 3<<20 || spooling != 3 || coming < 10 {
			t.Fatalf("%d bytes, %d and %d steps, %v", size, spooling, coming, err)
		}
		if r, err := store.Check(path, nil, nil); err != nil || r.Keys != 30 {
			t.Fatal(r.Keys, err)
		}
	})
}

// Who takes nothing for a minute loses the backup; whose disk is full says so.
func TestBackupFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := some(t)
		_, client := pair(t, &fake{backup: func(_ context.Context, _ func(done, total int64) error) (*store.Snapshot, error) {
			return s.Snapshot(nil)
		}}, Options{})
		full := errors.New("full")
		if _, err := client.Backup(t.Context(), writer(func([]byte) error { return full }), func(BackupProgress) {}); err != full {
			t.Error(err)
		}
		began := time.Now()
		_, err := client.Backup(t.Context(), writer(func([]byte) error { time.Sleep(longestStall + time.Second); return nil }), func(BackupProgress) {})
		kind(t, err, node.Unavailable)
		if took := time.Since(began); took > 5*time.Minute {
			t.Errorf("given up after %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err = client.Backup(ctx, writer(func([]byte) error { cancel(); return nil }), func(BackupProgress) {})
		kind(t, err, node.Unavailable)
	})
}

// What is damaged on its way is no backup.
func TestBackupIsCompared(t *testing.T) {
	b := backup{w: io.Discard, sum: newSum(), progress: func(BackupProgress) {}}
	if err := b.take(chunk("abc")); err != nil {
		t.Fatal(err)
	}
	if err := b.take(end(3, newSum().Sum(nil))); node.KindOf(err) != node.Corrupt || b.ended {
		t.Error(err)
	}
	sum := newSum()
	sum.Write([]byte("abc"))
	if err := b.take(end(2, sum.Sum(nil))); node.KindOf(err) != node.Corrupt || b.ended {
		t.Error(err)
	}
	if err := b.take(end(3, sum.Sum(nil))); err != nil || !b.ended {
		t.Error(err)
	}
}

type writer func([]byte) error

func (w writer) Write(b []byte) (int, error) { return len(b), w(b) }

// An export brings entries, in parts where they are large, and what is done.
func TestExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wanted := []node.Range{{First: 1, Last: 5}, {First: 7, Last: 65535}}
		large := node.Entry{ID: keyspace.HashKey([]byte("l")), Key: []byte("l")}
		for i := range 5 {
			large.Values = append(large.Values, bytes.Repeat([]byte{byte(i)}, 200<<10))
		}
		_, client := pair(t, &fake{export: func(_ context.Context, got []node.Range) iter.Seq2[node.Exported, error] {
			equal(t, nil, got, wanted)
			return func(yield func(node.Exported, error) bool) {
				_ = yield(node.Exported{Entry: large}, nil) && yield(node.Exported{Done: wanted[1:]}, nil) &&
					yield(node.Exported{}, &node.Error{Kind: node.Corrupt, Text: "a bad page"})
			}
		}}, Options{})
		var values [][]byte
		var done []node.Range
		var failure error
		parts := 0
		for e, err := range client.Export(t.Context(), wanted) {
			switch {
			case err != nil:
				failure = err
			case e.Key == nil:
				done = append(done, e.Done...)
			default:
				parts++
				values = append(values, e.Values...)
			}
		}
		equal(t, nil, values, large.Values)
		equal(t, nil, done, wanted[1:])
		kind(t, failure, node.Corrupt, "a bad page")
		if parts < 2 {
			t.Errorf("%d parts", parts)
		}
		for range client.Export(t.Context(), wanted) {
			break
		}
	})
}

func newSum() hash.Hash { return sha256.New() }

func chunk(s string) *chordpb.BackupResponse {
	return &chordpb.BackupResponse{Part: &chordpb.BackupResponse_Chunk{Chunk: []byte(s)}}
}

func end(size int64, sum []byte) *chordpb.BackupResponse {
	return &chordpb.BackupResponse{Part: &chordpb.BackupResponse_End{End: &chordpb.BackupEnd{Size: size, Sha256: sum}}}
}
