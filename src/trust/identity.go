package trust

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Identity is who somebody is, as a certificate says it.
type Identity struct {
	Ring string
	Role Role
	Name string // of a node: its name in the ring; of a client any
}

// scheme is that of the URI in which an identity stands.
const scheme = "chord"

// maxName bounds rings' and nodes' names, as everywhere.
const maxName = 255

// String returns the identity's URI, chord:RING/ROLE/NAME, with what may not
// stand in a URI escaped (RFC 3986).
func (i Identity) String() string {
	return scheme + ":" + url.PathEscape(i.Ring) + "/" + i.Role.String() + "/" + url.PathEscape(i.Name)
}

// ParseIdentity is the inverse of [Identity.String].
func ParseIdentity(uri string) (Identity, error) {
	var i Identity
	rest, ok := strings.CutPrefix(uri, scheme+":")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 3 {
		return i, fmt.Errorf("%.100q is not of the form chord:RING/ROLE/NAME", uri)
	}
	ring, err1 := url.PathUnescape(parts[0])
	name, err2 := url.PathUnescape(parts[2])
	role, err3 := ParseRole(parts[1])
	if err := errors.Join(err1, err2, err3); err != nil {
		return i, fmt.Errorf("%.100q: %w", uri, err)
	}
	i = Identity{ring, role, name}
	return i, i.check()
}

// check says what keeps an identity from standing in a certificate.
func (i Identity) check() error {
	for what, s := range map[string]string{"ring": i.Ring, "name": i.Name} {
		if s == "" || len(s) > maxName || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("%.40q is not the name of a %s: 1 to 255 bytes without control characters", s, what)
		}
	}
	if i.Role <= None || i.Role > Node {
		return fmt.Errorf("%s is not a role: the roles are read, write, admin and node", i.Role)
	}
	return nil
}

// IdentityOf returns the identity that stands in a certificate. Who issued the
// certificate is not looked at.
func IdentityOf(c *x509.Certificate) (Identity, error) {
	var found []string
	for _, u := range c.URIs {
		if u.Scheme == scheme {
			found = append(found, u.String())
		}
	}
	if len(found) != 1 {
		return Identity{}, fmt.Errorf("the certificate has %d URIs of the form chord:RING/ROLE/NAME, want 1", len(found))
	}
	return ParseIdentity(found[0])
}
