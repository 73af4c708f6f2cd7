package history

import (
	"fmt"
	"maps"
	"slices"
)

// Copies is what each node itself holds: the values of the keys that have some.
type Copies map[string]map[string][]ID // by the node's name and the key

// Differences says which keys do not lie on exactly so many nodes, or not with
// the same values on all of them. A key that has no value is no difference.
func (c Copies) Differences(copies int) []Violation {
	holders := make(map[string][]string)
	for _, node := range slices.Sorted(maps.Keys(c)) {
		for key, values := range c[node] {
			if len(values) > 0 {
				holders[key] = append(holders[key], node)
			}
		}
	}
	var all []Violation
	for _, key := range slices.Sorted(maps.Keys(holders)) {
		nodes := holders[key]
		if len(nodes) != copies {
			all = append(all, Violation{Fault: Diverged, Key: key, Text: fmt.Sprintf("%d copies instead of %d: %v", len(nodes), copies, nodes)})
			continue
		}
		first := sorted(c[nodes[0]][key])
		for _, node := range nodes[1:] {
			if other := sorted(c[node][key]); !slices.Equal(first, other) {
				all = append(all, Violation{Fault: Diverged, Key: key, Text: fmt.Sprintf("%s has %v, %s has %v", nodes[0], first, node, other)})
				break
			}
		}
	}
	return all
}

func sorted(ids []ID) []ID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}
