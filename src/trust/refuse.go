package trust

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
)

// Reason says why somebody was refused, in words fit for a metric's label.
type Reason string

// The reasons.
const (
	NoCertificate Reason = "no-certificate" // it showed none
	Foreign       Reason = "foreign"        // of a CA that is not trusted here, or with a forged signature
	Expired       Reason = "expired"        // or not valid yet
	Malformed     Reason = "malformed"      // it names no identity, or may not be used so
	OtherRing     Reason = "other-ring"
	OtherName     Reason = "other-name" // it claims a name or a place that is not its own
	Forbidden     Reason = "forbidden"  // it asked for more than its role allows
	Plain         Reason = "plain"      // it did not speak TLS where it must
	Broken        Reason = "broken"     // the handshake failed otherwise
)

// Reasons returns all reasons.
func Reasons() []Reason {
	return []Reason{NoCertificate, Foreign, Expired, Malformed, OtherRing, OtherName, Forbidden, Plain, Broken}
}

// Refusal is the error of who was refused. Its text is for the log of this side,
// not for the other.
type Refusal struct {
	Reason Reason
	Text   string
}

// Error returns the text.
func (r *Refusal) Error() string { return r.Text }

func refuse(why Reason, format string, args ...any) *Refusal {
	return &Refusal{why, fmt.Sprintf(format, args...)}
}

// ReasonOf returns the reason of an error, [Broken] where it is no [Refusal].
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	if strings.Contains(err.Error(), "didn't provide a certificate") { // crypto/tls has no error of its own for it
		return NoCertificate
	}
	return Broken
}

// counts counts refusals. It is safe for concurrent use.
type counts struct {
	mu sync.Mutex
	of map[Reason]uint64
}

func (c *counts) add(r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = make(map[Reason]uint64)
	}
	c.of[r]++
}

func (c *counts) all() map[Reason]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.of)
}
