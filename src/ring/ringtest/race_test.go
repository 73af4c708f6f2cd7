//go:build race

package ringtest

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// slowdown divides the number of seeds: the race detector costs that much.
const slowdown = 50

// concurrent are the tests that run simulators side by side; each simulator is of one
// goroutine, in which the race detector can find nothing.
const concurrent = "^Test(Model|Wild)$"

// TestMain runs those, unless -run asks for others.
func TestMain(m *testing.M) {
	flag.Parse()
	if run := flag.Lookup("test.run"); run.Value.String() == "" {
		if err := run.Value.Set(concurrent); err != nil {
			panic(err)
		}
		fmt.Println("under the race detector alone:", concurrent)
	}
	os.Exit(m.Run())
}
