package console

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"chord/ring"
)

func localCommands() []Command {
	names := Param{Name: "names", Value: "a_b_c", Text: "names of nodes, separated by underscores", complete: nodeList}
	all := Param{Name: "all", Text: "all nodes"}
	one := Param{Name: "node", Value: "n", Text: "name of the node that is asked", Required: true, complete: nodeName}
	any := one
	any.Required, any.Text = false, "name of a node; all nodes where not given"
	some := []Param{names, all}
	created := names
	created.Required, created.complete = true, nil
	return []Command{
		{Name: "create", Group: groupLocal, Text: "creates nodes; the first one makes the network",
			Example: "create -names a_b_c -bootstraps a", limit: slow, run: create,
			Params: []Param{created, {Name: "bootstraps", Value: "x_y", complete: nodeList,
				Text: "nodes to join through; the last serves all other names"}}},
		{Name: "show", Group: groupLocal, Text: "lists the nodes in the order of the ring",
			Example: "show", limit: quick, run: showNodes,
			Params: []Param{{Name: "count", Text: "only say how many there are"}}},
		{Name: "insert", Group: groupLocal, Text: "adds a value to those of a key; prints nothing on success",
			Example: "insert -node a -key test -value 'first value'", limit: quick, write: true, run: insert(named),
			Params: []Param{one, keyParam, valueParam}},
		{Name: "retrieve", Group: groupLocal, Text: "shows the values of a key",
			Example: "retrieve -node b -key test", limit: quick, run: retrieve(named), Params: []Param{one, keyParam}},
		{Name: "remove", Group: groupLocal, Text: "removes a value of a key",
			Example: "remove -node c -key test -value 'first value'", limit: quick, write: true, run: remove(named),
			Params: []Param{one, keyParam, valueParam}},
		{Name: "entries", Group: groupLocal, Text: "shows the entries that nodes hold",
			Example: "entries -node a -text", limit: slow, run: localEntries, Params: []Param{any, textParam}},
		{Name: "refs", Group: groupLocal, Text: "shows a node's neighbours and fingers",
			Example: "refs -node a", limit: quick, run: refs(named), Params: []Param{one, allParam}},
		{Name: "successors", Group: groupLocal, Text: "shows the successor list of a node",
			Example: "successors -node a", limit: quick, run: successors, Params: []Param{one}},
		{Name: "crash", Group: groupLocal, Text: "ends nodes at once; the others have to notice",
			Example: "crash -names c", limit: quick, run: end("crashed", crashNode), Params: some},
		{Name: "leave", Group: groupLocal, Text: "lets nodes hand over what they hold and leave",
			Example: "leave -names b", limit: slow, run: end("left", leaveNode), Params: some},
		{Name: "shutdown", Group: groupLocal, Text: "ends nodes in order; they stay members, hand nothing over",
			Example: "shutdown -all", limit: slow, run: end("shut down", closeNode), Params: some},
	}
}

// local is a node of the simulated network, and its place, which never changes.
type local struct {
	LocalNode
	self ring.Peer
}

// named picks the node that -node names.
func named(s *Shell, a args) (local, error) { return s.local(a["node"]) }

// local returns the node of that name; the hint of its error names those there
// are.
func (s *Shell) local(name string) (local, error) {
	n, ok := s.locals[name]
	switch {
	case ok:
		return n, nil
	case len(s.locals) == 0:
		return local{}, refuse("create nodes first: create -names a_b_c", "there is no node '%s', nor any other", name)
	}
	return local{}, refuse("the nodes are: "+strings.Join(ordered(s.locals), ", "), "there is no node '%s'", name)
}

// nodeNames is what a node may be called: nothing that parameters or URLs give
// a meaning to.
var nodeNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$`)

// create makes the nodes one after the other, since each joins a ring in which
// the ones before it have their place. It goes on as far as it gets: nodes made
// before an error stay.
func create(ctx context.Context, s *Shell, a args) error {
	names := strings.Split(a["names"], "_")
	var through []string
	if a.has("bootstraps") {
		through = strings.Split(a["bootstraps"], "_")
	}
	if len(through) > len(names) {
		return refuse("", "there are more bootstraps than names")
	}
	if s.o.Local == nil {
		return refuse("", "this console has no simulated network")
	}
	for i, name := range names {
		bootstrap := ""
		if len(through) > 0 {
			bootstrap = through[min(i, len(through)-1)]
		} else if len(s.locals) > 0 {
			bootstrap = ordered(s.locals)[0]
		}
		if err := s.createOne(ctx, name, bootstrap); err != nil {
			return err
		}
	}
	return nil
}

// createOne makes a node. The name is part of addresses, and no two nodes of a
// ring may share it.
func (s *Shell) createOne(ctx context.Context, name, bootstrap string) error {
	if !nodeNames.MatchString(name) {
		return refuse("", "'%s' is no name for a node, want letters, digits, dots and dashes, 63 at most", name)
	}
	if _, ok := s.locals[name]; ok {
		return refuse("show lists the nodes", "there is a node '%s' already", name)
	}
	if bootstrap == "" {
		fmt.Fprintln(s.out, "Creating new chord overlay network!")
	} else if _, err := s.local(bootstrap); err != nil {
		return err
	}
	n, err := s.o.Local.Create(ctx, name, bootstrap)
	if err != nil {
		return fmt.Errorf("node '%s': %w", name, err)
	}
	s.locals[name] = local{n, n.View().Self}
	fmt.Fprintf(s.out, "URL of created chord node %s.\n", url(s.locals[name].self.Addr))
	return nil
}

// showNodes asks no node: a node that is stuck is listed like the others.
func showNodes(_ context.Context, s *Shell, a args) error {
	if a.has("count") {
		fmt.Fprintf(s.out, "Number of nodes: %d\n", len(s.locals))
		return nil
	}
	fmt.Fprintln(s.out, "Nodes in the order of the ring:")
	if len(s.locals) == 0 {
		fmt.Fprintln(s.out, "  none")
	}
	for _, name := range ordered(s.locals) {
		fmt.Fprintf(s.out, "  %s , %s\n", name, reference(s.locals[name].self))
	}
	return nil
}

// localEntries prints each node's entries under the node, or those of one node
// in the same shape as entriesN.
func localEntries(ctx context.Context, s *Shell, a args) error {
	if a.has("node") {
		return entries(named)(ctx, s, a)
	}
	if len(s.locals) == 0 {
		return refuse("create nodes first: create -names a_b_c", "there are no nodes")
	}
	for _, name := range ordered(s.locals) {
		n := s.locals[name]
		fmt.Fprintln(s.out, "Node:", reference(n.self))
		if err := s.printEntries(ctx, n, a.has("text")); err != nil {
			return fmt.Errorf("node '%s': %w", name, err)
		}
	}
	return nil
}

func successors(ctx context.Context, s *Shell, a args) error {
	n, err := named(s, a)
	if err != nil {
		return err
	}
	v, err := view(ctx, n)
	if err == nil {
		printSuccessors(s.out, v)
	}
	return err
}

// The three ways in which a node of the simulated network ends. One that could
// not leave stays.

func crashNode(ctx context.Context, s *Shell, name string) error {
	n := s.locals[name]
	delete(s.locals, name)
	return within(ctx, n.Crash)
}

func closeNode(ctx context.Context, s *Shell, name string) error {
	n := s.locals[name]
	delete(s.locals, name)
	return within(ctx, n.Close)
}

func leaveNode(ctx context.Context, s *Shell, name string) error {
	if err := s.locals[name].Leave(ctx); err != nil {
		return err
	}
	return closeNode(ctx, s, name)
}

// end makes the command that ends nodes one after the other by stop.
func end(done string, stop func(ctx context.Context, s *Shell, name string) error) runner {
	return func(ctx context.Context, s *Shell, a args) error {
		names, err := s.chosen(a)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := stop(ctx, s, name); err != nil {
				return fmt.Errorf("node '%s': %w", name, err)
			}
			fmt.Fprintf(s.out, "Node '%s' %s.\n", name, done)
		}
		return nil
	}
}

// chosen returns the nodes of -names or -all, all of which exist, each once.
func (s *Shell) chosen(a args) ([]string, error) {
	switch {
	case a.has("all") && a.has("names"):
		return nil, misused("give either -names or -all", "Too many parameters. Unknown parameters: all")
	case !a.has("all") && !a.has("names"):
		return nil, misused("give -names a_b_c, or -all", "Not enough parameters! names is missing.")
	}
	if a.has("all") {
		return ordered(s.locals), nil
	}
	var names []string
	for name := range strings.SplitSeq(a["names"], "_") {
		if _, err := s.local(name); err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
