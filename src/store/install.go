package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Install copies a database that nobody has open to another path, for a node
// that shall live on from it: change makes of the copy what it is to be, and
// must renew it ([Tx.Renew]) where the original, or what came of it, may have
// made dots since. Where the path has a database already it is refused, or
// moved aside if replace is set; aside says where to. Until the last moment
// nothing at the path changes. The original should have been checked ([Check]).
func Install(from, path string, replace bool, change func(*Tx) error, progress func(done, total int64)) (aside string, err error) {
	defer wrap("install "+path, &err)
	unfinished := path + ".unfinished"
	if err := removeAll(unfinished); err != nil {
		return "", err
	}
	if err := copyFile(from, unfinished, progress); err != nil {
		return "", errors.Join(err, removeAll(unfinished))
	}
	s, err := Open(unfinished, Options{})
	if err == nil {
		err = errors.Join(s.Update(context.Background(), Change{Do: change}), s.Close())
	}
	if err == nil {
		aside, err = put(unfinished, path, replace)
	}
	if err != nil {
		return "", errors.Join(notOpened(err), removeAll(unfinished))
	}
	return aside, nil
}

// put gives the new file its place, and what was there another name.
func put(unfinished, path string, replace bool) (aside string, err error) {
	old, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", err
	default:
		defer old.Close() // keeps the lock until the end
		if err := lock(old, false); err != nil {
			return "", err
		}
		if !replace {
			return "", fmt.Errorf("%s: %w", path, ErrExists)
		}
		if aside, err = linkAside(path); err != nil {
			return "", err
		}
	}
	if err := os.Rename(unfinished, path); err != nil {
		return "", err
	}
	if err := syncDirectory(filepath.Dir(path)); err != nil || aside == "" {
		return aside, err
	}
	return aside, removeLogs(path)
}

// linkAside gives the file a second name, of its time, that is free, and its
// logs names that go with it.
func linkAside(path string) (string, error) {
	for n := time.Now().UTC(); ; n = n.Add(time.Second) {
		aside := path + n.Format(".20060102T150405Z")
		err := os.Link(path, aside)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		for i, name := range logNames(path) {
			if err == nil {
				err = os.Link(name, logNames(aside)[i])
			}
			if errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
		return aside, err
	}
}

// copyFile copies and syncs a database with its logs. It is locked meanwhile:
// nobody writes to it.
func copyFile(from, to string, progress func(done, total int64)) error {
	in, err := os.Open(from)
	if err != nil {
		return notOpened(err)
	}
	defer in.Close()
	if err := lock(in, true); err != nil {
		return err
	}
	if err := copyOpen(in, to, progress); err != nil {
		return err
	}
	for i, name := range logNames(from) {
		log, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = errors.Join(copyOpen(log, logNames(to)[i], nil), log.Close())
		}
		if err != nil {
			return notOpened(err)
		}
	}
	return nil
}

func copyOpen(in *os.File, to string, progress func(done, total int64)) error {
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return notOpened(err)
	}
	w := &meter{w: out, total: info.Size()}
	if progress != nil {
		w.progress = func(done, total int64) error { progress(done, total); return nil }
	}
	_, err = io.Copy(w, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// removeAll removes a database that is of no use with its logs.
func removeAll(path string) error {
	return errors.Join(removeIfThere(path), removeLogs(path))
}

func removeLogs(path string) (err error) {
	for _, name := range logNames(path) {
		err = errors.Join(err, removeIfThere(name))
	}
	return err
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
