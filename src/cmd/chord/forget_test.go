package main

import (
	"errors"
	"strings"
	"testing"

	"chord/keyspace"
	"chord/member"
)

// membersOf makes members named for their states.
func membersOf(states ...member.State) (members []member.Member) {
	for i, s := range states {
		members = append(members, member.Member{ID: keyspace.ID{byte(i + 1)}, Name: s.String(), Addr: s.String() + ":1", State: s})
	}
	return members
}

// Only who is down can be forgotten; each other answer says what to do instead.
func TestForgettable(t *testing.T) {
	members := membersOf(member.Alive, member.Leaving, member.Suspect, member.Down, member.Left, member.Forgotten)
	if m, err := forgettable(members, "down"); err != nil || m.Name != "down" {
		t.Errorf("down: %v, %v", m, err)
	}
	for name, hint := range map[string]string{
		"alive": "chord leave --node alive:1", "leaving": "chord leave", "suspect": "wait", "left": "nothing", "forgotten": "nothing", "nobody": "down are: down",
	} {
		_, err := forgettable(members, name)
		f, ok := errors.AsType[*failure](err)
		if !ok || f.code != exitFailed || !strings.Contains(f.hint, hint) {
			t.Errorf("%s: %v, want a hint of %q", name, err, hint)
		}
	}
	if _, err := forgettable(membersOf(member.Alive), "nobody"); !strings.Contains(err.(*failure).hint, "no member is down") {
		t.Errorf("without anybody down: %v", err)
	}
}

// What is given up is more where others are down, too: they are named.
func TestGivenUp(t *testing.T) {
	alone := membersOf(member.Alive, member.Down)
	if text := givenUp(alone[1], alone); strings.Contains(text, "ALSO") || !strings.Contains(text, "down at down:1") {
		t.Error(text)
	}
	two := append(membersOf(member.Alive, member.Down), member.Member{ID: keyspace.ID{9}, Name: "another", State: member.Down})
	if text := givenUp(two[1], two); !strings.Contains(text, "ALSO DOWN: another.") {
		t.Error(text)
	}
}

func TestAskYes(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "y": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		var out strings.Builder
		if err := askYes(strings.NewReader(answer), &out, "It is lost.\n"); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
		if !strings.HasPrefix(out.String(), "It is lost.\nForget it?") {
			t.Errorf("asked: %q", out.String())
		}
	}
}
