package history

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"
)

// access is what a put writes or a get saw; zero is nothing.
type access struct {
	put   bool
	value ID
}

// register is a key that holds one value: linearizable for its puts and gets.
var register = porcupine.Model{
	Init: func() any { return ID(0) },
	Step: func(state, input, output any) (bool, any) {
		if in := input.(access); in.put {
			return true, in.value
		}
		return output.(ID) == state.(ID), state
	},
}

// checkRegister searches an order of a key's puts and gets that explains them
// (Herlihy and Wing 1990). A put of unknown outcome may take effect at any time
// after it began; one that was refused has none.
func checkRegister(r *Result, in Input, key string, ops []Op) {
	var accesses []porcupine.Operation
	from, to := never, Window{}.To
	for _, o := range ops {
		from, to = min(from, o.Call), max(to, o.Return)
		a := porcupine.Operation{ClientId: o.Worker, Input: access{put: o.Kind == Put, value: o.Value}, Call: int64(o.Call), Return: int64(o.Return), Output: ID(0)}
		switch {
		case o.Kind == Put && o.Outcome == Unknown:
			a.Return = int64(never)
		case o.Outcome != Done:
			continue
		case len(o.Saw) > 0:
			a.Output = o.Saw[0]
		}
		accesses = append(accesses, a)
	}
	r.Registers++
	switch porcupine.CheckOperationsTimeout(register, accesses, in.Patience) {
	case porcupine.Unknown:
		r.Undecided++
	case porcupine.Illegal:
		r.add(Violation{
			Fault: Disordered, Key: key, Text: fmt.Sprintf("no order explains its %d puts and gets", len(accesses)), History: slices.Clone(ops),
			Excused: anyTouches(in.Changing, from, to),
		})
	}
}
