package store

import (
	"encoding/binary"
	"maps"
	"slices"

	"chord/value"
)

// seenName begins the rows of meta that say which dots were merged, one for each
// actor.
const seenName = "seen:"

func seenKey(a value.Actor) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(seenName), a.Node[:]...), a.Incarnation)
}

// Seen returns the largest sequence number of an actor that this database ever
// merged, or made; zero where there is none. It stays when the keys go. In a
// [Tx] it is that before the transaction.
func (v *View) Seen(a value.Actor) (largest uint64, err error) {
	defer wrap("seen", &err)
	id, sequence, err := readIdentity(&v.meta)
	if err != nil {
		return 0, err
	}
	if largest, err = v.merged(a); id.Actor() == a {
		largest = max(largest, sequence)
	}
	return largest, err
}

// Unmade reports whether the database never made a dot of this number, though it
// made smaller and perhaps larger ones: who saw it saw a later state of the
// database than the one that was opened.
func (s *Store) Unmade(seq uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return seq > s.began && (s.first == 0 || seq < s.first)
}

// merged returns what is stored of an actor.
func (v *View) merged(a value.Actor) (uint64, error) {
	row, err := get(&v.meta, string(seenKey(a)))
	if err != nil || row == nil {
		return 0, err
	}
	if len(row) != 8 {
		return 0, corrupt("the row of actor %v in meta is wrong", a)
	}
	return binary.BigEndian.Uint64(row), nil
}

// see notes the dots of what is merged.
func (t *Tx) see(p value.Piece) {
	for _, d := range p.Context {
		t.seen[d.Actor] = max(t.seen[d.Actor], d.Seq)
	}
	for _, e := range p.Elements {
		for _, d := range e.Dots {
			t.seen[d.Actor] = max(t.seen[d.Actor], d.Seq)
		}
	}
}

// writeSeen stores what was noted and is more than what is stored.
func (t *Tx) writeSeen() error {
	for _, a := range slices.SortedFunc(maps.Keys(t.seen), value.Actor.Compare) {
		stored, err := t.merged(a)
		if err != nil {
			return err
		}
		if t.seen[a] > stored {
			if err := t.write(t.meta, seenKey(a), number(t.seen[a])); err != nil {
				return err
			}
		}
	}
	return nil
}
