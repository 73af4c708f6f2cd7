package gateway

import (
	"slices"
	"strings"

	"chord/trust"
)

// command is a row of the table that says what there is.
type command struct {
	name   string     // in lower case
	arity  int        // as Redis counts: with the name; negative: so many at least
	role   trust.Role // least that one needs
	access access     // to its key; none: it runs alone, and so do those with several keys
	large  bool       // its answer may be of any size: it runs alone
	// first, last and step say which arguments are keys, as in Redis; zero: none.
	first, last, step int
	group, summary    string
	do                func(*call)
}

// alone reports whether a call runs beside no other of its connection.
func (c *command) alone(args int) bool {
	return c.access == none || c.large || c.last < 0 && args > 2
}

// table is all commands.
type table struct {
	list   []*command // by name
	byName map[string]*command
	names  string // all, for people
}

func newTable() (t table) {
	t.list = slices.Concat(stringCommands(), setCommands(), keyCommands(), connectionCommands(), serverCommands())
	slices.SortFunc(t.list, func(a, b *command) int { return strings.Compare(a.name, b.name) })
	t.byName = make(map[string]*command, len(t.list))
	var names []string
	for _, c := range t.list {
		t.byName[c.name] = c
		names = append(names, strings.ToUpper(c.name))
	}
	t.names = strings.Join(names, ", ")
	return t
}

// maxName is as long as the longest name of a command.
const maxName = 16

// find returns the command of a name in any case, or nil.
func (t *table) find(name []byte) *command {
	if len(name) > maxName {
		return nil
	}
	var lower [maxName]byte
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return t.byName[string(lower[:len(name)])]
}
