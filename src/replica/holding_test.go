package replica

import (
	"testing"

	"pgregory.net/rapid"

	"chord/keyspace"
)

func node(n byte) keyspace.ID { return keyspace.ID{n} }

func TestTransitions(t *testing.T) {
	a, b, c := node(1), node(2), node(3)
	handing := Holding{State: Handing, Epoch: 4, To: b}
	gone := Holding{State: Gone, Epoch: 4, To: b, From: a, FromEpoch: 3}
	for _, x := range []struct {
		name      string
		got       func() (Holding, error)
		want      Holding
		wantError error
	}{
		{"freeze what is held", func() (Holding, error) { return Found().Freeze(b) }, Holding{State: Handing, Epoch: 2, To: b}, nil},
		{"freeze what is frozen", func() (Holding, error) { return handing.Freeze(c) }, handing, ErrNotHeld},
		{"freeze what is absent", func() (Holding, error) { return Holding{}.Freeze(c) }, Holding{}, ErrNotHeld},
		{"receive anew", func() (Holding, error) { return Holding{}.Receive(a, 2) }, Holding{State: Held, Epoch: 2, From: a, FromEpoch: 2}, nil},
		{"receive what was here before", func() (Holding, error) { return gone.Receive(b, 5) }, Holding{State: Held, Epoch: 5, From: b, FromEpoch: 5}, nil},
		{"receive on the way out, later", func() (Holding, error) { return handing.Receive(c, 9) }, Holding{State: Held, Epoch: 9, From: c, FromEpoch: 9}, nil},
		{"receive an older hand-over", func() (Holding, error) { return gone.Receive(c, 4) }, gone, ErrStale},
		{"receive a repetition", func() (Holding, error) { return gone.Receive(a, 3) }, gone, nil},
		{"receive another's of that epoch", func() (Holding, error) { return gone.Receive(c, 3) }, gone, ErrStale},
		{"receive an earlier one from there", func() (Holding, error) { return gone.Receive(a, 2) }, gone, ErrStale},
		{"receive epoch zero from nobody", func() (Holding, error) { return Holding{}.Receive(keyspace.ID{}, 0) }, Holding{}, ErrStale},
		{"merge into what is held", func() (Holding, error) { return Found().Receive(c, 9) }, Holding{State: Held, Epoch: 9}, nil},
		{"merge something old", func() (Holding, error) { return Holding{State: Held, Epoch: 9}.Receive(c, 3) }, Holding{State: Held, Epoch: 9}, nil},
		{"confirm", func() (Holding, error) { return handing.Confirm(4), nil }, Holding{State: Gone, Epoch: 4, To: b, Parts: true}, nil},
		{"confirm another one", func() (Holding, error) { return handing.Confirm(3), nil }, handing, nil},
		{"confirm what is held", func() (Holding, error) { return Found().Confirm(1), nil }, Found(), nil},
		{"redirect", func() (Holding, error) { return handing.Redirect(c) }, Holding{State: Handing, Epoch: 4, To: c}, nil},
		{"redirect what is held", func() (Holding, error) { return Found().Redirect(c) }, Found(), ErrNotHeld},
		{"take back", func() (Holding, error) { return handing.TakeBack() }, Holding{State: Held, Epoch: 5}, nil},
		{"take back what is gone", func() (Holding, error) { return gone.TakeBack() }, gone, ErrNotHeld},
		{"prepare", func() (Holding, error) { return gone.Prepare(), nil }, Holding{State: Gone, Epoch: 4, To: b, From: a, FromEpoch: 3, Parts: true}, nil},
		{"prepare what is held", func() (Holding, error) { return Found().Prepare(), nil }, Found(), nil},
		{"clear", func() (Holding, error) { return gone.Prepare().Clear(), nil }, gone, nil},
	} {
		if got, err := x.got(); got != x.want || err != x.wantError {
			t.Errorf("%s: %+v, %v; want %+v, %v", x.name, got, err, x.want, x.wantError)
		}
	}
}

func drawHolding(t *rapid.T) Holding {
	id := func(label string) keyspace.ID {
		return keyspace.ID(rapid.SliceOfN(rapid.Byte(), keyspace.Size, keyspace.Size).Draw(t, label))
	}
	return Holding{
		State: State(rapid.IntRange(0, int(Held)).Draw(t, "state")), Epoch: rapid.Uint64().Draw(t, "epoch"), To: id("to"),
		From: id("from"), FromEpoch: rapid.Uint64().Draw(t, "from epoch"), Parts: rapid.Bool().Draw(t, "parts"),
	}
}

func TestHoldingsSurviveTheDisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHolding(t)
		if got, err := DecodeHolding(h.Encode()); got != h || err != nil {
			t.Fatalf("%+v comes back as %+v, %v", h, got, err)
		}
	})
	if h, err := DecodeHolding(nil); h != (Holding{}) || err != nil {
		t.Error("no record:", h, err)
	}
	if got := (Holding{State: Gone}).State.String(); got != "gone" {
		t.Error(got)
	}
}

// No transition takes an epoch back, whatever the state.
func TestEpochsGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHolding(t)
		h.Epoch %= 1 << 60
		var next Holding
		switch rapid.IntRange(0, 4).Draw(t, "step") {
		case 0:
			next, _ = h.Freeze(node(1))
		case 1:
			next, _ = h.Receive(node(2), rapid.Uint64().Draw(t, "hand-over"))
		case 2:
			next = h.Confirm(h.Epoch)
		case 3:
			next, _ = h.TakeBack()
		case 4:
			next, _ = h.Redirect(node(3))
		}
		if next.Epoch < h.Epoch || next.Epoch == h.Epoch && next.State < h.State {
			t.Fatalf("%+v becomes %+v", h, next)
		}
	})
}

func FuzzDecodeHolding(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(Found().Encode())
	f.Add(Holding{State: Gone, Epoch: 4, To: node(2), From: node(1), FromEpoch: 3, Parts: true}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := DecodeHolding(b)
		if err != nil || len(b) == 0 {
			return
		}
		if got := h.Encode(); string(got) != string(b) {
			t.Fatalf("%x decodes to %+v, which is %x", b, h, got)
		}
	})
}
