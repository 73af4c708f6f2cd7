package floor

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"chord/store"
)

// reserve is how much space inserts leave free.
const reserve = 1 << 20

var errDisk = errors.New("the disk is gone")

// disk stands between a database and the real disk. What was synced survives a
// power cut, of what was written after it any part or nothing.
type disk struct {
	mu     sync.Mutex
	synced map[string]int64 // by the log's name
	delay  time.Duration
	full   bool
	dead   bool
}

func (d *disk) options(o *store.Options) {
	o.Write, o.Sync, o.Free, o.ReserveBytes = d.write, d.sync, d.free, reserve
}

func (d *disk) write(f *os.File, b []byte, at int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return errDisk
	}
	_, err := f.WriteAt(b, at)
	return err
}

func (d *disk) sync(f *os.File) error {
	d.mu.Lock()
	delay, dead := d.delay, d.dead
	d.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay) // in virtual time
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if dead || d.dead {
		return errDisk
	}
	if d.synced == nil {
		d.synced = make(map[string]int64)
	}
	d.synced[f.Name()] = info.Size()
	return nil
}

func (d *disk) free() (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return 0, nil
	}
	return 1 << 40, nil
}

func (d *disk) set(change func(*disk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// cut drops what was not synced of the logs of a database, all or the end of it.
func (d *disk) cut(path string, rng *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range []string{path + ".log1", path + ".log2"} {
		info, err := os.Stat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if tail := info.Size() - d.synced[name]; tail > 0 {
			keep := d.synced[name]
			if rng.IntN(2) == 0 {
				keep += rng.Int64N(tail)
			}
			if err := os.Truncate(name, keep); err != nil {
				return err
			}
		}
	}
	return nil
}
