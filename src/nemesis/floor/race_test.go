//go:build race

package floor

// usual is how many seeds run unasked: the race detector is slow.
const usual = 1

var formerly []plan
