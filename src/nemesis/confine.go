package nemesis

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Prefix begins the names of the directories of runs.
const Prefix = "chord-nemesis-"

// insideVariable tells the program that it runs inside its namespaces, and where
// the run's directory is.
const insideVariable = "CHORD_NEMESIS_INSIDE"

// Missing says what a run needs and does not find here, nil where nothing.
func Missing() error {
	if os.Geteuid() != 0 {
		return errors.New("nemesis: needs root, for namespaces and mounts")
	}
	for _, tool := range []string{"ip", "mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("nemesis: needs the command %s", tool)
		}
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		return errors.New("nemesis: needs loop devices (/dev/loop-control)")
	}
	return nil
}

// Inside returns the run's directory where the program runs confined.
func Inside() (dir string, inside bool) { return os.LookupEnv(insideVariable) }

// Confine runs this program again, with the same arguments, in namespaces of its
// own and with a new directory under parent, and returns its exit code. The
// directory is removed at the end, unless keep says otherwise of that code.
func Confine(parent string, keep func(code int) bool) (code int, err error) {
	Sweep(parent)
	dir, err := os.MkdirTemp(parent, Prefix)
	if err != nil {
		return 1, fmt.Errorf("nemesis: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return 1, err
	}
	defer lock.Close()
	defer func() {
		removeGroup(dir)
		if !keep(code) {
			os.RemoveAll(dir)
			return
		}
		images, _ := filepath.Glob(filepath.Join(dir, "*.img"))
		for _, image := range images {
			os.Remove(image)
			os.Remove(strings.TrimSuffix(image, ".img")) // where it was mounted, inside
		}
	}()
	// The kernel ends the child when the thread ends that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	self, err := os.Executable()
	if err != nil {
		return 1, fmt.Errorf("nemesis: %w", err)
	}
	c := exec.Command(self, os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), insideVariable+"="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := c.Start(); err != nil {
		return 1, fmt.Errorf("nemesis: %w", err)
	}
	go func() {
		for n := 1; ; n++ {
			s := <-signals
			switch {
			case n > 1: // the first of a process namespace does not end by other signals
				c.Process.Kill()
			case s == syscall.SIGTERM: // a terminal sends the other to both
				c.Process.Signal(s)
			}
		}
	}()
	err = c.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("nemesis: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("nemesis: lock %s: %w", dir, err)
	}
	return f, nil
}

// Sweep removes what runs under parent left whose process is gone: their images,
// not what they found. Those that go on hold a lock.
func Sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, Prefix+"*"))
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, keptName)); err == nil {
			continue // was kept on purpose
		}
		if lock, err := lockDir(dir); err == nil {
			removeGroup(dir)
			os.RemoveAll(dir)
			lock.Close()
		}
	}
}

// keptName is the file of a directory that shows what a run found.
const keptName = "report.json"

// settleIn makes the namespaces of the process usable: mounts stay in here, and
// /proc and the names of network namespaces are our own.
func settleIn() error {
	if os.Getpid() != 1 {
		return errors.New("nemesis: not confined")
	}
	return firstError(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("proc", "/proc", "proc", 0, ""),
		unix.Mount("run", "/run", "tmpfs", 0, ""),
	)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// command runs a program and gives what it said with its error.
func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("nemesis: %s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
