package console

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Command is a line of the table of commands.
type Command struct {
	Name    string // as it is typed
	Group   string // heading under which help lists it
	Text    string // what it does, in one sentence without a full stop
	Example string // a whole line
	Params  []Param

	limit time.Duration // how long it may take; no limit where zero
	late  string        // what to look at when it took longer, where that is no outcome unknown
	write bool          // a missing answer leaves its outcome unknown
	bare  string        // the parameter that a word without a name is for
	run   func(ctx context.Context, s *Shell, a args) error
}

// Param is a parameter of a command, given as -name value in any order.
type Param struct {
	Name     string
	Value    string // what stands for the value in help; empty: it takes none
	Text     string // what it is for, without a full stop
	Required bool

	complete func(s *Shell, typed string) []string // what the value may be
}

// args are the parameters of a command as typed; those without a value are
// present and empty.
type args map[string]string

func (a args) has(name string) bool { _, ok := a[name]; return ok }

// Limits of time. Joining waits for other nodes, leaving moves data.
const (
	quick = 15 * time.Second
	slow  = 2 * time.Minute
)

// Groups of commands, in the order of help.
const (
	groupRemote  = "Node on the network"
	groupLocal   = "Simulated network in this process"
	groupConsole = "Console"
)

// Commands returns the table of commands in the order of help.
func Commands() []Command { return slices.Concat(remoteCommands(), localCommands(), ownCommands()) }

// lookup finds a command by its name, whose case counts.
func lookup(name string) (Command, bool) {
	all := Commands()
	i := slices.IndexFunc(all, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return all[i], true
}

// param finds a parameter of the command by its name, without the dash.
func (c Command) param(name string) (Param, bool) {
	i := slices.IndexFunc(c.Params, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return Param{}, false
	}
	return c.Params[i], true
}

// asksHelp reports whether -h or -help is among the words after a command.
func asksHelp(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool {
		name, ok := w.name()
		return ok && (name == "h" || name == "help")
	})
}

// bind sorts the words after the command's name into its parameters. What is too
// much is told before what is missing: a parameter that is misspelt is both.
func (c Command) bind(words []word) (args, error) {
	a := args{}
	var unknown, missing []string
	for len(words) > 0 {
		first := words[0]
		words = words[1:]
		name, named := first.name()
		p, known := c.param(name)
		switch {
		case !named && c.bare != "" && !a.has(c.bare):
			a[c.bare] = first.text
		case !named:
			unknown = append(unknown, first.text)
		case !known:
			unknown = append(unknown, name)
			_, words, _ = value(words) // it is no fault of its own
		case a.has(name):
			return nil, misused(c.usage(), "Parameter %s is given twice.", name)
		case p.Value == "":
			a[name] = ""
		default:
			text, rest, ok := value(words)
			if ok {
				a[name], words = text, rest
			} else if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
	}
	if len(unknown) > 0 {
		hint := c.usage()
		if len(missing) > 0 {
			hint += "; quote a value that begins with a dash"
		}
		return nil, misused(hint, "Too many parameters. Unknown parameters: %s", strings.Join(unknown, ", "))
	}
	for _, p := range c.Params {
		if p.Required && !a.has(p.Name) && !slices.Contains(missing, p.Name) {
			missing = append(missing, p.Name)
		}
	}
	if len(missing) > 0 {
		return nil, c.lacks(missing...)
	}
	return a, nil
}

// value takes the value of a parameter off words, unless another parameter
// stands in its place.
func value(words []word) (text string, rest []word, ok bool) {
	if len(words) == 0 {
		return "", words, false
	}
	if _, another := words[0].name(); another {
		return "", words, false
	}
	return words[0].text, words[1:], true
}

// lacks says which parameters are missing.
func (c Command) lacks(names ...string) error {
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	return misused(c.usage(), "Not enough parameters! %s %s missing.", strings.Join(names, ", "), verb)
}

// usage returns a line that shows how the command is typed.
func (c Command) usage() string {
	var b strings.Builder
	b.WriteString("usage: " + c.Name)
	for _, p := range c.Params {
		text := "-" + p.Name
		if p.Value != "" {
			text += " " + p.Value
		}
		if !p.Required {
			text = "[" + text + "]"
		}
		b.WriteString(" " + text)
	}
	return b.String()
}
