package console

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// choices returns what the last word of the typed text may become, sorted, and
// where in the text that word starts. Quoted words are left alone.
func (s *Shell) choices(typed string) (start int, choices []string) {
	start = strings.LastIndexByte(typed, ' ') + 1
	last := typed[start:]
	before, err := split(typed[:start])
	if err != nil || strings.ContainsAny(last, `'"\`) {
		return start, nil
	}
	if len(before) == 0 {
		return start, commandNames(s, last)
	}
	c, ok := lookup(before[0].text)
	if !ok {
		return start, nil
	}
	if name, named := before[len(before)-1].name(); named {
		if p, ok := c.param(name); ok && p.Value != "" {
			if p.complete == nil {
				return start, nil
			}
			return start, p.complete(s, last)
		}
	}
	if p, ok := c.param(c.bare); ok && !strings.HasPrefix(last, "-") {
		return start, p.complete(s, last)
	}
	return start, c.open(before[1:], last)
}

// open returns the parameters that are not given yet and begin as typed.
func (c Command) open(given []word, typed string) []string {
	var names []string
	for _, p := range c.Params {
		name := "-" + p.Name
		used := slices.ContainsFunc(given, func(w word) bool { return !w.quoted && w.text == name })
		if !used && strings.HasPrefix(name, typed) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// words completes to one of a fixed list.
func words(list ...string) func(*Shell, string) []string {
	return func(_ *Shell, typed string) []string { return beginning(list, typed, "") }
}

// nodeName completes to a node of the simulated network.
func nodeName(s *Shell, typed string) []string { return beginning(ordered(s.locals), typed, "") }

// nodeList completes the last name of a list like a_b_c.
func nodeList(s *Shell, typed string) []string {
	done := typed[:strings.LastIndexByte(typed, '_')+1]
	return beginning(ordered(s.locals), typed, done)
}

// beginning returns those items of the list that, behind what is done already,
// begin as typed.
func beginning(list []string, typed, done string) []string {
	var found []string
	for _, item := range list {
		if strings.HasPrefix(done+item, typed) {
			found = append(found, done+item)
		}
	}
	slices.Sort(found)
	return found
}

// files completes the name of a file or directory that needs no quotes.
func files(_ *Shell, typed string) []string {
	dir, _ := filepath.Split(typed)
	list, _ := os.ReadDir(filepath.Clean("./" + dir))
	if filepath.IsAbs(typed) {
		list, _ = os.ReadDir(dir)
	}
	var found []string
	for _, item := range list {
		path := dir + item.Name()
		if item.IsDir() {
			path += "/"
		}
		if strings.HasPrefix(path, typed) && !strings.ContainsAny(path, " '\"\\") {
			found = append(found, path)
		}
	}
	return found
}
