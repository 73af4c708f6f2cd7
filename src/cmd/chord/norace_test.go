//go:build !race

package main

import "time"

const underRace = false

// patience is how long a script waits for anything before it fails.
const patience = time.Minute
