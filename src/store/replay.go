package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"slices"
)

// replayed is what the logs beside a file hold beyond it.
type replayed struct {
	rows layer
	last uint64 // the last record
	// torn says that something comes after the last record. A power cut during
	// the next commit does that, but so does damage to a record that was
	// acknowledged.
	torn    bool
	own     []string // logs that may go once their rows are in the file
	foreign []string // logs of other databases
}

// run is what one log holds: records whose numbers follow each other, up to the
// end of the log or to damage.
type run struct {
	records []record
	stray   uint64 // the highest record behind the damage, zero where none is
	torn    bool
}

// replay reads the logs beside a file. A record that is missing or damaged while
// a later one is there is an [ErrCorrupt]: one record is on its way at a time, so
// no power cut does that.
func replay(path string, m mark) (r replayed, err error) {
	r = replayed{rows: newLayer(), last: m.applied}
	var runs []run
	for _, name := range logNames(path) {
		b, err := os.ReadFile(name)
		switch own, found := readRun(b, m.lineage); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return r, err
		case found:
			runs = append(runs, own)
			r.own = append(r.own, name)
		case holdsNothing(b):
			r.own = append(r.own, name)
		default:
			r.foreign = append(r.foreign, name)
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return int(int64(a.first() - b.first())) })
	for _, run := range runs {
		if err := r.add(run); err != nil {
			return r, err
		}
	}
	for _, run := range runs {
		if run.stray > r.last {
			return r, corrupt("record %d of its log is damaged, and there are later ones", r.last+1)
		}
	}
	if m.open && r.last == m.applied {
		return r, corrupt("it was not closed, and its log (%s or %s) is missing", logNames(path)[0], logNames(path)[1])
	}
	return r, nil
}

// first returns the number of the first record, or of a later one where that is
// damaged.
func (r run) first() uint64 {
	if len(r.records) == 0 {
		return r.stray
	}
	return r.records[0].sequence
}

// add goes on with a run.
func (r *replayed) add(run run) error {
	for _, record := range run.records {
		if record.sequence <= r.last {
			continue // in the file already
		}
		if record.sequence != r.last+1 {
			return corrupt("record %d of its log is missing, and there are later ones", r.last+1)
		}
		if err := record.apply(r.rows); err != nil {
			return err
		}
		r.last++
	}
	r.torn = run.torn
	return nil
}

// readRun reads one log, found where a record in it is of the lineage.
func readRun(b []byte, lineage uint64) (r run, found bool) {
	for {
		record, size, ok := readRecord(b)
		if !ok || record.lineage != lineage || len(r.records) > 0 && record.sequence != r.records[len(r.records)-1].sequence+1 {
			break
		}
		r.records = append(r.records, record)
		b = b[size:]
	}
	r.torn = !isZero(b)
	// The lineage is a random number: where it is, there is a record, or was.
	name := binary.BigEndian.AppendUint64(nil, lineage)
	for at := 0; lineage != 0; at++ {
		next := bytes.Index(b[at:], name)
		if next < 0 {
			break
		}
		at += next
		if record, _, ok := readRecord(b[max(0, at-8):]); ok && record.lineage == lineage {
			r.stray = max(r.stray, record.sequence)
		}
	}
	return r, len(r.records) > 0 || r.stray > 0
}

func isZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// holdsNothing reports whether a log, of whatever database, has no rows.
func holdsNothing(b []byte) bool {
	if first, size, ok := readRecord(b); ok && len(first.rows) == 0 {
		b = b[size:]
	}
	return isZero(b)
}
