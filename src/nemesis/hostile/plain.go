package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

var attacks = map[string]attack{
	"garbage":   {"bytes that mean nothing", garbage, 20 * time.Millisecond},
	"tls":       {"TLS hellos, whole ones and broken ones", hellos, 50 * time.Millisecond},
	"silent":    {"200 connections that say nothing, held for half a minute", silent, 0},
	"flood":     {"connections that are closed at once", flood, 100 * time.Millisecond},
	"slowloris": {"the preface of HTTP/2, a byte at a time", slowloris, 0},
	"http":      {"slow and broken requests to the http port", slowHTTP, 20 * time.Millisecond},
	"resp":      {"the Redis port: noise, absurd lengths, commands without an end, answers that nobody reads", resp, 20 * time.Millisecond},
	"crowd":     {"300 connections to the Redis port that begin a command and end it never", crowd, 5 * time.Second},
	"frames":    {"frames of HTTP/2 with random types, flags, lengths and content", frames, 20 * time.Millisecond},
	"resets":    {"calls that are cancelled at once, over and over (rapid reset)", resets, time.Second},
	"pings":     {"floods of pings and settings", pings, time.Second},
	"headers":   {"headers without an end", headers, 200 * time.Millisecond},
	"streams":   {"1,000 calls at once of which the message never ends", halfCalls, 5 * time.Second},
	"oversized": {"messages that claim to be very large, or are", oversized, 200 * time.Millisecond},
	"messages":  {"calls of all methods with messages that make no sense", messages, 20 * time.Millisecond},
	"watchers":  {"500 streams of the health and the reflection service", watchers, 5 * time.Second},
	"unread":    {"asks for large sets, and reads nothing of the answers", unread, 10 * time.Second},
	"greedy":    {"inserts at 32 connections, as fast as they are answered, for two seconds", greedy, 4 * time.Second},
}

func garbage(ctx context.Context, t target) {
	if c := t.dial(ctx, t.addr); c != nil {
		defer c.Close()
		c.Write(t.noise(64 << 10))
		drain(c, 100*time.Millisecond)
	}
}

func hellos(ctx context.Context, t target) {
	c := t.dial(ctx, t.addr)
	if c == nil {
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Second))
	if t.rand.IntN(2) == 0 {
		tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}).Handshake()
		return
	}
	c.Write(append([]byte{0x16, 3, 1, byte(t.rand.IntN(256)), byte(t.rand.IntN(256)), 1}, t.noise(16<<10)...))
	drain(c, 100*time.Millisecond)
}

func silent(ctx context.Context, t target) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for range 200 {
		t.dial(ctx, t.addr)
	}
	<-ctx.Done()
}

func flood(ctx context.Context, t target) {
	for range 50 {
		if c := t.dial(ctx, t.addr); c != nil {
			if tcp, ok := c.(*net.TCPConn); ok && t.rand.IntN(2) == 0 {
				tcp.SetLinger(0)
			}
			c.Close()
		}
	}
}

func slowloris(ctx context.Context, t target) {
	c := t.dial(ctx, t.addr)
	if c == nil {
		return
	}
	defer c.Close()
	for _, b := range []byte(preface) {
		if _, err := c.Write([]byte{b}); err != nil {
			return
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}

func slowHTTP(ctx context.Context, t target) {
	c := t.dial(ctx, t.http)
	if c == nil {
		return
	}
	defer c.Close()
	switch t.rand.IntN(4) {
	case 0:
		c.Write(t.noise(16 << 10))
	case 1:
		fmt.Fprintf(c, "GET /%x HTTP/1.1\r\nHost: x\r\n", t.noise(8))
		for i := 0; i < 20 && ctx.Err() == nil; i++ {
			fmt.Fprintf(c, "X-%d: slow\r\n", i)
			time.Sleep(100 * time.Millisecond)
		}
	case 2:
		fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
		c.Write(t.noise(64 << 10))
	case 3:
		for _, path := range []string{"/", "/metrics", "/healthz", "/readyz", "/api/ring", "/%2e%2e/etc/passwd"} {
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
		}
	}
	drain(c, 200*time.Millisecond)
}
