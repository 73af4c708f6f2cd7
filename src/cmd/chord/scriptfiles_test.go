package main

import (
	"bytes"
	"encoding/hex"
	"net"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptType: type NAME WORD... writes a line to the standard input of a process.
func scriptType(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: type NAME WORD...")
	}
	p := processesOf(ts).get(ts, args[0])
	line := []byte(args[1])
	for _, word := range args[2:] {
		line = append(append(line, ' '), word...)
	}
	_, err := p.stdin.Write(append(line, '\n'))
	ts.Check(err)
}

// scriptBytes: bytes FILE HEX writes bytes that an archive cannot hold; bytes
// FILE N x writes so many x.
func scriptBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: bytes FILE HEX|N [x]")
	}
	content, err := hex.DecodeString(args[1])
	if len(args) == 3 {
		var n int
		n, err = strconv.Atoi(args[1])
		content = bytes.Repeat([]byte(args[2]), n)
	}
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), content, 0o600))
}

// scriptSetenv: setenv VAR FILE sets a variable to what a file holds.
func scriptSetenv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setenv VAR FILE")
	}
	ts.Setenv(args[0], ts.ReadFile(args[1]))
}

// scriptDamage: damage FILE changes a byte of every 64 behind the first
// two pages of a database, which say where the others are.
func scriptDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	for i := 2*os.Getpagesize() + 50; i < len(content); i += 64 {
		content[i] ^= 0x40
	}
	ts.Check(os.WriteFile(path, content, 0o600))
}

// scriptSilent: silent VAR sets the variable to a port of 127.0.0.1 where calls
// are let in and never answered.
func scriptSilent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: silent VAR")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ts.Setenv(args[0], port)
}
