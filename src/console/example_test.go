package console_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"chord/console"
)

// A shell without makers of nodes still explains itself.
func Example() {
	s := console.New(console.Options{
		In:       strings.NewReader("exit\ny\n"),
		Out:      os.Stdout,
		Commands: []string{"help wait", "insertN -key 'two words' -value v"},
	})
	if err := s.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println("commands that failed:", s.Failed())
	// Output:
	// oc > help wait
	// wait: waits before the next command.
	// usage: wait -millis n
	//   -millis n            how long, in milliseconds
	// example: wait -millis 500
	// oc > insertN -key 'two words' -value v
	// error: there is no node: this console is not in a ring
	// hint: become a node first: joinN -bootstrap host:port, or joinN alone for a new ring
	// oc > exit
	// Do you really want to shutdown? (y/n) y
	// commands that failed: 1
}
