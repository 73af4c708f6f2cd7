package store

import (
	"bytes"
	"testing"

	"chord/keyspace"
	"chord/value"
)

func someHeader() header {
	dots := []value.Dot{{Seq: 7}, {Actor: value.Actor{Incarnation: 1}, Seq: 300}}
	return header{key: []byte("key"), context: dots[:1], ahead: dots[1:], values: 2, bytes: 5, sum: Digest{1}}
}

func FuzzDecodeHeader(f *testing.F) {
	f.Add([]byte{})
	f.Add(header{}.encode())
	f.Add(someHeader().encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHeader(b)
		if err == nil && !bytes.Equal(h.encode(), b) {
			t.Fatalf("%x is a second way to write %v", b, h)
		}
	})
}

func FuzzDecodeBucket(f *testing.F) {
	f.Add([]byte{})
	f.Add(bucketRow{}.encode())
	f.Add(bucketRow{BucketStats{1, 2, 3, Digest{4}}, 5, []byte("note")}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeBucket(b)
		if err == nil && !bytes.Equal(r.encode(), b) {
			t.Fatalf("%x is a second way to write %v", b, r)
		}
	})
}

func FuzzSplitKey(f *testing.F) {
	id, hash := keyspace.HashKey([]byte("k")), value.Hash([]byte("v"))
	f.Add([]byte{})
	f.Add(id[:])
	f.Add(elementKey(id, hash))
	f.Add(append(elementKey(id, hash), 0))
	f.Fuzz(func(t *testing.T, k []byte) {
		id, hash, isHeader, err := splitKey(k)
		if err != nil {
			return
		}
		back := elementKey(id, hash)
		if isHeader {
			back = id[:]
		}
		if !bytes.Equal(back, k) || belongsTo(id, k) == isHeader {
			t.Fatalf("%x is taken for %v, %v", k, id, hash)
		}
	})
}

// A row is good for its own key alone, and only whole.
func TestChecksums(t *testing.T) {
	key, content := []byte("key"), []byte("content")
	row := seal(key, content)
	if got, err := unseal(key, row); err != nil || !bytes.Equal(got, content) {
		t.Fatal(got, err)
	}
	if _, err := unseal([]byte("kex"), row); err == nil {
		t.Error("the row is good for another key")
	}
	for i := range row {
		if _, err := unseal(key, row[:i]); err == nil {
			t.Errorf("%d bytes of it are good", i)
		}
		row[i] ^= 1
		if _, err := unseal(key, row); err == nil {
			t.Errorf("it is good with byte %d changed", i)
		}
		row[i] ^= 1
	}
}

// A header names its key: two keys of one identifier would be an error, not one
// key with the values of both.
func TestHeaderOfAnotherKey(t *testing.T) {
	s, err := Open(t.TempDir()+"/db", Options{Ring: "ring", Name: "node", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := keyspace.HashKey([]byte("asked for"))
	if err := s.Update(t.Context(), Change{Do: func(tx *Tx) error {
		return tx.write(tx.items, id[:], someHeader().encode())
	}}); err != nil {
		t.Fatal(err)
	}
	err = s.View(func(v *View) error { _, err := v.Values([]byte("asked for")); return err })
	if e, ok := err.(interface{ Unwrap() error }); !ok || e.Unwrap() != ErrCorrupt {
		t.Fatal(err)
	}
}

func TestFormatIsPinned(t *testing.T) {
	// It is in every database: it can only change with the format version.
	b := seal([]byte("key"), someHeader().encode())
	if got, want := keyspace.HashKey(b).Short(), "14 92 78 FE"; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	if got, want := keyspace.ID(someHeader().digest(keyspace.ID{1})).Short(), "EF B4 C2 06"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	b = bucketRow{BucketStats{1, 2, 3, Digest{4}}, 5, []byte("note")}.encode()
	if got, want := keyspace.HashKey(b).Short(), "5A FD 8E 6F"; got != want {
		t.Errorf("bucket %s, want %s", got, want)
	}
}
