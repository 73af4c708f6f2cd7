package nemesis

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// disk is a file system of its own in a file.
type disk struct{ image, at string }

// Of ext4: end at once, with what is not on the disk lost and its journal not
// written out.
const (
	ioctlShutdown     = 0x8004587d
	shutdownWithout   = 2
	ballastName       = "ballast"
	mountOptions      = "loop,commit=600" // the default of 5 s would hide what is not synced
	defaultBallastRun = 1 << 20
)

func newDisk(dir, name string, size int64) (*disk, error) {
	d := &disk{image: filepath.Join(dir, name+".img"), at: filepath.Join(dir, name)}
	f, err := os.Create(d.image)
	if err != nil {
		return nil, err
	}
	return d, firstError(f.Truncate(size), f.Close(), os.Mkdir(d.at, 0o700),
		command("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1", d.image), d.mount())
}

func (d *disk) mount() error   { return command("mount", "-o", mountOptions, d.image, d.at) }
func (d *disk) unmount() error { return command("umount", d.at) }
func (d *disk) data() string   { return filepath.Join(d.at, "data") }

// wipe is a new disk in the place of the old.
func (d *disk) wipe() error { return os.RemoveAll(d.data()) }

// cut takes the power away: from now on nothing is read or written. What is not a
// file system of its own keeps it.
func (d *disk) cut() error {
	var own, around unix.Stat_t
	if err := firstError(unix.Stat(d.at, &own), unix.Stat(filepath.Dir(d.at), &around)); err != nil {
		return err
	}
	if own.Dev == around.Dev {
		return fmt.Errorf("nemesis: %s is not mounted", d.at)
	}
	f, err := os.Open(d.at)
	if err != nil {
		return err
	}
	defer f.Close()
	flag := uint32(shutdownWithout)
	return unix.IoctlSetPointerInt(int(f.Fd()), ioctlShutdown, int(flag))
}

// replay is what the next boot does: the journal is replayed. The node does not
// run. While the kernel has not let go of what was mounted before, it gives that
// again, which has no power any more: then it is asked once more.
func (d *disk) replay() error {
	for tries := 1; ; tries++ {
		if err := firstError(d.unmount(), d.mount()); err != nil {
			return err
		}
		err := d.touch()
		if !errors.Is(err, unix.EIO) {
			return nil
		}
		if tries == mostReplays {
			return fmt.Errorf("nemesis: %s has no power after %d mounts: %w", d.at, tries, err)
		}
		time.Sleep(replayPause)
	}
}

const (
	mostReplays = 100
	replayPause = 100 * time.Millisecond
)

// touch writes to the file system.
func (d *disk) touch() error {
	file := filepath.Join(d.at, "touched")
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return firstError(f.Close(), os.Remove(file))
}

// fill takes all the room that is left.
func (d *disk) fill() error {
	f, err := os.OpenFile(filepath.Join(d.at, ballastName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for size := int64(defaultBallastRun); ; {
		var s unix.Statfs_t
		if err := unix.Fstatfs(int(f.Fd()), &s); err != nil {
			return err
		}
		if s.Bavail == 0 {
			return nil
		}
		at, _ := f.Seek(0, 2)
		err := unix.Fallocate(int(f.Fd()), 0, at, min(size, int64(s.Bavail)*s.Bsize))
		switch {
		case errors.Is(err, unix.ENOSPC) && size > 4096:
			size /= 2
		case errors.Is(err, unix.ENOSPC):
			return nil
		case err != nil:
			return fmt.Errorf("nemesis: fill: %w", err)
		}
		size = max(size, 4096)
	}
}

// free gives the room back, for good: a power cut must not bring the ballast back,
// for a node cannot start without room.
func (d *disk) free() error {
	err := os.Remove(filepath.Join(d.at, ballastName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return firstError(err, d.sync())
}

// tidy removes the databases that restores moved aside, as an operator would before
// they fill the disk.
func (d *disk) tidy() error {
	old, err := filepath.Glob(filepath.Join(d.data(), "chord.db.*Z*"))
	for _, file := range old {
		err = firstError(err, os.Remove(file))
	}
	return err
}

// device returns the numbers of the file system's device, MAJOR:MINOR.
func (d *disk) device() (string, error) {
	var s unix.Stat_t
	if err := unix.Stat(d.at, &s); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d:%d", unix.Major(s.Dev), unix.Minor(s.Dev)), nil
}

// sync writes everything out. A control that does not sync would else lose its
// databases as a whole, and its nodes could not start again.
func (d *disk) sync() error {
	f, err := os.Open(d.at)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}
