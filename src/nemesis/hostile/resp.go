package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// resp sends the Redis port what no client would.
func resp(ctx context.Context, t target) {
	c := t.dial(ctx, t.redis)
	if c == nil {
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	switch t.rand.IntN(6) {
	case 0:
		c.Write(t.noise(64 << 10))
	case 1:
		for _, absurd := range []string{"*2147483647\r\n", "*-7\r\n", "*1\r\n$9223372036854775807\r\n", "*1\r\n$-5\r\n"} {
			fmt.Fprint(c, absurd)
		}
	case 2:
		fmt.Fprint(c, strings.Repeat("*1\r\n", 10_000))
	case 3:
		fmt.Fprintf(c, "%s\r\n", strings.Repeat("GET ", 64<<10))
	case 4:
		fmt.Fprint(c, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16777216\r\n")
		c.Write(t.noise(1 << 20))
	case 5:
		deaf(c)
	}
	drain(c, 200*time.Millisecond)
}

// deaf asks and asks, and reads nothing.
func deaf(c net.Conn) {
	fmt.Fprintf(c, "*3\r\n$3\r\nSET\r\n$4\r\ndeaf\r\n$65536\r\n%s\r\n", strings.Repeat("x", 64<<10))
	for range 2000 {
		if _, err := fmt.Fprint(c, "*2\r\n$3\r\nGET\r\n$4\r\ndeaf\r\n"); err != nil {
			return
		}
	}
}

// crowd takes as many places as it can.
func crowd(ctx context.Context, t target) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for range 300 {
		if c := t.dial(ctx, t.redis); c != nil {
			fmt.Fprint(c, "*3\r\n$3\r\nSET\r\n$5\r\ncro")
		}
	}
	<-ctx.Done()
}
