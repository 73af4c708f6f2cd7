package nodetest

import (
	"os"
	"path/filepath"
	"sync"

	"chord/store"
)

// templates keeps the databases of whole rings, by their number of nodes: to
// hand tens of thousands of buckets around is most of what a small ring costs
// a test.
var templates struct {
	sync.Mutex
	files map[int][][]byte
}

// Whole returns a ring of n nodes that is whole ([Ring.Broken]). The first of a
// size is one of n-1 that a node joins; the others come back from copies of its
// databases, as after a power cut of all.
func Whole(t TB, n int) *Ring {
	t.Helper()
	templates.Lock()
	files := templates.files[n]
	templates.Unlock()
	if files == nil {
		r := grown(t, n)
		files = r.save()
		templates.Lock()
		defer templates.Unlock()
		if templates.files == nil {
			templates.files = make(map[int][][]byte)
		}
		templates.files[n] = files
		return r
	}
	r := fromTemplate(t, files, func(*Options) {})
	r.AwaitWhole()
	return r
}

// grown is a ring of n nodes whose last one joins a whole ring of the others.
func grown(t TB, n int) *Ring {
	t.Helper()
	r := empty(t)
	if n > 1 {
		r = Whole(t, n-1)
	}
	r.AwaitReady(r.Add())
	r.AwaitWhole()
	return r
}

// WholeWith is [Whole] with nodes whose options are changed, but for not waiting
// until the ring is whole again.
func WholeWith(t TB, n int, change func(*Options)) *Ring {
	t.Helper()
	templates.Lock()
	files := templates.files[n]
	templates.Unlock()
	if files == nil {
		r := Whole(t, n)
		for len(r.Nodes) > 0 {
			r.Crash(r.Nodes[0])
		}
		return WholeWith(t, n, change)
	}
	return fromTemplate(t, files, change)
}

func fromTemplate(t TB, files [][]byte, change func(*Options)) *Ring {
	t.Helper()
	r := empty(t)
	for i, file := range files {
		name := r.name()
		r.dirs[name] = t.TempDir()
		if err := os.WriteFile(filepath.Join(r.dirs[name], database), file, 0o600); err != nil {
			t.Fatalf("the template of node %d: %v", i, err)
		}
		o := r.options(name, Addr(name))
		change(&o)
		r.RunWith(o)
	}
	return r
}

// save returns the databases of the nodes that run.
func (r *Ring) save() [][]byte {
	r.t.Helper()
	var files [][]byte
	for _, n := range r.Nodes {
		copied := filepath.Join(r.t.TempDir(), database)
		f, err := os.Create(copied)
		if err == nil {
			err = copyTo(n.Store, f)
		}
		var file []byte
		if err == nil {
			file, err = os.ReadFile(copied)
		}
		if err != nil {
			r.t.Fatalf("a copy of the database of %s: %v", n.Options.Name, err)
		}
		files = append(files, file)
	}
	return files
}

func copyTo(s *store.Store, f *os.File) error {
	defer f.Close()
	_, err := s.Copy(f)
	return err
}
