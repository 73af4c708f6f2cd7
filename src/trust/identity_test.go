package trust

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is written is read back, whatever the names are.
func TestIdentityIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[ -~äß/?#%日]{1,60}`)
		i := Identity{name.Draw(t, "ring"), Role(rapid.IntRange(int(Read), int(Node)).Draw(t, "role")), name.Draw(t, "name")}
		if got, err := ParseIdentity(i.String()); err != nil || got != i {
			t.Errorf("%q is read as %v: %v", i.String(), got, err)
		}
	})
}

func TestIdentityForm(t *testing.T) {
	if s := (Identity{"my ring", Write, "a/b"}).String(); s != "chord:my%20ring/write/a%2Fb" {
		t.Error(s)
	}
	for _, bad := range []string{
		"", "chord:", "chord:ring/node", "chord:ring/node/a/b", "chord://ring/node/a", "http:ring/node/a", "chord:ring/none/a", "chord:ring/root/a",
		"chord:/node/a", "chord:ring/node/", "chord:ring/node/%zz", "chord:ring/node/a%00", "chord:ring/node/" + strings.Repeat("a", 256),
	} {
		if i, err := ParseIdentity(bad); err == nil {
			t.Errorf("%q is read as %v", bad, i)
		}
	}
}

// No text makes an identity that would not be written so, or panics.
func FuzzIdentity(f *testing.F) {
	f.Add("chord:ring/node/node1")
	f.Add("chord:my%20ring/write/a%2Fb")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := ParseIdentity(s)
		if err != nil {
			return
		}
		if again, err := ParseIdentity(i.String()); err != nil || again != i {
			t.Errorf("%q is %v, and then %v: %v", s, i, again, err)
		}
	})
}
