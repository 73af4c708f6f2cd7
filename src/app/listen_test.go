package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func listener(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// startFake starts an app on a fake, and says under what address.
func startFake(t *testing.T, o Options, listeners map[string]net.Listener) (addr, log string, opened Options, err error) {
	t.Helper()
	buffer := &syncBuffer{}
	logger, _ := NewLog(Options{LogFormat: "text"}, buffer)
	a := New(o, Deps{Log: logger, Listeners: listeners, open: func(_ context.Context, o Options, addr string, _ *slog.Logger) (service, error) {
		opened = o
		return newFake(), nil
	}})
	if err := a.Start(t.Context()); err != nil {
		return "", buffer.String(), opened, err
	}
	t.Cleanup(func() { a.Stop() })
	return a.Addr(), buffer.String(), opened, nil
}

func TestAdvertisedAddress(t *testing.T) {
	o := Defaults()
	o.Listen = "127.0.0.1:0"
	addr, _, _, err := startFake(t, o, nil)
	if err != nil || addr == "127.0.0.1:0" || !strings.HasPrefix(addr, "127.0.0.1:") {
		t.Errorf("own listener: %s, %v", addr, err)
	}
	o.Advertise = "localhost:0"
	if addr, _, _, err = startFake(t, o, nil); err != nil || addr == "localhost:0" || !strings.HasPrefix(addr, "localhost:") {
		t.Errorf("port left open: %s, %v", addr, err)
	}
	l := listener(t, "tcp", "127.0.0.1:0")
	o = Defaults() // listens at another port
	if addr, _, _, err = startFake(t, o, map[string]net.Listener{RingSocket: l}); err != nil || addr != l.Addr().String() {
		t.Errorf("listener passed in: %s, not %s; %v", addr, l.Addr(), err)
	}
	l = listener(t, "unix", filepath.Join(t.TempDir(), "s"))
	if _, _, _, err = startFake(t, o, map[string]net.Listener{RingSocket: l}); err == nil || !strings.Contains(err.Error(), "no address that others can reach") {
		t.Errorf("socket in the file system: %v", err)
	}
}

func TestExposedSocketIsRefused(t *testing.T) {
	l := listener(t, "tcp", "0.0.0.0:0")
	_, _, _, err := startFake(t, Defaults(), map[string]net.Listener{RingSocket: l})
	if err == nil || !strings.Contains(err.Error(), "socket ring: ") || !strings.Contains(err.Error(), "nothing protects it") {
		t.Errorf("got %v", err)
	}
	if l.Close() == nil {
		t.Error("the listener was not closed")
	}
	l = listener(t, "tcp", "0.0.0.0:0")
	o := Defaults()
	o.Insecure, o.Advertise = true, "127.0.0.1:1"
	_, log, _, err := startFake(t, o, map[string]net.Listener{RingSocket: l})
	if err != nil || !strings.Contains(log, "level=WARN msg=\"insecure: everybody") {
		t.Errorf("with --insecure: %v, log %s", err, log)
	}
}

func TestQuietAndDangerousStarts(t *testing.T) {
	o := Defaults()
	o.Listen, o.Insecure = "127.0.0.1:0", true
	if _, log, _, _ := startFake(t, o, nil); strings.Contains(log, "WARN") {
		t.Errorf("warns of a node that only this machine reaches: %s", log)
	}
	o.NoSync = true
	if _, log, _, _ := startFake(t, o, nil); !strings.Contains(log, "nothing is synced") {
		t.Errorf("says nothing of --no-sync: %s", log)
	}
}

func TestNodeIsNotItsOwnBootstrap(t *testing.T) {
	l := listener(t, "tcp", "127.0.0.1:0")
	o := Defaults()
	o.Bootstrap = []string{"127.0.0.1:1", l.Addr().String()}
	_, _, opened, err := startFake(t, o, map[string]net.Listener{RingSocket: l})
	if err != nil || len(opened.Bootstrap) != 1 || opened.Bootstrap[0] != "127.0.0.1:1" {
		t.Errorf("bootstrap %v, %v", opened.Bootstrap, err)
	}
}

func TestListenErrorsHaveRemedies(t *testing.T) {
	system := func(e syscall.Errno) error {
		return &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", e)}
	}
	for _, c := range []struct {
		err  error
		want string
		hint string
	}{
		{system(syscall.EADDRINUSE), "listen: h:1 is in use", "ss -ltnp"},
		{system(syscall.EADDRNOTAVAIL), "listen: h:1 is not an address of this machine", "--advertise"},
		{system(syscall.EACCES), "listen: no permission to listen at h:1", "above 1023"},
		{fmt.Errorf("x: %w", &net.DNSError{Name: "h"}), "listen: h does not resolve", "/etc/hosts"},
		{system(syscall.EMFILE), "listen: h:1: ", "--listen"},
	} {
		err := cannotListen("listen", "h:1", c.err)
		if !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(err.(interface{ Hint() string }).Hint(), c.hint) {
			t.Errorf("%v, %s", err, err.(interface{ Hint() string }).Hint())
		}
	}
}

func TestExposed(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "::ffff:127.0.0.1": false, "localhost": false,
		"": true, "0.0.0.0": true, "::": true, "192.0.2.1": true, "::ffff:192.0.2.1": true, "2001:db8::1": true,
	} {
		where, err := exposed(t.Context(), host, true)
		if err != nil || (where != "") != want {
			t.Errorf("%q: %q, %v", host, where, err)
		}
	}
}

// The http port is there where an address or a socket says so, and nowhere else.
func TestHTTPPort(t *testing.T) {
	if a := startReal(t, realOptions(t)); a.PortAddr(HTTPSocket) != "" || a.PortAddr(RingSocket) != a.Addr() {
		t.Errorf("ports of a node without one: http %q, ring %q", a.PortAddr(HTTPSocket), a.PortAddr(RingSocket))
	}
	o := realOptions(t)
	o.HTTPListen = "127.0.0.1:0"
	a := startReal(t, o)
	await(t, "ready", a.Ready())
	answer, err := http.Get("http://" + a.PortAddr(HTTPSocket) + "/readyz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("readiness: %v, %v", answer, err)
	}
	if err := a.Stop(); err != nil {
		t.Error(err)
	}
}

func TestExposedHTTPPortIsRefused(t *testing.T) {
	l := listener(t, "tcp", "0.0.0.0:0")
	o := Defaults()
	o.Listen = "127.0.0.1:0"
	_, _, _, err := startFake(t, o, map[string]net.Listener{HTTPSocket: l})
	if err == nil || !strings.Contains(err.Error(), "socket http: ") || !strings.Contains(err.Error(), "nothing protects it") {
		t.Errorf("got %v", err)
	}
	if _, err := load(t, nil, nil, `{"http-listen": ":8170"}`); err == nil || !strings.Contains(err.Error(), "option http-listen: ") {
		t.Errorf("in the file: %v", err)
	}
}
