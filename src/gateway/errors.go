package gateway

import (
	"context"
	"errors"
	"fmt"

	"chord/node"
)

// prefixes tell client libraries what they may do about an error. TRYAGAIN and
// LOADING say that nothing was changed, and are tried again by many of them;
// UNKNOWN is our own, and is tried again by none.
var prefixes = map[node.Kind]string{
	node.NotResponsible:   "TRYAGAIN",
	node.Unavailable:      "TRYAGAIN",
	node.Overloaded:       "TRYAGAIN",
	node.ReadOnly:         "OOM",
	node.Unknown:          "UNKNOWN",
	node.Unauthenticated:  "NOAUTH",
	node.PermissionDenied: "NOPERM",
}

// failure writes the error of an operation.
func (c *call) failure(err error) {
	c.fail(c.conn.server.describe(err))
}

// describe puts an error into one line, with its prefix and its remedy.
func (s *Server) describe(err error) string {
	if errors.Is(err, context.Canceled) {
		return "TRYAGAIN the node is stopping"
	}
	kind := node.KindOf(err)
	prefix := prefixes[kind]
	switch {
	case kind == node.Unavailable && !s.joined():
		prefix = "LOADING"
	case prefix == "":
		prefix = "ERR"
	}
	text := prefix + " " + err.Error()
	if kind == node.Unknown {
		text = prefix + " outcome: the change may be in effect or not: " + err.Error()
	}
	if e, ok := errors.AsType[*node.Error](err); ok && e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// partly says how much of a command with many keys or members was done before
// the error.
func partly(err error, done, all int) error {
	if all < 2 {
		return err
	}
	out := &node.Error{Kind: node.KindOf(err), Text: fmt.Sprintf("%d of %d done: %v", done, all, err)}
	if e, ok := errors.AsType[*node.Error](err); ok {
		out.Remedy = e.Remedy
	}
	return out
}
