package terminal

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"
	"time"

	"chord/client"
)

// Screen is a terminal that shows frames.
type Screen struct {
	// Keys is where what is typed comes from, byte by byte as in raw mode.
	Keys io.Reader
	Out  io.Writer
	// Style is asked for before each frame: the size may have changed.
	Style func() Style
	// Resized tells that it has; nil: never.
	Resized <-chan os.Signal
}

// What a terminal understands: to another screen and back, with the cursor hidden.
const (
	enter   = "\x1b[?1049h\x1b[?25l"
	leave   = "\x1b[?25h\x1b[?1049l"
	home    = "\x1b[H"
	toRight = "\x1b[K" // clears what was there
	toEnd   = "\x1b[J"
)

// Watch shows what look brings, every so often, until a key or ctx ends it. It
// leaves the screen as it was.
func Watch(ctx context.Context, screen Screen, every time.Duration, look func(context.Context) (client.Survey, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if _, err := io.WriteString(screen.Out, enter); err != nil {
		return err
	}
	defer io.WriteString(screen.Out, leave)
	top := NewTop(every)
	keys, looks := typed(ctx, screen.Keys), make(chan looked)
	go lookEvery(ctx, every, look, looks)
	for {
		if err := screen.draw(top.Frame(screen.Style(), time.Now())); err != nil {
			return err
		}
		select {
		case l := <-looks:
			if !top.Paused() {
				top.Feed(l.survey, l.err, time.Now())
			}
		case key, ok := <-keys:
			if !ok || top.Key(key) {
				return nil
			}
		case <-screen.Resized:
		case <-ctx.Done():
			return nil
		}
	}
}

type looked struct {
	survey client.Survey
	err    error
}

// lookEvery looks at once and then every so often; a look that takes longer is
// waited for.
func lookEvery(ctx context.Context, every time.Duration, look func(context.Context) (client.Survey, error), to chan<- looked) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		s, err := look(ctx)
		select {
		case to <- looked{s, err}:
		case <-ctx.Done():
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// draw writes a frame over the one before, in one piece.
func (s Screen) draw(lines []string) error {
	var b strings.Builder
	b.WriteString(home)
	for i, line := range lines {
		b.WriteString(line + toRight)
		if i < len(lines)-1 {
			b.WriteString("\r\n")
		}
	}
	b.WriteString(toEnd)
	_, err := io.WriteString(s.Out, b.String())
	return err
}

// typed gives keys, each as the bytes that a terminal sends for it, until the
// reader ends.
func typed(ctx context.Context, from io.Reader) <-chan string {
	keys := make(chan string)
	go func() {
		defer close(keys)
		r := bufio.NewReader(from)
		for {
			key, err := readKey(r)
			if err != nil {
				return
			}
			select {
			case keys <- key:
			case <-ctx.Done():
				return
			}
		}
	}()
	return keys
}

// readKey reads one key. The bytes of one that is not a single byte come together.
func readKey(r *bufio.Reader) (string, error) {
	first, err := r.ReadByte()
	if err != nil || first != 0x1b || r.Buffered() == 0 {
		return string(rune(first)), err
	}
	key := []byte{first}
	for r.Buffered() > 0 && len(key) < 16 {
		b, err := r.ReadByte()
		if err != nil {
			return "", err
		}
		key = append(key, b)
		if len(key) > 2 && b >= '@' && b <= '~' { // the end of a sequence
			break
		}
	}
	return string(key), nil
}
