package client

import "chord/node"

// IsUnknown reports whether err leaves open what became of a write: it may be in
// effect, may come into effect later, or never.
func IsUnknown(err error) bool { return node.KindOf(err) == node.Unknown }

// IsUnavailable reports whether err says that nodes who are needed cannot be
// reached now. Nothing was changed; it may work later.
func IsUnavailable(err error) bool { return node.KindOf(err) == node.Unavailable }
