package wire

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Whether somebody waits for its end or not, it ends as a context with a
// deadline does.
func TestLimited(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(l *limited, parent context.CancelFunc)
		want error
	}{
		"time":        {func(*limited, context.CancelFunc) { time.Sleep(time.Second) }, context.DeadlineExceeded},
		"end":         {func(l *limited, _ context.CancelFunc) { l.end() }, context.Canceled},
		"parent":      {func(_ *limited, parent context.CancelFunc) { parent() }, context.Canceled},
		"before time": {func(*limited, context.CancelFunc) { time.Sleep(time.Second - 1) }, nil},
	} {
		for _, waited := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				l := limit(parent, time.Second)
				defer l.end()
				if until, ok := l.Deadline(); !ok || time.Until(until) != time.Second {
					t.Errorf("%s: deadline %v", name, until)
				}
				if waited {
					l.Done()
				}
				c.do(l, cancel)
				synctest.Wait()
				if err := l.Err(); err != c.want {
					t.Errorf("%s, waited %v: %v", name, waited, err)
				}
				select {
				case <-l.Done():
					if c.want == nil {
						t.Errorf("%s: done", name)
					}
				default:
					if c.want != nil {
						t.Errorf("%s: not done", name)
					}
				}
			})
		}
	}
}
