package sim

import (
	"fmt"
	"slices"

	"chord/keyspace"
	"chord/replica"
)

// circle is who stands where: nodes with one identifier or several.
type circle struct {
	ids   []keyspace.ID // rising
	nodes []int
	// Invariant: first[b] is the first of ids at or after the first identifier of
	// bucket b.
	first []int32
}

// token is an identifier of a node.
type token struct {
	id   keyspace.ID
	node int
}

func newCircle(tokens []token) circle {
	slices.SortFunc(tokens, func(a, b token) int { return a.id.Compare(b.id) })
	c := circle{first: make([]int32, keyspace.Buckets)}
	for _, t := range tokens {
		c.ids, c.nodes = append(c.ids, t.id), append(c.nodes, t.node)
	}
	at := 0
	for b := range c.first {
		for at < len(c.ids) && c.ids[at].Compare(keyspace.Bucket(b).First()) < 0 {
			at++
		}
		c.first[b] = int32(at)
	}
	return c
}

// owner returns the node whose identifier follows id.
func (c *circle) owner(id keyspace.ID) int {
	at := int(c.first[keyspace.BucketOf(id)])
	for at < len(c.ids) && c.ids[at].Compare(id) < 0 {
		at++
	}
	return c.nodes[at%len(c.ids)]
}

// virtual gives each of n nodes so many identifiers, as the paper does.
func virtual(ring string, n, each int) circle {
	var tokens []token
	for i := range n {
		for v := range each {
			tokens = append(tokens, token{keyspace.HashNode(ring, fmt.Sprint("n", i), v), i})
		}
	}
	return newCircle(tokens)
}

// chosen has n nodes join one after the other, each with the best of its
// identifiers.
func chosen(ring string, n int) circle {
	var tokens []token
	var joined []keyspace.ID
	for i := range n {
		id := replica.Choose(ring, fmt.Sprint("n", i), func(id keyspace.ID) (before, after keyspace.ID, ok bool) {
			if len(joined) == 0 {
				return before, after, false
			}
			at, _ := slices.BinarySearchFunc(joined, id, keyspace.ID.Compare)
			return joined[(at+len(joined)-1)%len(joined)], joined[at%len(joined)], true
		})
		at, _ := slices.BinarySearchFunc(joined, id, keyspace.ID.Compare)
		joined = slices.Insert(joined, at, id)
		tokens = append(tokens, token{id, i})
	}
	return newCircle(tokens)
}
