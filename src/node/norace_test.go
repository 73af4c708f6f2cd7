//go:build !race

package node_test

// joins is how many nodes join under load.
const joins = 5
