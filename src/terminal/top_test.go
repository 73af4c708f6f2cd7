package terminal

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chord/client"
)

// Frames of rings of four and nine, after some looks.
func TestFrames(t *testing.T) {
	for name, style := range screens {
		if style.Width == 0 {
			continue
		}
		for which, n := range map[string]int{"four": 4, "nine": 9} {
			top := NewTop(time.Second)
			for i := range 5 {
				now := noon.Add(time.Duration(i) * time.Second)
				top.Feed(survey(n, now.Sub(noon)), nil, now)
			}
			golden(t, "top-"+which+"-"+name+".txt", strings.Join(top.Frame(style, noon.Add(4*time.Second)), "\n")+"\n")
		}
	}
}

// A process that starts again begins at zero, which is no negative rate; without an
// answer the last survey stands, with the reason.
func TestFeed(t *testing.T) {
	top := NewTop(time.Second)
	top.Feed(survey(4, 10*time.Second), nil, noon)
	id := survey(4, 0).Members[1].ID
	if top.rates[id].known {
		t.Error("a rate of a single sample")
	}
	top.Feed(survey(4, 12*time.Second), nil, noon.Add(2*time.Second))
	if r := top.rates[id]; r.reads != 100 || r.writes != 7 || r.ops != 214 {
		t.Errorf("%+v", r)
	}
	again := survey(4, time.Second)
	again.Members[1].Status.Since = noon
	top.Feed(again, nil, noon.Add(3*time.Second))
	if top.rates[id].known {
		t.Error("a rate over a restart")
	}
	top.Feed(client.Survey{}, errors.New("nobody answers"), noon.Add(4*time.Second))
	frame := strings.Join(top.Frame(screens["80"], noon), "\n")
	if !strings.Contains(frame, "no answer since 12:00:03") || !strings.Contains(frame, "nobody answers") || !strings.Contains(frame, "node4") {
		t.Error(frame)
	}
}

func TestOrder(t *testing.T) {
	top := NewTop(time.Second)
	for i := range 2 {
		top.Feed(survey(9, time.Duration(i)*time.Second), nil, noon.Add(time.Duration(i)*time.Second))
	}
	first := func() string { return top.sorted()[0].Name }
	want := []string{"node1", "a node", "node9", "node1", "node9", "node7", "node1"}
	for i, name := range want {
		if i == int(orders)-3 && top.order != byLatency {
			t.Errorf("sorted by %s", orderNames[top.order])
		}
		if !strings.HasPrefix(first(), name) {
			t.Errorf("by %s the first is %s, want %s", orderNames[top.order], first(), name)
		}
		top.Key("s")
	}
	top.Key("S")
	if top.Key("r"); top.order != byPlace || first() == "node1" {
		t.Errorf("reversed, by %s, the first is %s", orderNames[top.order], first())
	}
}

// Scrolling stays within the list.
func TestScroll(t *testing.T) {
	top := NewTop(time.Second)
	top.Feed(survey(60, 0), nil, noon)
	style := screens["80"]
	top.Key("k")
	top.Frame(style, noon)
	if top.skip != 0 {
		t.Errorf("%d above the first", top.skip)
	}
	for range 20 {
		top.Key("\x1b[6~")
	}
	frame := strings.Join(top.Frame(style, noon), "\n")
	if !strings.Contains(frame, "node60 ") || strings.Contains(frame, "node10 ") {
		t.Error(frame)
	}
	if top.Key("g"); top.skip != 0 {
		t.Error("not at the top")
	}
}

// display is a terminal that keeps what is written to it.
type display struct {
	io.Writer
	frames chan string
}

func (d display) Write(b []byte) (int, error) {
	d.frames <- string(b)
	return len(b), nil
}

// A person looks, resizes, asks for help, and quits; the screen is left as it was.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keyboard, typing := io.Pipe()
		d := display{frames: make(chan string, 100)}
		resized := make(chan os.Signal)
		style := screens["80"]
		looks := 0
		done := make(chan error)
		go func() {
			done <- Watch(t.Context(), Screen{keyboard, d, func() Style { return style }, resized}, time.Second, func(context.Context) (client.Survey, error) {
				looks++
				return survey(4, time.Duration(looks)*time.Second), nil
			})
		}()
		time.Sleep(3500 * time.Millisecond) // in virtual time
		synctest.Wait()
		if looks != 4 || !strings.HasPrefix(<-d.frames, enter) {
			t.Errorf("%d looks", looks)
		}
		last := func() (f string) {
			synctest.Wait()
			for len(d.frames) > 0 {
				f = <-d.frames
			}
			return f
		}
		if f := last(); !strings.HasPrefix(f, home) || !strings.Contains(f, "node4") || !strings.HasSuffix(f, toEnd) || strings.Count(f, "\r\n") != 23 {
			t.Errorf("%q", f)
		}
		style.Height = 10
		resized <- os.Interrupt
		if f := last(); strings.Count(f, "\r\n") != 9 {
			t.Errorf("%q", f)
		}
		io.WriteString(typing, "?")
		if f := last(); !strings.Contains(f, "sort by the next thing") {
			t.Errorf("%q", f)
		}
		io.WriteString(typing, "q") // ends the help
		if f := last(); !strings.Contains(f, "node1") {
			t.Errorf("%q", f)
		}
		io.WriteString(typing, "q")
		if err := <-done; err != nil {
			t.Error(err)
		}
		if f := last(); f != leave {
			t.Errorf("%q", f)
		}
		typing.Close()
	})
}

func TestReadKey(t *testing.T) {
	r := bufio.NewReader(strings.NewReader("q\x1b[A\x1b[6~\x1bOBx\x1b"))
	for _, want := range []string{"q", "\x1b[A", "\x1b[6~", "\x1bOB", "x", "\x1b"} {
		r.Peek(1) // what came together is buffered
		if got, err := readKey(r); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if _, err := readKey(r); err != io.EOF {
		t.Error(err)
	}
}

// Whatever is typed, the view stands.
func FuzzKeys(f *testing.F) {
	f.Add("sSrp?jkg\x1b[A\x1b[6~\x1b[1;5A q", uint8(80), uint8(24))
	f.Fuzz(func(t *testing.T, typed string, width, height uint8) {
		top := NewTop(time.Second)
		top.Feed(survey(9, 0), nil, noon)
		r := bufio.NewReader(strings.NewReader(typed))
		for {
			key, err := readKey(r)
			if err != nil {
				return
			}
			top.Key(key)
			if n := len(top.Frame(Style{Width: int(width), Height: int(height)}, noon)); n > int(height) {
				t.Fatalf("%d lines of %d", n, height)
			}
		}
	})
}
