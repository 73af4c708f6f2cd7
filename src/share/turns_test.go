package share

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// Who asks for little does not wait for all that another asks for.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewTurns(1)
		s.Enter(t.Context(), "first")
		var came strings.Builder
		enter := func(ctx context.Context, who string) {
			go func() {
				if s.Enter(ctx, who) == nil {
					fmt.Fprint(&came, who)
				}
			}()
			synctest.Wait()
		}
		for range 4 {
			enter(t.Context(), "a")
		}
		ctx, cancel := context.WithCancel(t.Context())
		enter(ctx, "b")
		for _, who := range []string{"c", "c"} {
			enter(t.Context(), who)
		}
		cancel() // who leaves takes no turn
		synctest.Wait()
		for range 6 {
			s.Exit()
			synctest.Wait()
		}
		if came.String() != "acacaa" {
			t.Errorf("they came in the order %s", came.String())
		}
		s.Exit()
		if s.free != 1 || len(s.waiting) != 0 || len(s.order) != 0 {
			t.Errorf("%d free, %v, %v", s.free, s.waiting, s.order)
		}
	})
}
