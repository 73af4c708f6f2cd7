package app

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"chord/member"
	"chord/node"
)

// fake is a service that does what the test says.
type fake struct {
	ready, failed, left chan struct{}
	err                 error
	alive               func(context.Context) error
	close               func(context.Context) error
	leave               func(context.Context) error

	mu      sync.Mutex
	status  node.Status
	calls   []string // of methods that act, in order
	serving chan struct{}
}

func newFake() *fake {
	return &fake{
		ready: make(chan struct{}), failed: make(chan struct{}), left: make(chan struct{}), serving: make(chan struct{}),
		status: node.Status{Ring: "chord", Members: []member.Member{{State: member.Alive}, {State: member.Down}}, Doing: "joining"},
	}
}

func (f *fake) called(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
}

func (f *fake) doing(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Doing = what
}

func (f *fake) Start(context.Context) error { f.called("start"); return nil }
func (f *fake) Ready() <-chan struct{}      { return f.ready }
func (f *fake) Failed() <-chan struct{}     { return f.failed }
func (f *fake) Left() <-chan struct{}       { return f.left }
func (f *fake) Err() error                  { return f.err }

func (f *fake) Serve(_ string, l net.Listener) error {
	<-f.serving
	return l.Close()
}

func (f *fake) Reload(context.Context, Options) error { return nil }

func (f *fake) Status() node.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

func (f *fake) Alive(ctx context.Context) error {
	if f.alive != nil {
		return f.alive(ctx)
	}
	return nil
}

func (f *fake) Leave(ctx context.Context) error {
	f.called("leave")
	if f.leave != nil {
		return f.leave(ctx)
	}
	return nil
}

func (f *fake) Close(ctx context.Context) error {
	f.called("close")
	defer close(f.serving)
	if f.close != nil {
		return f.close(ctx)
	}
	return nil
}

// run is an app that runs on a fake, with what it said.
type run struct {
	*fake
	app     *App
	signals chan os.Signal
	told    func() []string // what the service manager was told, and forget it
	log     *syncBuffer
	ended   chan error
}

// syncBuffer is a log that can be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startRun runs an app in the bubble of a synctest.
func startRun(t *testing.T, change func(*Options, *Deps)) *run {
	t.Helper()
	r := &run{fake: newFake(), signals: make(chan os.Signal, 2), log: &syncBuffer{}, ended: make(chan error, 1)}
	o := Defaults()
	o.Listen = "127.0.0.1:0"
	log, level := NewLog(Options{LogFormat: "text"}, r.log)
	var mu sync.Mutex
	var told []string
	d := Deps{Log: log, Level: level, Signals: r.signals}
	d.Notify = func(state string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, strings.Split(state, "\n")...)
	}
	r.told = func() []string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		was := told
		told = nil
		return was
	}
	d.open = func(context.Context, Options, string, *slog.Logger) (service, error) { return r.fake, nil }
	if change != nil {
		change(&o, &d)
	}
	r.app = New(o, d)
	go func() { r.ended <- r.app.Run(context.Background()) }()
	synctest.Wait()
	return r
}

// finish stops the run and returns its error.
func (r *run) finish() error {
	r.signals <- syscall.SIGTERM
	return <-r.ended
}

func count(lines []string, prefix string) int {
	n := 0
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}
