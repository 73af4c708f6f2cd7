package dashboard

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds what a browser should do soon; the machine may be busy.
const patience = 60 * time.Second

// browser is a headless Chromium, spoken to over a pipe by its DevTools protocol.
type browser struct {
	t    *testing.T
	to   io.Writer
	mu   sync.Mutex // guards what follows
	last int
	open map[int]chan answerOf
}

type answerOf struct {
	ID     int
	Result json.RawMessage
	Error  *struct{ Message string }
}

// chromium starts a browser, or skips the test where there is none. It ends with
// the test.
func chromium(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Debian's chromium")
	}
	if testing.Short() || underRace {
		t.Skip("a browser takes seconds; the race detector has nothing to see there that it does not see without")
	}
	ours, theirs := pipe(t)
	answers, write := pipe(t)
	c := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	c.ExtraFiles = []*os.File{ours, write} // its descriptors 3 and 4
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Skipf("chromium does not start: %v", err)
	}
	ours.Close()
	write.Close()
	b := &browser{t: t, to: theirs, open: map[int]chan answerOf{}}
	go b.listen(answers)
	t.Cleanup(func() {
		syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // it and its children
		c.Wait()
	})
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func (b *browser) listen(r io.Reader) {
	for in := bufio.NewReaderSize(r, 1<<20); ; {
		line, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var a answerOf
		if json.Unmarshal(line[:len(line)-1], &a) != nil || a.ID == 0 {
			continue // an event
		}
		b.mu.Lock()
		c := b.open[a.ID]
		delete(b.open, a.ID)
		b.mu.Unlock()
		if c != nil {
			c <- a
		}
	}
}

// call calls a method of the protocol, in a session or none, and reads its result.
func (b *browser) call(session, method string, params map[string]any, result any) {
	b.t.Helper()
	b.mu.Lock()
	b.last++
	id, c := b.last, make(chan answerOf, 1)
	b.open[id] = c
	b.mu.Unlock()
	m := map[string]any{"id": id, "method": method, "params": params}
	if session != "" {
		m["sessionId"] = session
	}
	line, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(line, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case a := <-c:
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(a.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(patience):
		b.t.Fatalf("%s: no answer of the browser", method)
	}
}

// tab is a page that is open.
type tab struct {
	*browser
	session string
}

// visit opens a page in a window of that size, light or dark.
func (b *browser) visit(url string, width, height int, scheme string) *tab {
	b.t.Helper()
	var target struct{ TargetID string }
	b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p := &tab{b, attached.SessionID}
	p.call(p.session, "Page.enable", nil, nil)
	p.resize(width, height)
	p.call(p.session, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{
		{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
	}}, nil)
	p.call(p.session, "Page.navigate", map[string]any{"url": url}, nil)
	p.await(`document.readyState === "complete"`)
	return p
}

func (p *tab) resize(width, height int) {
	p.t.Helper()
	p.call(p.session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
}

// eval returns what an expression is, as JSON has it, waiting for promises.
func (p *tab) eval(expression string, result any) {
	p.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	p.call(p.session, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		p.t.Fatalf("%s: %s", expression, r.ExceptionDetails.Exception.Description)
	}
	if result != nil {
		if err := json.Unmarshal(r.Result.Value, result); err != nil {
			p.t.Fatalf("%s is %s: %v", expression, r.Result.Value, err)
		}
	}
}

// await waits until an expression is true.
func (p *tab) await(condition string) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; {
		var yes bool
		p.eval(`Promise.resolve(`+condition+`).then(Boolean)`, &yes)
		if yes {
			return
		}
		if time.Now().After(end) {
			var text string
			p.eval(`document.body.innerText`, &text)
			p.t.Fatalf("never came true: %s\n%s", condition, text)
		}
		time.Sleep(20 * time.Millisecond) // a look at a condition in another process
	}
}

// text returns the text of an element.
func (p *tab) text(selector string) string {
	p.t.Helper()
	var s string
	p.eval(fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector), &s)
	return s
}

// press presses keys, one after the other.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		code := map[string]int{"Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}[k]
		for _, kind := range []string{"rawKeyDown", "keyUp"} {
			p.call(p.session, "Input.dispatchKeyEvent", map[string]any{"type": kind, "key": k, "code": k, "windowsVirtualKeyCode": code}, nil)
		}
	}
}

// shoot returns a picture of what is seen, as PNG.
func (p *tab) shoot() []byte {
	p.t.Helper()
	var r struct{ Data string }
	p.call(p.session, "Page.captureScreenshot", map[string]any{"format": "png"}, &r)
	b, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// quote writes a text as a script has it.
func quote(s string) string {
	b, _ := json.Marshal(s) // a text
	return string(b)
}
