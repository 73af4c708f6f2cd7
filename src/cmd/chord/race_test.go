//go:build race

package main

import "time"

// underRace is set where every process is slow for the race detector's sake.
const underRace = true

// patience is how long a script waits for anything before it fails.
const patience = 3 * time.Minute
