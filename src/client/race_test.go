//go:build race

package client

// underRace: rings under the race detector take long; what they show of this
// package, smaller tests do there.
const underRace = true
