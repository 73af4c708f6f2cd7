package console

import (
	"slices"
	"strings"
	"testing"
)

// The vocabulary of OpenChord 1.0.5: each command with its parameters. Others
// may be added, none may go.
var vocabulary = map[string]string{
	"create": "names bootstraps", "show": "count", "insert": "node key value", "remove": "node key value",
	"retrieve": "node key", "entries": "node", "refs": "node", "successors": "node",
	"crash": "names all", "leave": "names all", "shutdown": "names all",
	"joinN": "port bootstrap", "leaveN": "", "insertN": "key value", "retrieveN": "key", "removeN": "key value",
	"entriesN": "", "refsN": "", "cprotocol": "t s",
	"wait": "millis", "executeMacro": "file times", "displaySystemOut": "clear", "help": "", "exit": "",
}

func TestVocabulary(t *testing.T) {
	for name, params := range vocabulary {
		c, ok := lookup(name)
		if !ok {
			t.Errorf("there is no command %s", name)
		}
		for param := range strings.FieldsSeq(params) {
			if _, ok := c.param(param); !ok {
				t.Errorf("%s has no parameter %s", name, param)
			}
		}
	}
}

// Help, completion and the manual are made from the table, so each line of it
// must be whole.
func TestTableIsWhole(t *testing.T) {
	groups := []string{groupLocal, groupRemote, groupConsole}
	seen := map[string]bool{}
	for _, c := range Commands() {
		if seen[c.Name] {
			t.Errorf("%s stands twice in the table", c.Name)
		}
		seen[c.Name] = true
		if c.run == nil || !slices.Contains(groups, c.Group) {
			t.Errorf("%s lacks its function or its group", c.Name)
		}
		checkText(t, c.Name, c.Text)
		for _, p := range c.Params {
			checkText(t, c.Name+" -"+p.Name, p.Text)
			if p.Name == "h" || p.Name == "help" || p.complete != nil && p.Value == "" {
				t.Errorf("%s -%s cannot be typed", c.Name, p.Name)
			}
		}
		words, err := split(c.Example)
		if err != nil || len(words) == 0 || words[0].text != c.Name {
			t.Errorf("%s has the example %q", c.Name, c.Example)
			continue
		}
		if _, err := c.bind(words[1:]); err != nil {
			t.Errorf("%s: its example is refused: %v", c.Name, err)
		}
		// A missing answer to what changes data is never called a failure.
		if data := strings.HasPrefix(c.Name, "insert") || strings.HasPrefix(c.Name, "remove"); data != c.write {
			t.Errorf("%s: a write: %v", c.Name, c.write)
		}
		// Only these take as long as they are told to.
		unlimited := []string{"wait", "executeMacro", "help", "exit", "cprotocol"}
		if (c.limit == 0) != slices.Contains(unlimited, c.Name) {
			t.Errorf("%s: a limit of %v", c.Name, c.limit)
		}
	}
}

func checkText(t *testing.T, what, text string) {
	t.Helper()
	if text == "" || strings.HasSuffix(text, ".") {
		t.Errorf("%s: help says %q", what, text)
	}
}

func TestHelpAfterEachCommand(t *testing.T) {
	for _, c := range Commands() {
		for _, flag := range []string{"-h", "-help"} {
			out := session(t, Options{In: strings.NewReader(c.Name + " " + flag + "\n")})
			for line := range strings.Lines(out) {
				if len(line) > 80 {
					t.Errorf("%s: help is wider than 80 columns: %s", c.Name, line)
				}
			}
			for _, want := range []string{c.Name + ": " + c.Text, c.usage(), "example: " + c.Example} {
				if !strings.Contains(out, want) {
					t.Errorf("%s %s prints %q, without %q", c.Name, flag, out, want)
				}
			}
		}
	}
}

// The order of parameters is free.
func TestOrderIsFree(t *testing.T) {
	c, _ := lookup("remove")
	for _, line := range []string{"-node n -key k -value v", "-value v -node n -key k", "-key k -value v -node n"} {
		words, _ := split(line)
		a, err := c.bind(words)
		if err != nil || a["node"] != "n" || a["key"] != "k" || a["value"] != "v" {
			t.Errorf("%s binds to %v, %v", line, a, err)
		}
	}
}
