package replica

// Groups returns the group that begins with each of the members, in the order
// of their identifiers. It is shared: nobody writes to it.
func (p Placement) Groups() []Group { return p.groups }
