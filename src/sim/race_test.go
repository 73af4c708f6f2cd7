//go:build race

package sim

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// concurrent are the tests that have several points computed side by side; a law of one
// point is of one goroutine, in which the race detector can find nothing.
const concurrent = "^Test(Interrupted|JSON|OnlyWhatIsAsked)$"

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
