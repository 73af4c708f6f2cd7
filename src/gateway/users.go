package gateway

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/crypto/bcrypt"

	"chord/trust"
)

// Users are who may authenticate, with their passwords' hashes. They are safe for
// concurrent use, and never change.
type Users struct {
	byName map[string]user
	dummy  []byte        // a hash that stands in for that of somebody unknown
	turns  chan struct{} // so many passwords are checked at once
	key    [32]byte      // of the process alone: what the cache holds is no use elsewhere

	mu    sync.Mutex
	known map[string][sha256.Size]byte // passwords that were right, under key
}

type user struct {
	role trust.Role
	hash []byte
}

// The bounds of what a file of users holds, and of checking.
const (
	maxUsers    = 10_000
	maxUserName = 64
	maxPassword = 72 // bytes that bcrypt looks at
	maxCost     = 14 // of bcrypt: a second
	checkTurns  = 2
)

// ReadUsers reads users, a line each: name:role:hash, the role read, write or
// admin, the hash bcrypt's, such as `htpasswd -nB name` prints. Empty lines and
// those with # in front say nothing. Errors name the line, never what is in it.
func ReadUsers(r io.Reader) (*Users, error) {
	u := &Users{byName: make(map[string]user), turns: make(chan struct{}, checkTurns), known: make(map[string][sha256.Size]byte)}
	rand.Read(u.key[:])
	cost, lines := 0, bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, one, err := readUser(line)
		if _, twice := u.byName[name]; twice && err == nil {
			err = errors.New("this user is there already")
		}
		if err == nil && len(u.byName) == maxUsers {
			err = fmt.Errorf("more than %d users", maxUsers)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		u.byName[name] = one
		c, _ := bcrypt.Cost(one.hash)
		cost = max(cost, c)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(u.byName) == 0 {
		return nil, errors.New("there is no user in it")
	}
	var err error
	u.dummy, err = bcrypt.GenerateFromPassword(u.key[:], cost)
	return u, err
}

// readUser reads a line.
func readUser(line string) (name string, u user, err error) {
	name, rest, ok := strings.Cut(line, ":")
	role, hash, more := strings.Cut(rest, ":")
	if !ok || !more {
		return "", u, errors.New("not of the form name:role:hash")
	}
	if name == "" || len(name) > maxUserName || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", u, fmt.Errorf("a name has 1 to %d bytes without spaces", maxUserName)
	}
	if u.role, err = trust.ParseRole(role); err != nil || u.role > trust.Admin {
		return "", u, errors.New("the role is read, write or admin")
	}
	u.hash = []byte(hash)
	cost, err := bcrypt.Cost(u.hash)
	if err != nil {
		return "", u, errors.New("the hash is not one of bcrypt; `htpasswd -nB name` makes one")
	}
	if cost > maxCost {
		return "", u, fmt.Errorf("the hash has the cost %d, at most %d is taken", cost, maxCost)
	}
	return name, u, nil
}

// Check returns the role of a user with that password, [trust.None] where there is
// none. It takes as long for a name that is not there, and waits where many are
// being checked.
func (u *Users) Check(ctx context.Context, name string, password []byte) trust.Role {
	one, known := u.byName[name]
	if len(password) > maxPassword {
		return trust.None
	}
	mac := hmac.New(sha256.New, u.key[:])
	fmt.Fprintf(mac, "%d:%s:", len(name), name)
	mac.Write(password)
	sum := [sha256.Size]byte(mac.Sum(nil))
	if known && u.remembers(name, sum) {
		return one.role
	}
	hash := u.dummy
	if known {
		hash = one.hash
	}
	select {
	case u.turns <- struct{}{}:
		defer func() { <-u.turns }()
	case <-ctx.Done():
		return trust.None
	}
	if bcrypt.CompareHashAndPassword(hash, password) != nil || !known {
		return trust.None
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known[name] = sum
	return one.role
}

// still reports whether a user is as he was among others. Nobody is among nil.
func (u *Users) still(before *Users, name string) bool {
	if u == nil {
		return false
	}
	was, now := before.byName[name], u.byName[name]
	return was.role == now.role && bytes.Equal(was.hash, now.hash)
}

// remembers spares a pool of connections bcrypt's work for each of them.
func (u *Users) remembers(name string, sum [sha256.Size]byte) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	old, ok := u.known[name]
	return ok && subtle.ConstantTimeCompare(old[:], sum[:]) == 1
}
