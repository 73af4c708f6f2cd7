//go:build race

package replica

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain runs nothing, unless -run asks for it. This package starts no goroutine and
// shares nothing, and its tests neither: the race detector can find nothing in them.
func TestMain(m *testing.M) {
	flag.Parse()
	if run := flag.Lookup("test.run"); run.Value.String() == "" {
		if err := run.Value.Set("^$"); err != nil {
			panic(err)
		}
		fmt.Println("left out under the race detector: all of it is of one goroutine")
	}
	os.Exit(m.Run())
}
