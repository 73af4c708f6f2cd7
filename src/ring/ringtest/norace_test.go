//go:build !race

package ringtest

const slowdown = 1
