package nodetest

import (
	"context"
	"testing"

	"chord/node"
)

// fake answers as it is told.
type fake struct {
	values [][]byte
	err    error
	during func()
}

func (f fake) Insert(context.Context, []byte, []byte) error {
	if f.during != nil {
		f.during()
	}
	return f.err
}

func (f fake) Remove(ctx context.Context, k, v []byte) error { return f.Insert(ctx, k, v) }

func (f fake) Retrieve(ctx context.Context, k []byte) ([][]byte, error) {
	return f.values, f.Insert(ctx, k, nil)
}

func (f fake) Put(ctx context.Context, k, v []byte) error { return f.Insert(ctx, k, v) }

func (f fake) Delete(ctx context.Context, k []byte) error { return f.Insert(ctx, k, nil) }

func (f fake) Get(ctx context.Context, k []byte) (value []byte, found bool, err error) {
	if err := f.Insert(ctx, k, nil); err != nil || len(f.values) == 0 {
		return nil, false, err
	}
	return f.values[0], true, nil
}

// The checker must tell histories that keep the promise from those that do not.
func TestHistories(t *testing.T) {
	ctx := t.Context()
	sees, seesNothing := fake{values: [][]byte{[]byte("v")}}, fake{}
	unknown, refused := fake{err: &node.Error{Kind: node.Unknown}}, fake{err: &node.Error{Kind: node.Unavailable}}
	during := func(f func()) fake { return fake{during: f} }
	for _, c := range []struct {
		name string
		run  func(h *History)
		ok   bool
	}{
		{"what was inserted is there", func(h *History) { h.Insert(ctx, fake{}, "k", "v"); h.Retrieve(ctx, sees, "k") }, true},
		{"what was inserted is not there", func(h *History) { h.Insert(ctx, fake{}, "k", "v"); h.Retrieve(ctx, seesNothing, "k") }, false},
		{"from nowhere", func(h *History) { h.Retrieve(ctx, sees, "k") }, false},
		{"of another key", func(h *History) { h.Insert(ctx, fake{}, "k", "v"); h.Retrieve(ctx, seesNothing, "other") }, true},
		{"what was removed is there", func(h *History) {
			h.Insert(ctx, fake{}, "k", "v")
			h.Remove(ctx, fake{}, "k", "v")
			h.Retrieve(ctx, sees, "k")
		}, false},
		{"an unknown insert that took effect", func(h *History) { h.Insert(ctx, unknown, "k", "v"); h.Retrieve(ctx, sees, "k") }, true},
		{"an unknown insert that took effect late", func(h *History) {
			h.Insert(ctx, unknown, "k", "v")
			h.Retrieve(ctx, seesNothing, "k")
			h.Retrieve(ctx, sees, "k")
		}, true},
		{"an unknown insert that came and went", func(h *History) {
			h.Insert(ctx, unknown, "k", "v")
			h.Retrieve(ctx, sees, "k")
			h.Retrieve(ctx, seesNothing, "k")
		}, false},
		{"a refused insert that took effect", func(h *History) { h.Insert(ctx, refused, "k", "v"); h.Retrieve(ctx, sees, "k") }, false},
		{"reads during an insert, in order", func(h *History) {
			h.Insert(ctx, during(func() { h.Retrieve(ctx, seesNothing, "k"); h.Retrieve(ctx, sees, "k") }), "k", "v")
		}, true},
		{"reads during an insert, turned round", func(h *History) {
			h.Insert(ctx, during(func() { h.Retrieve(ctx, sees, "k"); h.Retrieve(ctx, seesNothing, "k") }), "k", "v")
		}, false},
		{"what was put last is there", func(h *History) {
			h.Put(ctx, fake{}, "r", "u")
			h.Put(ctx, fake{}, "r", "v")
			h.Get(ctx, sees, "r")
		}, true},
		{"what was put first is there", func(h *History) {
			h.Put(ctx, fake{}, "r", "v")
			h.Put(ctx, fake{}, "r", "u")
			h.Get(ctx, sees, "r")
		}, false},
		{"what was deleted is there", func(h *History) {
			h.Put(ctx, fake{}, "r", "v")
			h.Delete(ctx, fake{}, "r")
			h.Get(ctx, sees, "r")
		}, false},
		{"what was put is not there", func(h *History) { h.Put(ctx, fake{}, "r", "v"); h.Get(ctx, seesNothing, "r") }, false},
		{"an unknown put that took effect late", func(h *History) {
			h.Put(ctx, unknown, "r", "v")
			h.Get(ctx, seesNothing, "r")
			h.Get(ctx, sees, "r")
		}, true},
		{"an unknown put that came and went", func(h *History) {
			h.Put(ctx, unknown, "r", "v")
			h.Get(ctx, sees, "r")
			h.Get(ctx, seesNothing, "r")
		}, false},
		{"a refused put that took effect", func(h *History) { h.Put(ctx, refused, "r", "v"); h.Get(ctx, sees, "r") }, false},
		{"a read that failed says nothing", func(h *History) { h.Put(ctx, fake{}, "r", "v"); h.Get(ctx, refused, "r") }, true},
	} {
		h := &History{}
		c.run(h)
		if err := h.Check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	h := &History{}
	h.Insert(ctx, unknown, "k", "v")
	if h.Errors()[node.Unknown] != 1 || h.Len() != 1 {
		t.Error("errors are not counted:", h.Errors(), h.Len())
	}
}
