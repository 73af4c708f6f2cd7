package node

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Nobody overtakes, who leaves takes nothing with him, and too much is all.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &budget{all: 10}
		first, err := b.take(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		order := make(chan int, 3)
		for i, amount := range []int{50, 2, 3} {
			go func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				back, err := b.take(t.Context(), amount)
				if err != nil {
					t.Error(err)
					return
				}
				order <- i
				time.Sleep(time.Second)
				back()
			}()
		}
		time.Sleep(time.Millisecond * 10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := b.take(ctx, 1); err == nil {
			t.Error("one got something before those who waited")
		}
		if len(order) > 0 {
			t.Error("more than there is was given away")
		}
		first()
		time.Sleep(500 * time.Millisecond)
		if len(order) != 1 || <-order != 0 {
			t.Error("the first did not get all, alone")
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if len(order) != 2 || b.used != 0 || len(b.waiting) != 0 {
			t.Errorf("%d served, %d used, %d wait", len(order), b.used, len(b.waiting))
		}
	})
}
