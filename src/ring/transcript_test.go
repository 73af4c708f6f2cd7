package ring

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what the transcripts print into testdata")

// TestTranscripts runs testdata/*.txt: conversations of a few nodes. A line that
// starts with "> " is a command, what follows it is what it prints.
//
//	> rings 10 20 30     nodes outside of every ring; L = 3
//	> create 10          an event; the others are: join 20 10, tick 20,
//	                     candidate 10 20, down 10 20, up 10 20 (10 hears of 20)
//	> deliver            messages, first in, first out, until it is quiet
//	> deliver 2          two messages
//	> lose               the first message is lost on its way
//	> kill 20            the node is gone; its calls fail
//	> restart 20         it is there again, outside of every ring
//	> route 10 25        what 10 answers when asked for 25
//	> show               everybody's pointers: predecessor, list
//	> rounds             ticks of all until all pointers are exact
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runTranscript(t, string(want))
			if got == string(want) {
				return
			}
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
			for i := range min(len(g), len(w)) {
				if g[i] != w[i] {
					t.Fatalf("%s:%d: got %q, want %q", file, i+1, g[i], w[i])
				}
			}
			t.Fatalf("%s: %d lines, want %d", file, len(g), len(w))
		})
	}
}

// runTranscript returns the text with the outputs as they are now. Comments and
// empty lines stay.
func runTranscript(t *testing.T, text string) string {
	s := script{network: newNetwork(t)}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		command, ok := strings.CutPrefix(line, "> ")
		switch {
		case ok:
			fmt.Fprintln(&s.out, line)
			s.run(strings.Fields(command))
		case line == "" || strings.HasPrefix(line, "#"):
			fmt.Fprintln(&s.out, line)
		}
	}
	return s.out.String()
}

type script struct {
	*network
	out strings.Builder
}

func (s *script) run(words []string) {
	s.t.Helper()
	args := make([]int, len(words)-1)
	for i, w := range words[1:] {
		args[i], _ = strconv.Atoi(w)
	}
	switch words[0] {
	case "rings":
		for _, n := range args {
			s.add(Config{Self: at(n), Length: 3, NoFingers: true})
		}
	case "restart":
		s.add(Config{Self: at(args[0]), Length: 3, NoFingers: true})
	case "create":
		s.event(args[0], Create{})
	case "join":
		s.event(args[0], Join{peers(args[1:]...)})
	case "tick":
		for _, n := range args {
			s.event(n, Tick{})
		}
	case "candidate":
		s.event(args[0], Candidate{at(args[1])})
	case "down":
		s.event(args[0], down(args[1]))
	case "up":
		s.event(args[0], Up{key(args[1])})
	case "kill":
		s.remove(at(args[0]))
	case "deliver":
		s.deliverAll(args)
	case "lose":
		s.queue[0].answer, s.queue[0].back = nil, true
	case "route":
		fmt.Fprintf(&s.out, "  %s\n", told(s.rings[key(args[0])].Route(key(args[1]))))
	case "show":
		s.show()
	case "rounds":
		fmt.Fprintf(&s.out, "  %d\n", s.until(200))
	default:
		s.t.Fatalf("unknown command %q", words)
	}
}

// event gives node n an event, and says so if it needs contacts.
func (s *script) event(n int, e Event) {
	s.t.Helper()
	r := s.rings[key(n)]
	r.Step(e)
	if r.needContacts {
		fmt.Fprintf(&s.out, "  %d needs contacts\n", n)
	}
	s.drain(r)
}

func (s *script) deliverAll(limit []int) {
	s.t.Helper()
	for i := 0; len(s.queue) > 0 && (len(limit) == 0 || i < limit[0]); i++ {
		m := s.queue[0]
		s.deliver()
		switch {
		case i > 500:
			s.t.Fatal("never quiet")
		case !m.back:
			fmt.Fprintf(&s.out, "  %d -> %s %s\n", m.from[0], name(m.call.To), told(m.call.Request))
		case m.answer != nil && told(m.answer) == "":
		default:
			fmt.Fprintf(&s.out, "  %d <- %s %s\n", m.from[0], name(m.call.To), told(m.answer))
		}
	}
}

// told is how a transcript writes a message.
func told(m any) string {
	switch m := m.(type) {
	case nil:
		return "no answer"
	case AskState:
		return "state?"
	case AskRoute:
		return fmt.Sprintf("route to %d?", m.Target[0])
	case Notify:
		return "notify"
	case State:
		if m.Pending {
			return "pending"
		}
		return fmt.Sprintf("state %s %s", name(m.Predecessor), names(m.Successors))
	case Route:
		switch {
		case m.Pending:
			return "pending"
		case m.Found:
			return "found " + names(m.Hops)
		}
		return "nearer " + names(m.Hops)
	}
	return ""
}

func (s *script) show() {
	for _, id := range s.ids {
		v := s.rings[id].View()
		if v.Phase != Member {
			fmt.Fprintf(&s.out, "  %s %s\n", name(v.Self), v.Phase)
		} else {
			fmt.Fprintf(&s.out, "  %s: %s %s\n", name(v.Self), name(v.Predecessor), names(v.Successors))
		}
	}
}
