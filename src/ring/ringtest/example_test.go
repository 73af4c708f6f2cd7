package ringtest_test

import (
	"fmt"

	"chord/ring/ringtest"
)

// A ring of 1,000 loses a tenth of its nodes, and is whole again soon.
func Example() {
	s := ringtest.Ideal(ringtest.Options{Seed: 1, Nodes: 1000, Fingers: true})
	target := s.RandomID()
	fmt.Println("found:", s.Lookup(0, target).OK)

	s.Fail(0.1)
	_, err := s.Settle(50)
	fmt.Println("at rest again:", err == nil)
	fmt.Println("found:", s.Lookup(s.Random(), target).OK)
	// Output:
	// found: true
	// at rest again: true
	// found: true
}
