package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chord/share"
)

// cut is a reader that gives so many bytes at a time, at most.
type cut struct {
	rest []byte
	size int
}

func (c *cut) Read(b []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), c.size)], c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// readAll returns the commands in some bytes, and the error that ends them.
func readAll(text []byte, size int, shy bool) (all []string, err error) {
	r := newReader(&cut{text, size}, share.New(8<<20), "host")
	r.shy = shy
	for {
		args, err := r.next()
		if err == errShort {
			err = r.fill()
		} else if err == nil {
			all = append(all, fmt.Sprintf("%q", args))
			r.recycle()
		}
		if err != nil {
			r.release()
			if r.memory.Held() != 0 {
				return all, fmt.Errorf("%d bytes are counted still", r.memory.Held())
			}
			return all, err
		}
	}
}

// FuzzReader feeds bytes to the reader of commands: it comes to an end, takes no
// more memory than it may, and finds the same wherever the bytes are cut.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"PING\r\n", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "*1\r\n$4\r\nPING\r\nSET a \"b c\" 'd'\n*0\r\n*-1\r\n\r\n", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello",
		"*1000000000\r\n", "*1\r\n$1000000000\r\n", "*1\r\n$-1\r\n", "*1\r\n*1\r\n$1\r\na\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "*1\r\n$0\r\n\r\n", "\x16\x03\x01\x02",
		wireForm("SET", "k", strings.Repeat("v", 20_000)),
	} {
		f.Add([]byte(s), 3, false)
	}
	f.Fuzz(func(t *testing.T, text []byte, size int, shy bool) {
		text, size = text[:min(len(text), 64<<10)], max(1, min(size, 1<<16))
		whole, err := readAll(text, max(1, len(text)), shy)
		parts, partsErr := readAll(text, size, shy)
		if !slices.Equal(whole, parts) || fmt.Sprint(err) != fmt.Sprint(partsErr) {
			t.Errorf("in one: %v, %v; in parts of %d: %v, %v", whole, err, size, parts, partsErr)
		}
		var bad *protocolError
		if !errors.Is(err, io.EOF) && !errors.As(err, &bad) && !errors.Is(err, errMemory) {
			t.Errorf("ends with %v", err)
		}
	})
}

// FuzzCommands gives arguments to all commands: each has one answer that can be
// read to its end, in both protocols, and nothing panics.
func FuzzCommands(f *testing.F) {
	for _, c := range commandCases {
		f.Add(uint8(0), strings.Join(strings.Fields(c[0]), "\x00"), true)
	}
	s := New(newFake(), Options{Users: nil})
	f.Fuzz(func(t *testing.T, pick uint8, text string, three bool) {
		var args [][]byte
		for part := range strings.SplitSeq(text, "\x00") {
			args = append(args, []byte(part))
		}
		if pick > 0 {
			args[0] = []byte(s.table.list[int(pick)%len(s.table.list)].name)
		}
		c := newConn(s, nowhere{})
		c.three = three
		calls := make([]call, 1)
		calls[0].reset(c, args)
		c.gatherWave(calls)
		c.wave.finish(s)
		in := bufio.NewReader(bytes.NewReader(calls[0].b))
		if answer, err := readAnswer(in); err != nil {
			t.Fatalf("%q: %v in %q", args, err, calls[0].b)
		} else if strings.HasPrefix(answer, "-ERR internal") {
			t.Fatalf("%q panics", args)
		}
		if rest, _ := io.ReadAll(in); len(rest) > 0 {
			t.Fatalf("%q: %q comes after the answer", args, rest)
		}
	})
}

// FuzzMatch compares patterns with the standard library's, where they mean the
// same.
func FuzzMatch(f *testing.F) {
	for _, c := range [][2]string{{"a*b?c", "axxbyc"}, {"[a-c]x[^d]", "bxe"}, {`\*`, "*"}, {"[", "a"}, {"*a*a*a*a*b", strings.Repeat("a", 50)}, {"[]-a]", "]"}} {
		f.Add([]byte(c[0]), []byte(c[1]))
	}
	plain := regexp.MustCompile(`^(?:[a-z*?.]|\[\^?[a-z]-[a-z]\])*$`)
	f.Fuzz(func(t *testing.T, pattern, s []byte) {
		got := matches(pattern, s)
		if plain.Match(pattern) && !bytes.ContainsAny(s, "/\x80") && isASCII(s) {
			if want, err := path.Match(string(pattern), string(s)); err == nil && got != want && ordered(pattern) {
				t.Errorf("%q fits %q: %v", pattern, s, got)
			}
		}
	})
}

func isASCII(s []byte) bool {
	return !bytes.ContainsFunc(s, func(r rune) bool { return r == 0xfffd || r > 0x7f })
}

// ordered reports whether no range goes backwards: ours takes it both ways.
func ordered(pattern []byte) bool {
	for i := 1; i+1 < len(pattern); i++ {
		if pattern[i] == '-' && pattern[i-1] > pattern[i+1] {
			return false
		}
	}
	return true
}

// FuzzUsers reads files of users: none panics, and what is read has a role.
func FuzzUsers(f *testing.F) {
	f.Add("anna:write:" + hash(f, "x"))
	f.Add("# x\n\n:::")
	f.Fuzz(func(t *testing.T, line string) {
		name, u, err := readUser(line)
		if err == nil && (name == "" || u.role < 1 || u.role > 3) {
			t.Errorf("%q is %q, %v", line, name, u.role)
		}
	})
}
