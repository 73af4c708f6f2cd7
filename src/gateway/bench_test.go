package gateway

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"chord/node"
)

// still is a node that costs nothing.
type still struct{ *fake }

var stillValue = node.Result{Values: [][]byte{[]byte(strings.Repeat("v", 100))}}

func (still) Operate(context.Context, node.Op) (node.Result, error) { return stillValue, nil }

// What the gateway itself costs, per command: `go test ./gateway -run - -bench .`.
func BenchmarkGateway(b *testing.B) {
	for _, pipeline := range []int{1, 16} {
		for _, command := range []string{"GET", "SET"} {
			b.Run(fmt.Sprintf("%s/%d", command, pipeline), func(b *testing.B) {
				addr, _ := start(b, still{newFake()}, Options{})
				k := dial(b, addr)
				var request strings.Builder
				answer := len("$100\r\n\r\n") + 100
				for i := range pipeline {
					args := []string{command, fmt.Sprint("key", i)}
					if command == "SET" {
						args, answer = append(args, strings.Repeat("v", 100)), len("+OK\r\n")
					}
					request.WriteString(wireForm(args...))
				}
				answers := make([]byte, pipeline*answer)
				b.ReportAllocs()
				for n := 0; n < b.N; n += pipeline {
					k.raw(request.String())
					if _, err := io.ReadFull(k.in, answers); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
