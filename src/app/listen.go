package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// listen opens a port, or takes the listener that was passed in for it: nil
// where there is neither that nor an address.
func (a *App) listen(ctx context.Context, p port) (net.Listener, error) {
	l, address := a.deps.Listeners[p.name], *p.field(&a.opts)
	if l == nil {
		if address == "" && p.name != RingSocket {
			return nil, nil
		}
		if err := a.opts.refuseExposed(ctx, address, true); err != nil {
			return nil, named(p.option, err)
		}
		var err error
		if l, err = new(net.ListenConfig).Listen(ctx, "tcp", address); err != nil {
			return nil, cannotListen(p.option, address, err)
		}
	} else if err := a.opts.refuseExposed(ctx, l.Addr().String(), false); err != nil {
		l.Close()
		return nil, named("socket "+p.name, err)
	}
	return l, nil
}

// named puts the option's name before a problem that is found at start.
func named(option string, err error) error {
	if p, ok := errors.AsType[*Problem](err); ok {
		return &Problem{option, option, p.Text, p.Remedy}
	}
	return err
}

// cannotListen explains what the system said.
func cannotListen(option, address string, err error) error {
	p := &Problem{Option: option, Where: option, Text: fmt.Sprintf("%s: %v", address, err), Remedy: "choose another address with --" + option}
	dns, isDNS := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		p.Text = address + " is in use"
		p.Remedy = "another node may run there already: `ss -ltnp` shows who; stop it or choose another port"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		p.Text = address + " is not an address of this machine"
		p.Remedy = "`ip address` shows which are"
		if option == "listen" {
			p.Remedy += "; to be reached under another, use --advertise"
		}
	case errors.Is(err, syscall.EACCES):
		p.Text = "no permission to listen at " + address
		p.Remedy = "choose a port above 1023, or let systemd open it with a socket unit"
	case isDNS:
		return named(option, doesNotResolve(dns.Name))
	}
	return p
}

// advertised returns the address at which others reach the node that listens
// at l: as told, else where it listens; the port of l where it is left open.
func (a *App) advertised(ctx context.Context, l net.Listener) (string, error) {
	told := a.opts.Advertise
	if told == "" {
		told = a.opts.Listen
		if a.deps.Listeners[RingSocket] != nil {
			told = l.Addr().String()
		}
	}
	host, port, err := net.SplitHostPort(told)
	if err != nil {
		return "", &Problem{"advertise", "advertise", fmt.Sprintf("the socket %s is no address that others can reach", told), "give one with --advertise HOST:PORT"}
	}
	if port == "0" {
		_, port, _ = net.SplitHostPort(l.Addr().String())
		told = net.JoinHostPort(host, port)
	}
	if err := checkAdvertised(told); err != nil {
		return "", named("advertise", err)
	}
	return told, named("advertise", a.opts.refuseExposed(ctx, told, true))
}
