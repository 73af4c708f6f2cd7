package wire

import (
	"errors"
	"net"
	"sync"
	"time"
)

// listener gives gRPC those connections alone whose caller said a word: one that
// is silent has a goroutine and no buffers, and ends after greetTimeout, or with
// the server.
type listener struct {
	net.Listener
	doors *doors

	begin  sync.Once
	spoken chan *accepted
	failed chan struct{} // closed with err set
	err    error
	closed chan struct{}
	end    sync.Once
}

func newListener(l net.Listener, d *doors) *listener {
	return &listener{
		Listener: l, doors: d,
		spoken: make(chan *accepted), failed: make(chan struct{}), closed: make(chan struct{}),
	}
}

func (l *listener) Accept() (net.Conn, error) {
	l.begin.Do(func() { go l.take() })
	select {
	case a := <-l.spoken:
		return a, nil
	case <-l.failed:
		return nil, l.err
	}
}

// take accepts connections until the listener is closed. Where the system has
// no room for one more, the oldest that proved nothing makes room.
func (l *listener) take() {
	for pause := time.Duration(0); ; {
		c, err := l.Listener.Accept()
		if err == nil {
			pause = 0
			go l.listen(l.doors.enter(c))
			continue
		}
		if t, ok := errors.AsType[interface {
			error
			Temporary() bool
		}](err); !ok || !t.Temporary() {
			l.err = err
			close(l.failed)
			return
		}
		l.doors.makeRoom()
		pause = min(max(5*time.Millisecond, 2*pause), time.Second)
		select {
		case <-time.After(pause):
		case <-l.closed:
		}
	}
}

// listen waits for the first byte of a connection.
func (l *listener) listen(a *accepted) {
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-l.closed:
			a.Close()
		case <-stop:
		}
	}()
	a.Conn.SetReadDeadline(time.Now().Add(greetTimeout))
	if n, err := a.Conn.Read(a.word[:]); n == 0 || err != nil {
		a.Close()
		return
	}
	a.Conn.SetReadDeadline(time.Time{})
	a.spoke = true
	select {
	case l.spoken <- a:
	case <-l.failed:
		a.Close()
	case <-l.closed:
		a.Close()
	}
}

// Close closes the listener and the connections that are still silent.
func (l *listener) Close() error {
	l.end.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
