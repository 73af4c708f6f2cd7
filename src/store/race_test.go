//go:build race

package store_test

// slowdown divides how often a test tries: the race detector costs that much.
const slowdown = 5
