package trust

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what a [Source] holds. The zero value is no TLS.
type Config struct {
	Mode  Mode
	Files Files
	// What the own certificate must say; anything where zero. Ring is also the
	// only one whose peers are let in.
	Ring string
	Role Role
	Name string
}

// Own is what the own certificate says.
type Own struct {
	Mode Mode
	Identity
	// Expires is the first end of the certificates that are shown; zero: none.
	Expires time.Time
	// CAs are the names of those that are trusted.
	CAs []string
}

// Source holds what this side shows, and whom it trusts. It is safe for
// concurrent use, also while it is changed.
type Source struct {
	log     *slog.Logger
	refused counts
	quiet   quiet

	changing sync.Mutex // one change at a time; guards failed
	failed   string     // what was said of files that could not be used
	now      atomic.Pointer[state]
}

// state is replaced as a whole.
type state struct {
	config Config
	*material
	// generation counts up with every state.
	generation uint64
}

// Open returns a source of what the configuration names. Errors are of type
// [*Problem].
func Open(c Config, log *slog.Logger) (*Source, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Source{log: log}
	s.now.Store(&state{material: &material{}})
	return s, s.Set(c)
}

// Set changes to another configuration, and reads its files again. Where that
// is not possible all stays as it was. Errors are of type [*Problem].
func (s *Source) Set(c Config) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	m := &material{}
	if c.Mode != Off || c.Files.Any() {
		var err error
		if m, err = c.Files.load(time.Now()); err == nil {
			err = c.fits(m)
		}
		if err != nil {
			return err
		}
	}
	s.change(c, m)
	return nil
}

func (s *Source) change(c Config, m *material) {
	s.failed = ""
	old := s.now.Load()
	if old.config == c && old.raw == m.raw {
		return
	}
	s.now.Store(&state{config: c, material: m, generation: old.generation + 1})
}

// fits says whether the certificate is the one that is wanted.
func (c Config) fits(m *material) error {
	switch i := m.identity; {
	case c.Ring != "" && i.Ring != c.Ring:
		return problem(fmt.Sprintf("the certificate %s is of the ring %q, not of %q", c.Files.Cert, i.Ring, c.Ring), "name this ring's certificate, or check --ring")
	case c.Role == Node && i.Role != Node:
		return problem(fmt.Sprintf("the certificate %s is a client's with the role %s", c.Files.Cert, i.Role), "a node needs one of `chord tls node NAME`")
	case c.Name != "" && i.Name != c.Name:
		return problem(fmt.Sprintf("the certificate %s is of the node %q, and this one is %q", c.Files.Cert, i.Name, c.Name), "name this node's own certificate; its name must be that of the node")
	}
	return nil
}

// Poll reads the files again where they changed, and says in the log what
// became of it.
func (s *Source) Poll() {
	s.changing.Lock()
	defer s.changing.Unlock()
	c := s.now.Load().config
	if !c.Files.Any() {
		return
	}
	raw, err := c.Files.read()
	if err == nil && raw == s.now.Load().raw {
		s.failed = ""
		return
	}
	var m *material
	if err == nil {
		m, err = c.Files.parse(raw, time.Now())
	}
	if err == nil {
		err = c.fits(m)
	}
	if err != nil {
		s.complain(err)
		return
	}
	s.change(c, m)
	s.log.Info("certificate or CAs changed", "certificate", m.identity.String(), "expires", day(m.expires), "cas", len(m.cas))
}

// complain says once that the files cannot be used.
func (s *Source) complain(err error) {
	if s.failed != err.Error() {
		s.failed = err.Error()
		s.log.Error("the new certificate files cannot be used: the old ones are kept", "error", err.Error(), "expires", day(s.now.Load().expires))
	}
}

// Watch polls until ctx is done.
func (s *Source) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.Poll()
		}
	}
}

// Mode returns who must use TLS now.
func (s *Source) Mode() Mode { return s.now.Load().config.Mode }

// Own returns what this side shows now.
func (s *Source) Own() Own {
	st := s.now.Load()
	own := Own{Mode: st.config.Mode, Identity: st.identity, Expires: st.expires}
	for _, c := range st.cas {
		own.CAs = append(own.CAs, c.Subject.CommonName)
	}
	return own
}

// Generation counts the changes: connections made under another one are best
// made anew.
func (s *Source) Generation() uint64 { return s.now.Load().generation }

// Refused returns how many were refused, by reason.
func (s *Source) Refused() map[Reason]uint64 { return s.refused.all() }
