package nodetest

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"chord/node"
)

// register is one key's value as a porcupine model: the state is the value that
// is there, or none.
var register = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, _ any) (bool, any) {
		o := input.(*operation)
		switch o.kind {
		case node.Put:
			return true, present(o.value)
		case node.Delete:
			return true, ""
		}
		seen := ""
		if len(o.found) > 0 {
			seen = present(o.found[0])
		}
		return state == seen, state
	},
	DescribeOperation: func(input, _ any) string { return fmt.Sprintf("%+v", *input.(*operation)) },
}

// present is the state of a register that has the value, an empty one too.
func present(value string) string { return "=" + value }

// checkRegisters returns an error if no order explains the operations on a key.
func checkRegisters(ops []*operation) error {
	keys := map[string][]porcupine.Operation{}
	var order []string
	for _, o := range ops {
		if keys[o.key] == nil {
			order = append(order, o.key)
		}
		keys[o.key] = append(keys[o.key], porcupine.Operation{Input: o, Call: int64(o.call), Return: int64(o.end)})
	}
	slices.Sort(order)
	for _, key := range order {
		if !porcupine.CheckOperations(register, keys[key]) {
			text := ""
			for _, o := range keys[key] {
				text += fmt.Sprintf("\n%+v", *o.Input.(*operation))
			}
			return fmt.Errorf("no order explains the operations on register %q:%s", key, text)
		}
	}
	return nil
}
