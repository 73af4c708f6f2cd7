//go:build !race

package floor

// usual is how many seeds run unasked.
const usual = 2
