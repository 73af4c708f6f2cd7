//go:build !race

package node_test

const (
	joins    = 5
	large    = 5
	torments = 3
	cases    = 2
)
