//go:build !race

package node_test

// joins is how many nodes join under load, cases how many of each table are run.
const (
	joins = 5
	cases = 2
)

// torments are the sizes of the rings whose histories are checked, and with how
// many seeds.
var torments = map[int]int{3: 3, 5: 3}
