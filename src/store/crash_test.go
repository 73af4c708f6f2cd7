package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"chord/store"
	"chord/store/storetest"
)

// The test binary is its own child: what the variable names runs instead of the
// tests, on the database that it is given.
func TestMain(m *testing.M) {
	switch job, path, _ := strings.Cut(os.Getenv("STORE_TEST_CHILD"), ":"); job {
	case "write":
		writeForever(path, 0)
	case "limit":
		writeForever(path, 1<<20)
	default:
		os.Exit(m.Run())
	}
}

func child(t *testing.T, job, path string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+job+":"+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// writeForever inserts keys from four goroutines and prints each that was
// acknowledged. With a limit the file cannot grow by more than so many bytes.
func writeForever(path string, limit uint64) {
	s, err := store.Open(path, store.Options{Ring: "ring", Name: "node"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.SetLogSize(20_000) // so that it is killed while it flushes as well
	if limit > 0 {
		signal.Ignore(unix.SIGXFSZ)
		limit += uint64(s.Stats().FileBytes)
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			os.Exit(1)
		}
	}
	failed := make(chan error)
	for w := range 4 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprint(w, "-", i)
				if err := insert(s, key, strings.Repeat("v", 1000)); err != nil {
					failed <- err
					return
				}
				os.Stdout.WriteString(key + "\n")
			}
		}()
	}
	fmt.Println("stopped:", errors.Is(<-failed, store.ErrFatal))
	<-s.Failed()
	err = insert(s, "later", "")
	view := s.View(func(*store.View) error { return nil })
	fmt.Println("refused:", errors.Is(err, store.ErrFatal), errors.Is(view, store.ErrFatal))
	os.Exit(0)
}

// wantAll checks that every acknowledged key is there and that the file is
// sound.
func wantAll(t *testing.T, path string, acknowledged []string) {
	t.Helper()
	if _, err := store.Check(path, nil, nil); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, store.Options{Ring: "ring", Name: "node", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, key := range acknowledged {
		if values(t, s, key) != 1 {
			t.Errorf("%s was acknowledged and is lost", key)
		}
	}
}

func TestKilledProcessKeepsWhatItAcknowledged(t *testing.T) {
	path := closed(t)
	var acknowledged []string
	for round := range 3 {
		cmd := child(t, "write", path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			acknowledged = append(acknowledged, lines.Text())
			if n == 50*(round+1) {
				cmd.Process.Kill() // what is in the pipe was acknowledged as well
			}
		}
		cmd.Wait()
		wantAll(t, path, acknowledged)
	}
}

// A disk that is full is tried with a limit on the size of files: a disk of its
// own would need root.
func TestFailedWriteStopsTheStore(t *testing.T) {
	path := closed(t)
	out, err := child(t, "limit", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	ended := 0
	for line := range strings.Lines(string(out)) {
		switch line = strings.TrimSpace(line); line {
		case "stopped: true", "refused: true true":
			ended++
		default:
			acknowledged = append(acknowledged, line)
		}
	}
	if ended != 2 {
		t.Fatalf("the store did not stop for good:\n%s", out)
	}
	wantAll(t, path, acknowledged)
}

// image copies a database with its logs, as they are now.
func image(t testing.TB, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", ".log1", ".log2"} {
		b, err := os.ReadFile(from + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err = errors.Join(err, os.WriteFile(to+suffix, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// The files as they are between two commits, and a hot copy made meanwhile, are
// databases of their own.
func TestCopies(t *testing.T) {
	s := storetest.Open(t, "ring", "node")
	dir := t.TempDir()
	var acknowledged []string
	for i := range 40 {
		key := strconv.Itoa(i)
		if err := insert(s, key, "v"); err != nil {
			t.Fatal(err)
		}
		acknowledged = append(acknowledged, key)
		if i%13 != 3 {
			continue
		}
		path := filepath.Join(dir, fmt.Sprint("raw", i))
		image(t, s.Stats().Path, path)
		wantAll(t, path, acknowledged)
	}
	hot, err := os.Create(filepath.Join(dir, "hot"))
	if err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				insert(s, fmt.Sprint("meanwhile", i), "v")
			}
		}
	}()
	n, err := s.Copy(hot)
	close(stop)
	<-done
	if err = errors.Join(err, hot.Close()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	wantAll(t, hot.Name(), acknowledged)
}
