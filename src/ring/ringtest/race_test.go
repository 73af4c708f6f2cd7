//go:build race

package ringtest

// slowdown divides the number of seeds: the race detector costs that much.
const slowdown = 10
