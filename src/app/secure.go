package app

import (
	"context"
	"errors"
	"os"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/trust"
)

// autoTLS is TLS where there is a certificate, and none where there is none.
const autoTLS = "auto"

// trustPoll is how often the files of certificate, key and CAs are looked at.
const trustPoll = 10 * time.Second

// files names certificate, key and CAs.
func (o Options) files() trust.Files { return trust.Files{Cert: o.TLSCert, Key: o.TLSKey, CA: o.TLSCA} }

// mode returns who must use TLS.
func (o Options) mode() trust.Mode {
	if o.TLS == autoTLS || o.TLS == "" {
		if o.files().Any() {
			return trust.Require
		}
		return trust.Off
	}
	m, _ := trust.ParseMode(o.TLS) // it has been read
	return m
}

// trust is what the node's certificate must be; of any name, where empty.
func (o Options) trust(name string) trust.Config {
	c := trust.Config{Mode: o.mode(), Ring: o.Ring, Role: trust.Node, Name: name}
	if c.Mode != trust.Off {
		c.Files = o.files()
	}
	return c
}

func setTLS(o *Options, s string) error {
	if s != autoTLS {
		if _, err := trust.ParseMode(s); err != nil {
			return problem(err.Error(), "choose auto, off, accept, prefer or require")
		}
	}
	o.TLS = s
	return nil
}

// checkTLS refuses TLS without all of its files.
func checkTLS(o Options) error {
	f := o.files()
	if o.mode() != trust.Off && (f.Cert == "" || f.Key == "" || f.CA == "") {
		return problem("TLS needs a certificate, its key and the CAs that are trusted", "name all three, with tls-cert, tls-key and tls-ca; `chord tls` makes them")
	}
	return nil
}

// checkPlace refuses a place that does not follow from the node's name.
func checkPlace(o Options) error {
	if o.mode() == trust.Off || o.NodeID.IsZero() || o.Name == "" || ownPlace(o.Ring, o.Name, o.NodeID) {
		return nil
	}
	return placeProblem(o.Name)
}

func placeProblem(name string) *Problem {
	return problem("with TLS a node's place follows from its name, and this is none of those of "+name,
		"leave node-id out; a database that has such a place already cannot be used with TLS: let the node leave, and start it with an empty one")
}

func ownPlace(ring, name string, id keyspace.ID) bool {
	for i := range keyspace.NodeChoices {
		if keyspace.HashNode(ring, name, i) == id {
			return true
		}
	}
	return false
}

// checkFiles says what is wrong with the files as far as they can be read here.
func (o Options) checkFiles() *Problem {
	if o.mode() == trust.Off {
		return nil
	}
	for _, name := range []string{o.TLSCert, o.TLSKey, o.TLSCA} {
		if f, err := os.Open(trust.Path(name)); err != nil {
			return nil
		} else {
			f.Close()
		}
	}
	_, err := trust.Open(o.trust(o.Name), nil)
	return trustProblem(err)
}

// trustProblem gives a problem with the files their options' name.
func trustProblem(err error) *Problem {
	if err == nil {
		return nil
	}
	p := &Problem{Option: "tls-cert", Where: "tls", Text: err.Error()}
	if h, ok := errors.AsType[*trust.Problem](err); ok {
		p.Remedy = h.Hint()
	}
	return p
}

// secure binds the certificates to the node that the database belongs to.
func (s *stack) secure(o Options) error {
	identity := s.store.Identity()
	id := o.NodeID
	if id.IsZero() {
		id = identity.ID
	}
	if o.mode() != trust.Off && !id.IsZero() && !ownPlace(identity.Ring, identity.Name, id) {
		return named("node-id", placeProblem(identity.Name))
	}
	if p := trustProblem(s.trust.Set(o.trust(identity.Name))); p != nil {
		return p
	}
	return nil
}

// Reload takes certificates, CAs and the mode of TLS from the options, and who may
// authenticate at the Redis port.
func (s *stack) Reload(ctx context.Context, o Options) error {
	if o.mode() != trust.Require {
		if err := o.refuseExposed(ctx, s.addr, true); err != nil {
			return named("tls", err)
		}
	}
	users, err := o.redisUsers()
	if err != nil {
		return err
	}
	if s.redis != nil {
		s.redis.SetUsers(users)
	}
	return s.secure(o)
}

// security is what the status says of it.
func (s *stack) security() node.Security {
	own := s.trust.Own()
	v := node.Security{Mode: own.Mode.String(), Expires: own.Expires, CAs: own.CAs}
	if own.Role != trust.None {
		v.Certificate = own.Identity.String()
	}
	for _, n := range s.trust.Refused() {
		v.Refused += n
	}
	return v
}

// expiry is what the metrics say of it.
func (s *stack) expiry() map[string]time.Time {
	own := s.trust.Own()
	if own.Expires.IsZero() {
		return nil
	}
	return map[string]time.Time{"node": own.Expires}
}
