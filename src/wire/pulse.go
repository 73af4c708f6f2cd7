package wire

import (
	"context"
	"time"

	"chord/node"
)

var errStalled = &node.Error{
	Kind: node.Unavailable,
	Text: "the stream stood still for " + longestStall.String(),
}

// pulse ends a stream that stands still: a stream may take as long as it
// needs, but a side that went silent must not hold what the other keeps open
// for it.
type pulse struct {
	context.Context
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// newPulse returns a context that ends with ctx, or when nothing has moved for
// longestStall. It must be stopped.
func newPulse(ctx context.Context) *pulse {
	p := &pulse{}
	p.Context, p.cancel = context.WithCancelCause(ctx)
	p.timer = time.AfterFunc(longestStall, func() { p.cancel(errStalled) })
	return p
}

// beat tells that the stream moved.
func (p *pulse) beat() { p.timer.Reset(longestStall) }

func (p *pulse) stop() {
	p.timer.Stop()
	p.cancel(nil)
}

// stalled returns the error of a stream that was ended for standing still, else
// err.
func (p *pulse) stalled(err error) error {
	if err != nil && context.Cause(p.Context) == error(errStalled) {
		return errStalled
	}
	return err
}
