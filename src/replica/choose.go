package replica

import "chord/keyspace"

// Choose returns the identifier, of those that a node's name allows it, that
// splits the fullest arc: the one farthest from the nearer of its two
// neighbours, which around names. It is false where there is nobody else.
func Choose(ring, name string, around func(keyspace.ID) (before, after keyspace.ID, ok bool)) keyspace.ID {
	var best, widest keyspace.ID
	for i := range keyspace.NodeChoices {
		id := keyspace.HashNode(ring, name, i)
		before, after, ok := around(id)
		if !ok {
			return id
		}
		gap := before.Distance(id)
		if d := id.Distance(after); d.Compare(gap) < 0 {
			gap = d
		}
		if i == 0 || gap.Compare(widest) > 0 {
			best, widest = id, gap
		}
	}
	return best
}
