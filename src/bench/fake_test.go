package bench

import (
	"context"
	"sync"
	"time"
)

// fake is a store in memory that takes its time.
type fake struct {
	mu   sync.Mutex
	sets map[string]map[string]bool
	// delay is how long an operation takes that begins now; nothing where nil.
	delay func() time.Duration
	// refuse and lose say what goes wrong with the n-th insert.
	refuse func(n int) error
	lose   func(n int) bool
	single bool // an insert replaces what is there

	inserts, retrieves int
}

func newFake() *fake { return &fake{sets: map[string]map[string]bool{}} }

// taking makes every operation take so long.
func (f *fake) taking(d time.Duration) *fake {
	f.delay = func() time.Duration { return d }
	return f
}

func (f *fake) Insert(ctx context.Context, key, value []byte) error {
	if err := f.wait(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inserts++
	if f.refuse != nil {
		if err := f.refuse(f.inserts); err != nil {
			return err
		}
	}
	if f.lose != nil && f.lose(f.inserts) {
		return nil
	}
	if f.single || f.sets[string(key)] == nil {
		f.sets[string(key)] = map[string]bool{}
	}
	f.sets[string(key)][string(value)] = true
	return nil
}

func (f *fake) Retrieve(ctx context.Context, key []byte) (values [][]byte, err error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.retrieves++
	for v := range f.sets[string(key)] {
		values = append(values, []byte(v))
	}
	return values, nil
}

func (f *fake) wait(ctx context.Context) error {
	if f.delay == nil {
		return ctx.Err()
	}
	select {
	case <-time.After(f.delay()):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// putter is a fake that also keeps one value a key.
type putter struct {
	*fake
	puts, gets int // guarded by mu
}

func (f *putter) Put(ctx context.Context, key, value []byte) error {
	f.mu.Lock()
	f.puts++
	f.single = true
	f.mu.Unlock()
	return f.Insert(ctx, key, value)
}

func (f *putter) Get(ctx context.Context, key []byte) (value []byte, found bool, err error) {
	f.mu.Lock()
	f.gets++
	f.mu.Unlock()
	values, err := f.Retrieve(ctx, key)
	if err != nil || len(values) == 0 {
		return nil, false, err
	}
	return values[0], true, nil
}
