//go:build !race

package member

const underRace = false
