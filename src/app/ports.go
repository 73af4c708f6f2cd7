package app

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
)

// The names of the ports' sockets (FileDescriptorName= of a systemd socket
// unit).
const (
	RingSocket  = "ring"  // nodes and clients of the ring; the one port that every app has
	HTTPSocket  = "http"  // the page, metrics and health
	RedisSocket = "redis" // clients of any language
)

// port is a place at which an app may be reached.
type port struct {
	name   string // of its socket
	option string // with the address of a listener of its own
	field  func(*Options) *string
}

// ports are all that an app knows. The first is the ring's.
var ports = []port{
	{RingSocket, "listen", func(o *Options) *string { return &o.Listen }},
	{HTTPSocket, "http-listen", httpListen},
	{RedisSocket, "redis-listen", redisListen},
}

func knownPort(name string) bool {
	return slices.ContainsFunc(ports, func(p port) bool { return p.name == name })
}

// portNames lists the names of sockets for people.
func portNames() string {
	var names []string
	for _, p := range ports {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// listenAll opens the ports that the options name, or takes the listeners that
// were passed in. Where one cannot be had, none is left open.
func (a *App) listenAll(ctx context.Context) (map[string]net.Listener, error) {
	open := map[string]net.Listener{}
	for _, p := range ports {
		l, err := a.listen(ctx, p)
		if err != nil {
			closeAll(open)
			return nil, err
		}
		if l != nil {
			open[p.name] = l
		}
	}
	return open, nil
}

func closeAll(listeners map[string]net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// PortAddr returns where the app listens at the port of that name, such as
// [HTTPSocket], and nothing where it does not. It is known after [App.Start].
func (a *App) PortAddr(name string) string {
	if l := a.open[name]; l != nil {
		return l.Addr().String()
	}
	return ""
}

// serve has the service answer at every open port. The first that ends, ends
// the run.
func (a *App) serve() {
	var serving sync.WaitGroup
	var once sync.Once
	for name, l := range a.open {
		serving.Go(func() {
			err := a.service.Serve(name, l)
			once.Do(func() {
				a.serveErr = err
				close(a.ended)
			})
		})
	}
	go func() {
		serving.Wait()
		close(a.served)
	}()
}
