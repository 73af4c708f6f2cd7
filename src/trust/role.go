package trust

import (
	"fmt"
	"slices"
)

// Role is what somebody may do.
type Role int

// The roles, each of which may do what those before it may. A node is more than
// a client: it may do what a writer may, and what nodes do among themselves;
// what an administrator may, it may at itself alone.
const (
	None  Role = iota // nothing; also: nobody knows who it is
	Read              // read keys, status and members
	Write             // change keys
	Admin             // take backups, make nodes leave, forget members
	Node              // be a member of the ring
)

var roleNames = []string{"none", "read", "write", "admin", "node"}

// String returns the role as it stands in certificates.
func (r Role) String() string {
	if r < None || r > Node {
		return fmt.Sprintf("Role(%d)", int(r))
	}
	return roleNames[r]
}

// ParseRole is the inverse of [Role.String]; it knows no role "none".
func ParseRole(s string) (Role, error) {
	if i := slices.Index(roleNames, s); i > 0 {
		return Role(i), nil
	}
	return None, fmt.Errorf("%q is not a role: the roles are read, write, admin and node", s)
}
