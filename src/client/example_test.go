package client_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"

	"chord/app"
	"chord/client"
	"chord/node"
)

// startNode starts a node in this process, a ring of its own, and returns its
// address.
func startNode() (addr string, stop func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	o := app.Defaults()
	o.Listen, o.Data, o.NoSync = "127.0.0.1:0", dir, true
	a := app.New(o, app.Deps{})
	if err := a.Start(context.Background()); err != nil {
		log.Fatal(err)
	}
	<-a.Ready()
	return a.Addr(), func() { a.Stop(); os.RemoveAll(dir) }
}

// A key has a set of values.
func Example() {
	addr, stop := startNode()
	defer stop()
	ctx := context.Background()

	ring, err := client.Open(ctx, []string{addr}, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	for _, colour := range []string{"blue", "green"} {
		if err := ring.Insert(ctx, []byte("color"), []byte(colour)); err != nil {
			log.Fatal(err)
		}
	}
	values, err := ring.Retrieve(ctx, []byte("color"))
	if err != nil {
		log.Fatal(err)
	}
	slices.SortFunc(values, slices.Compare)
	fmt.Printf("%q\n", values)
	// Output: ["blue" "green"]
}

// Put and Get are for keys that have one value each.
func ExampleClient_Put() {
	addr, stop := startNode()
	defer stop()
	ctx := context.Background()
	ring, err := client.Open(ctx, []string{addr}, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	err = ring.Put(ctx, []byte("answer"), []byte("42"))
	switch {
	case client.IsUnknown(err):
		fmt.Println("it may be there or not: get it, and put it again where needed")
	case client.IsUnavailable(err):
		fmt.Println("nothing was changed; later")
	case err != nil:
		log.Fatal(err)
	}
	value, ok, err := ring.Get(ctx, []byte("answer"))
	fmt.Printf("%s %v %v\n", value, ok, err)
	// Output: 42 true <nil>
}

// Many operations at once: each is begun, and all are waited for.
func ExampleClient_Go() {
	addr, stop := startNode()
	defer stop()
	ctx := context.Background()
	ring, err := client.Open(ctx, []string{addr}, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	var calls []*client.Call
	for i := range 100 {
		op := node.Op{Kind: node.Insert, Key: []byte("numbers"), Value: fmt.Append(nil, i)}
		calls = append(calls, ring.Go(ctx, op, nil))
	}
	failed := 0
	for _, call := range calls {
		if _, err := call.Wait(); err != nil {
			failed++
		}
	}
	values, err := ring.Retrieve(ctx, []byte("numbers"))
	fmt.Println(len(values), failed, err)
	// Output: 100 0 <nil>
}

// Scan reads all keys of the ring.
func ExampleClient_Scan() {
	addr, stop := startNode()
	defer stop()
	ctx := context.Background()
	ring, err := client.Open(ctx, []string{addr}, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	ring.Insert(ctx, []byte("sun"), []byte("yellow"))
	for entry, err := range ring.Scan(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", entry.Key, entry.Values)
	}
	// Output: sun: [yellow]
}
