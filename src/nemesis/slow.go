package nemesis

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// blkio is the control group hierarchy that limits what disks do for a process.
// Only the first version's is used: it is where this was tried.
const blkio = "/sys/fs/cgroup/blkio"

// slowWrites is how many writes a second a slow disk does.
const slowWrites = 20

func groupOf(dir string) string { return filepath.Join(blkio, filepath.Base(dir)) }

// slowPossible reports whether disks can be made slow here.
func slowPossible() bool {
	_, err := os.Stat(filepath.Join(blkio, "blkio.throttle.write_iops_device"))
	return err == nil
}

// slow lets a process do few writes a second on a device, until [fast] is called
// or the process ends.
func slow(dir, device string, pid int) error {
	group := groupOf(dir)
	if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	limit := fmt.Sprintf("%s %d", device, slowWrites)
	return firstError(
		os.WriteFile(filepath.Join(group, "blkio.throttle.write_iops_device"), []byte(limit), 0),
		os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0))
}

func fast(dir, device string, pid int) error {
	os.WriteFile(filepath.Join(blkio, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0) // it may be gone
	return os.WriteFile(filepath.Join(groupOf(dir), "blkio.throttle.write_iops_device"), []byte(device+" 0"), 0)
}

// removeGroup removes the control group of a run, which is empty by then.
func removeGroup(dir string) { os.Remove(groupOf(dir)) }
