package console

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
	"chord/node"
	"chord/ring"
)

func peer(short, addr string) ring.Peer {
	id, err := keyspace.Parse(short + strings.Repeat("00", keyspace.Size-4))
	if err != nil {
		panic(err)
	}
	return ring.Peer{ID: id, Addr: addr}
}

// The shapes that OpenChord 1.0.5 prints, but for the scheme of the URLs.
func TestShapes(t *testing.T) {
	self, other := peer("58 2D B7 D6", "127.0.0.1:9000"), peer("2E B5 95 72", "127.0.0.1:8181")
	entry := node.Entry{ID: peer("A9 4A 8F E5", "").ID, Key: []byte("test"), Values: [][]byte{[]byte("v2"), []byte("v1")}}
	var out bytes.Buffer
	printView(&out, ring.View{
		Self: self, Phase: ring.Member, Predecessor: other, Successors: []ring.Peer{other},
		Fingers: []ring.Finger{{From: 0, To: 158, Peer: other}, {From: 159, To: 159, Peer: self}},
	}, false)
	printEntry(&out, entry, false)
	printEntry(&out, entry, true)
	want := `Node: 58 2D B7 D6 , chord://127.0.0.1:9000/
Finger table:
  2E B5 95 72 , chord://127.0.0.1:8181/ (0-158)
  58 2D B7 D6 , chord://127.0.0.1:9000/ (159)
Successor List:
  2E B5 95 72 , chord://127.0.0.1:8181/
Predecessor: 2E B5 95 72 , chord://127.0.0.1:8181/
  key = A9 4A 8F E5 , value = [( key = A9 4A 8F E5 , value = v2), ( key = A9 4A 8F E5 , value = v1)]
  key = test , value = [v2, v1]
`
	if out.String() != want {
		t.Errorf("printed:\n%s\nwant:\n%s", &out, want)
	}
}

// The original's release test counts the lines of refsN that name a node: the
// node itself, its distinct fingers, as many successors as OpenChord knew, and
// its predecessor.
func TestEachReferenceIsALine(t *testing.T) {
	net := &fakeNet{}
	var out strings.Builder
	input := "joinN -port 9000 -bootstrap test2:8002\nwait -millis 1\nrefsN\nexit\ny\n"
	for _, addr := range []string{"test1:8001", "test1:8002", "test2:8003"} {
		if _, err := net.add(t.Context(), addr, ""); err != nil {
			t.Fatal(err)
		}
	}
	var view ring.View
	s := New(Options{In: strings.NewReader(input), Out: &out, Remote: net})
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, n := range net.nodes {
		if n.gone {
			n.gone = false // as it was before exit
			view = n.View()
		}
	}
	_, after, _ := strings.Cut(out.String(), "refsN\n")
	want := 2 + len(view.Fingers) + firstSuccessors
	if got := strings.Count(after, "chord://test"); got != want || len(view.Successors) != 3 {
		t.Errorf("%d lines name a node, want %d:\n%s", got, want, after)
	}
}

// Whatever bytes a key and a value hold, they can be typed, arrive at the node
// unharmed, and are found under the same text again.
func TestAnyBytesCanBeTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string][]string{}
		var input strings.Builder
		input.WriteString("joinN -bootstrap x\n")
		for _, key := range rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 1, 8), 1, 4, asText).Draw(t, "keys") {
			value := rapid.SliceOf(rapid.Byte()).Draw(t, "value")
			want[string(key)] = []string{string(value)}
			input.WriteString("insertN -value " + quoted(value) + " -key " + quoted(key) + "\n")
		}
		net := &fakeNet{}
		var out strings.Builder
		s := New(Options{In: strings.NewReader(input.String()), Out: &out, Remote: net})
		if err := s.Run(t.Context()); err != nil || s.Failed() != 0 {
			t.Fatalf("%v, %d failures:\n%s", err, s.Failed(), &out)
		}
		if got := net.nodes[0].entries; !maps.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("the node holds %q, want %q", got, want)
		}
	})
}

func asText(b []byte) string { return string(b) }

// quoted returns what [show] prints, between quotes in any case.
func quoted(b []byte) string {
	if text := show(b); strings.HasPrefix(text, `"`) {
		return text
	}
	return `"` + string(b) + `"`
}

// The parameters of each command may come in any order.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(Commands()).Draw(t, "command")
		want := args{}
		var line []string
		for _, p := range rapid.Permutation(c.Params).Draw(t, "order") {
			want[p.Name] = ""
			line = append(line, "-"+p.Name)
			if p.Value != "" {
				want[p.Name] = "value of " + p.Name
				line = append(line, "'value of "+p.Name+"'")
			}
		}
		words, err := split(strings.Join(line, " "))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.bind(words); err != nil || !maps.Equal(got, want) {
			t.Fatalf("%s %q binds to %v, %v", c.Name, line, got, err)
		}
	})
}

// Leaving out one that is required names it, whatever else is given.
func TestEachMissingParameterIsNamed(t *testing.T) {
	for _, c := range Commands() {
		for _, left := range c.Params {
			var line []word
			for _, p := range c.Params {
				if p.Name == left.Name {
					continue
				}
				line = append(line, word{text: "-" + p.Name})
				if p.Value != "" {
					line = append(line, word{text: "v"})
				}
			}
			_, err := c.bind(line)
			want := "Not enough parameters! " + left.Name + " is missing."
			if left.Required && (err == nil || err.Error() != want) || !left.Required && err != nil {
				t.Errorf("%s without -%s: %v", c.Name, left.Name, err)
			}
		}
	}
}

// Every command that asks a node ends by itself when the node is silent, and
// says so; only a write's outcome is called unknown.
func TestSilentNodes(t *testing.T) {
	const prepare = "joinN -bootstrap x\ncreate -names a\ninsertN -key k -value silent\ninsert -node a -key k -value silent\n"
	for line, unsure := range map[string]bool{
		"insertN -key silent -value v": true, "removeN -key silent -value v": true, "retrieveN -key silent": false, "entriesN": false,
		"insert -node a -key silent -value v": true, "remove -node a -key silent -value v": true,
		"retrieve -node a -key silent": false, "entries": false,
	} {
		out := session(t, Options{In: strings.NewReader(prepare + line + "\n"), Remote: &fakeNet{}})
		if !strings.Contains(out, "no answer within") || strings.Contains(out, "may or may not") != unsure {
			t.Errorf("%s prints:\n%s", line, out)
		}
	}
}
