package store

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

// Layers over a file read as one table, whatever is where.
func TestTableOfLayers(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rapid.Check(t, func(rt *rapid.T) {
		keys := rapid.SliceOfBytesMatching("[ab]{1,4}")
		want := map[string]string{}
		all := make([]layer, rapid.IntRange(0, 3).Draw(rt, "layers"))
		tx, err := db.Begin(true)
		if err != nil {
			rt.Fatal(err)
		}
		defer tx.Rollback()
		file, _ := tx.CreateBucket([]byte("table"))
		for _, k := range rapid.SliceOfN(keys, 0, 8).Draw(rt, "file") {
			file.Put(k, []byte("file"))
			want[string(k)] = "file"
		}
		for i := len(all) - 1; i >= 0; i-- {
			all[i] = newLayer()
			for _, k := range rapid.SliceOfN(keys, 0, 8).Draw(rt, "rows") {
				r := newRow(k, nil)
				if delete(want, string(k)); rapid.Bool().Draw(rt, "put") {
					r.content = []byte{byte(i)}
					want[string(k)] = string(r.content)
				}
				all[i][0].Set(r)
			}
		}
		table := &table{number: 0, opened: file, layers: all}
		for _, from := range append(rapid.SliceOfN(keys, 0, 5).Draw(rt, "from"), nil) {
			sorted := slices.Sorted(maps.Keys(want))
			sorted = slices.DeleteFunc(sorted, func(k string) bool { return k < string(from) })
			c := table.Cursor()
			k, content := c.Seek(from)
			for _, w := range sorted {
				if string(k) != w || string(content) != want[w] {
					rt.Fatalf("from %s: %s %q, want %s %q", from, k, content, w, want[w])
				}
				k, content = c.Next()
			}
			if k != nil {
				rt.Fatalf("from %s: %s is too much", from, k)
			}
			if got := table.Get(from); from != nil && string(got) != want[string(from)] {
				rt.Fatalf("%s: %q, want %q", from, got, want[string(from)])
			}
		}
	})
}

// A layer that was published does not change with those that are laid over it.
func TestLayersOverEachOther(t *testing.T) {
	below, above := newLayer(), newLayer()
	for i := range 200 {
		below[0].Set(newRow([]byte{byte(i)}, []byte("below")))
		if i%2 == 0 {
			above[0].Set(newRow([]byte{byte(i)}, []byte("above")))
		}
	}
	both := above.over(below)
	for i := range 200 {
		k := newRow([]byte{byte(i)}, nil)
		b, _ := below[0].Get(k)
		r, _ := both[0].Get(k)
		if string(b.content) != "below" || string(r.content) != map[bool]string{true: "above", false: "below"}[i%2 == 0] {
			t.Fatalf("%d: %s below, %s of both", i, b.content, r.content)
		}
	}
}

func FuzzReadRun(f *testing.F) {
	some := newLayer()
	some[1].Set(newRow([]byte("k"), []byte("content")))
	some[3].Set(newRow([]byte("gone"), nil))
	log := appendRecord(appendRecord(nil, 7, 1, layer{}), 7, 2, some)
	f.Add(log)
	f.Add(log[:len(log)-1])
	f.Add(log[recordHeader:])
	f.Add(append(bytes.Clone(log), make([]byte, 100)...))
	f.Add(appendRecord(nil, 7, 3, layer{})[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		r, _ := readRun(b, 7)
		holdsNothing(b)
		for i, record := range r.records {
			if record.sequence != r.records[0].sequence+uint64(i) {
				t.Fatalf("record %d after %d", record.sequence, r.records[0].sequence)
			}
			record.apply(newLayer())
		}
		record{rows: b}.apply(newLayer()) // with whatever checksum
	})
}

func TestRecordsRoundTrip(t *testing.T) {
	some := newLayer()
	some[1].Set(newRow([]byte("k"), []byte("content")))
	some[3].Set(newRow([]byte("gone"), nil))
	some[4].Set(newRow([]byte("empty"), []byte{}))
	b := appendRecord(nil, 7, 2, some)
	r, size, ok := readRecord(b)
	back := newLayer()
	if err := r.apply(back); err != nil || !ok || size != len(b) || r.lineage != 7 || r.sequence != 2 {
		t.Fatal(r, size, ok, err)
	}
	if again := appendRecord(nil, 7, 2, back); !bytes.Equal(again, b) {
		t.Fatalf("%x, then %x", b, again)
	}
	for i := range b {
		b[i] ^= 1
		if _, _, ok := readRecord(b); ok {
			t.Errorf("it is good with byte %d changed", i)
		}
		b[i] ^= 1
	}
}
