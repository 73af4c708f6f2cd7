package console

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
)

func remoteCommands() []Command {
	return []Command{
		{Name: "joinN", Group: groupRemote, Text: "makes this console a node of a ring on the network",
			Example: "joinN -port 9000 -bootstrap host:4242", limit: slow, run: joinN, late: "does a node run at the bootstrap address?",
			Params: []Param{
				{Name: "port", Value: "p", Text: fmt.Sprintf("port of this node, %d where not given", DefaultPort)},
				{Name: "bootstrap", Value: "host:port", Text: "a node of the ring to join; a new ring where not given"},
			}},
		{Name: "leaveN", Group: groupRemote, Text: "hands over what this node holds and leaves the ring",
			Example: "leaveN", limit: slow, run: leaveN, late: "leaveN -now ends the node without handing anything over",
			Params: []Param{{Name: "now", Text: "end this node without handing anything over"}}},
		{Name: "insertN", Group: groupRemote, Text: "adds a value to those of a key; prints nothing on success",
			Example: "insertN -key test -value 'first value'", limit: quick, write: true, run: insert(joined),
			Params: []Param{keyParam, valueParam}},
		{Name: "retrieveN", Group: groupRemote, Text: "shows the values of a key",
			Example: "retrieveN -key test", limit: quick, run: retrieve(joined), Params: []Param{keyParam}},
		{Name: "removeN", Group: groupRemote, Text: "removes a value of a key",
			Example: "removeN -key test -value 'first value'", limit: quick, write: true, run: remove(joined),
			Params: []Param{keyParam, valueParam}},
		{Name: "entriesN", Group: groupRemote, Text: "shows the entries that this node holds",
			Example: "entriesN -text", limit: slow, run: entries(joined), Params: []Param{textParam}},
		{Name: "refsN", Group: groupRemote, Text: "shows this node's neighbours and fingers",
			Example: "refsN", limit: quick, run: refs(joined), Params: []Param{allParam}},
		{Name: "cprotocol", Group: groupRemote, Text: "chooses or shows the protocol between nodes; there is one",
			Example: "cprotocol -s", run: protocol,
			Params: []Param{
				{Name: "t", Value: "name", Text: "the protocol to use", complete: words("chord")},
				{Name: "s", Text: "show the protocol in use"},
			}},
	}
}

// joined picks the node that joinN made.
func joined(s *Shell, _ args) (Node, error) {
	if s.node == nil {
		return nil, refuse("become a node first: joinN -bootstrap host:port, or joinN alone for a new ring",
			"there is no node: this console is not in a ring")
	}
	return s.node, nil
}

// joinN checks what was typed before it prints the line that OpenChord prints,
// and keeps the node only once it is a member: a console is never half a node.
func joinN(ctx context.Context, s *Shell, a args) error {
	if s.node != nil {
		return refuse("leave that ring first: leaveN", "this console is a node of a ring already")
	}
	port, err := parsePort(a, "port", DefaultPort)
	if err != nil {
		return err
	}
	bootstrap, err := parseBootstrap(a)
	if err != nil {
		return err
	}
	if s.o.Remote == nil {
		return refuse("", "this console cannot reach a network")
	}
	if bootstrap == "" {
		fmt.Fprintln(s.out, "Creating new chord overlay network!")
	} else {
		fmt.Fprintf(s.out, "Joining chord overlay network through %s!\n", bootstrap)
	}
	n, err := s.o.Remote.Join(ctx, port, bootstrap)
	if err != nil {
		return err
	}
	s.node = n
	fmt.Fprintf(s.out, "URL of created chord node %s.\n", url(n.View().Self.Addr))
	return nil
}

// leaveN keeps a node that could not hand over what it holds: it is still a
// member, and the person may try again or give up with -now.
func leaveN(ctx context.Context, s *Shell, a args) error {
	n, err := joined(s, a)
	if err != nil {
		return err
	}
	if !a.has("now") {
		if err := n.Leave(ctx); err != nil {
			return fmt.Errorf("this console stays a node: %w", err)
		}
	}
	s.node = nil
	return within(ctx, n.Close)
}

// protocol takes the name that OpenChord gave its own protocol over sockets for
// this one, so that its transcripts run.
func protocol(_ context.Context, s *Shell, a args) error {
	if len(a) == 0 {
		c, _ := lookup("cprotocol")
		return c.lacks("t")
	}
	if name, ok := a["t"]; ok && name != "chord" && !strings.EqualFold(strings.TrimPrefix(name, "oc"), "socket") {
		return refuse("leave it at chord", "there is no protocol '%s'", name)
	}
	fmt.Fprintln(s.out, "Protocol: chord")
	return nil
}

// parsePort returns the parameter of that name as a port, or absent where it is
// not given. Port 0, which lets the system choose, is refused: nobody could
// name the node as a bootstrap.
func parsePort(a args, name string, absent int) (int, error) {
	if !a.has(name) {
		return absent, nil
	}
	n, err := strconv.ParseUint(a[name], 10, 16)
	if err != nil || n == 0 {
		return 0, refuse("", "%s is '%s', want a number from 1 to 65535", name, a[name])
	}
	return int(n), nil
}

// parseBootstrap returns the bootstrap node as host:port, empty where none is
// given. A URL as the console prints it is taken too, and a host without a port
// has the default one. Whether the host exists is found out by joining.
func parseBootstrap(a args) (string, error) {
	if !a.has("bootstrap") {
		return "", nil
	}
	text := a["bootstrap"]
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = strings.TrimSuffix(rest, "/")
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.Trim(text, "[]"), strconv.Itoa(DefaultPort)
	}
	if host == "" || strings.ContainsAny(host, "/ ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return "", refuse("for example: -bootstrap 127.0.0.1:4242", "bootstrap is '%s', want host:port", a["bootstrap"])
	}
	if _, err := parsePort(args{"bootstrap port": port}, "bootstrap port", 0); err != nil {
		return "", err
	}
	return net.JoinHostPort(host, port), nil
}
