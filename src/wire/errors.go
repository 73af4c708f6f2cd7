package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"chord/node"
	"chord/ring"
	"chord/wire/chordpb"
)

// grpcCodes are for tools that know gRPC and not this protocol; between nodes
// the kind in the detail counts.
var grpcCodes = map[node.Kind]codes.Code{
	node.Internal:         codes.Internal,
	node.Invalid:          codes.InvalidArgument,
	node.TooLarge:         codes.ResourceExhausted,
	node.NotResponsible:   codes.FailedPrecondition,
	node.Unavailable:      codes.Unavailable,
	node.Unknown:          codes.Unknown,
	node.Overloaded:       codes.ResourceExhausted,
	node.ReadOnly:         codes.FailedPrecondition,
	node.WrongRing:        codes.FailedPrecondition,
	node.Unauthenticated:  codes.Unauthenticated,
	node.PermissionDenied: codes.PermissionDenied,
	node.Corrupt:          codes.DataLoss,
	node.Gap:              codes.FailedPrecondition,
	node.Behind:           codes.FailedPrecondition,
}

// toStatus makes a server's error fit for the way. The error of a context and
// that of a broken stream stay what they are: the caller makes up its own mind.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*node.Error](err)
	if !ok {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return status.FromContextError(err).Err()
		}
		if _, ok := status.FromError(err); ok {
			return err
		}
		e = &node.Error{Kind: node.Internal, Text: err.Error()}
	}
	code, ok := grpcCodes[e.Kind]
	if !ok {
		code = codes.Internal
	}
	m := encodeError(e)
	s, err := status.New(code, m.Text).WithDetails(m)
	if err != nil {
		return status.Error(code, m.Text)
	}
	return s.Err()
}

// remedyOf returns what the user can do about an error, if it says so.
func remedyOf(err error) string {
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return h.Hint()
	}
	return ""
}

// encodeError writes an error; one that is no [node.Error] is an internal one.
func encodeError(err error) *chordpb.Error {
	e, ok := errors.AsType[*node.Error](err)
	if !ok {
		e = &node.Error{Kind: node.Internal, Text: err.Error()}
	}
	return &chordpb.Error{
		Kind:   chordpb.ErrorKind(e.Kind + 1), // the wire's zero stands for none
		Text:   clean(e.Error(), maxText),
		Remedy: clean(e.Remedy, maxText),
		Better: encodeOptionalPeer(e.Better),
	}
}

// call is what a caller knows of its call when it fails.
type call struct {
	addr string
	// write is set where it changes something: without an answer it may be in
	// effect once it was sent.
	write bool
	sent  bool
}

// fromStatus puts whatever gRPC answered into the closed list of kinds.
func (c call) fromStatus(err error) error {
	if e, ok := errors.AsType[*node.Error](err); ok {
		return e
	}
	s := status.Convert(err)
	for _, d := range s.Details() {
		if m, ok := d.(*chordpb.Error); ok {
			return decodeError(m)
		}
	}
	switch s.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Aborted:
		return c.unanswered(s)
	case codes.ResourceExhausted:
		if strings.Contains(s.Message(), "larger than max") {
			return c.failf(node.TooLarge, "a message to or from %s is too large: %s", c.addr, s.Message())
		}
		return c.failf(node.Overloaded, "%s has too much to do: %s", c.addr, s.Message())
	case codes.Unimplemented:
		return c.failf(node.WrongRing, "%s does not know this request, or is no node: %s", c.addr, s.Message())
	case codes.InvalidArgument:
		return c.failf(node.Invalid, "%s refuses the request: %s", c.addr, s.Message())
	case codes.Unauthenticated:
		return c.failf(node.Unauthenticated, "%s does not know who asks: %s", c.addr, s.Message())
	case codes.PermissionDenied:
		return c.failf(node.PermissionDenied, "%s does not allow this: %s", c.addr, s.Message())
	}
	if c.write && c.sent {
		return c.failf(node.Unknown, "%s broke off, the change may be in effect or not: %s", c.addr, s.Message())
	}
	return c.failf(node.Internal, "%s failed: %s", c.addr, s.Message())
}

// unanswered tells a call that had no effect from one that may have had.
func (c call) unanswered(s *status.Status) error {
	why := s.Message()
	if _, after, ok := strings.Cut(why, "Error while dialing: "); ok {
		why = strings.TrimSuffix(after, `"`)
	}
	if s.Code() == codes.DeadlineExceeded {
		why = "no answer in time"
	}
	if c.write && c.sent {
		e := c.failf(node.Unknown, "%s did not answer, the change may be in effect or not: %s", c.addr, why)
		e.Remedy = "look what is there before you do it again"
		return e
	}
	if !c.sent {
		if _, why, ok := strings.Cut(why, distrust); ok {
			return c.distrusted(strings.ReplaceAll(strings.TrimSuffix(why, `"`), `\"`, `"`)) // gRPC quotes it
		}
		e := c.failf(node.Unavailable, "cannot reach %s: %s", c.addr, why)
		e.Remedy = "is a node running at " + c.addr + ", and can it be reached from here?"
		if hungUp(why) {
			e.Remedy = "is it a node that runs at " + c.addr + ", and does it want TLS? Then give --tls-cert, --tls-key and --tls-ca"
		}
		return e
	}
	return c.failf(node.Unavailable, "%s did not answer: %s", c.addr, why)
}

// hungUp reports whether somebody was there and went away, as who wants TLS does
// when it hears something else.
func hungUp(why string) bool {
	return strings.Contains(why, "server preface") || strings.Contains(why, "broken pipe") || strings.Contains(why, "connection reset")
}

// distrusted is the error where one of the two does not trust the other.
func (c call) distrusted(why string) *node.Error {
	if strings.Contains(why, "does not look like a TLS") {
		e := c.failf(node.Unauthenticated, "%s does not speak TLS", c.addr)
		e.Remedy = "leave --tls-cert, --tls-key and --tls-ca out, or switch that node to TLS"
		return e
	}
	if alert, ok := strings.CutPrefix(why, "remote error: tls: "); ok {
		e := c.failf(node.Unauthenticated, "%s refuses the certificate that was shown: %s", c.addr, alert)
		e.Remedy = "is it valid now, of a CA that the node trusts, and of its ring? `chord tls show` and the node's log say more"
		return e
	}
	e := c.failf(node.Unauthenticated, "who answers at %s is not trusted: %s", c.addr, why)
	e.Remedy = "check the address, and that the CA file holds the CA of that node's certificate"
	return e
}

func (c call) failf(kind node.Kind, format string, args ...any) *node.Error {
	return &node.Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// decodeError reads an error's detail as far as it makes sense: an error about
// the error would hide what happened.
func decodeError(m *chordpb.Error) *node.Error {
	var d decoder
	e := &node.Error{Kind: node.Kind(m.Kind - 1), Text: clean(m.Text, maxText), Remedy: clean(m.Remedy, maxText)}
	if e.Kind < node.Internal || e.Kind > node.Behind {
		e.Kind = node.Internal
	}
	if e.Better = d.optionalPeer("better", m.Better); d.err != nil {
		e.Better = ring.Peer{}
	}
	return e
}
