package app

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"chord/trust"
)

// CheckAddress says what is wrong with the form of a host:port. Names are not
// looked up.
func CheckAddress(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return problem(fmt.Sprintf("%q is not host:port", s), "write a name or an address, a colon and a port, such as 127.0.0.1:4170 or [::1]:4170")
	}
	if strings.ContainsAny(host, " \t\r\n/,@") {
		return problem(fmt.Sprintf("%q is not a host", host), "write a name or an address")
	}
	_, err = parsePort(port, 0)
	return err
}

// parsePort reads a port of at least the given number.
func parsePort(s string, least int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, problem(fmt.Sprintf("port %q is not a number", s), "ports are numbers from 1 to 65535")
	}
	if n < least || n > 65535 {
		return 0, problem(fmt.Sprintf("port %d is out of range", n), "ports are numbers from 1 to 65535")
	}
	return n, nil
}

// unspecified reports whether host means "every address of this machine",
// which is a place to listen at and none to be reached at.
func unspecified(host string) bool {
	if host == "" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsUnspecified()
}

// exposed says which address of host is not a loopback address, or nothing. A
// name is looked up only when look is set; one that does not resolve is an error
// then.
func exposed(ctx context.Context, host string, look bool) (string, error) {
	if unspecified(host) {
		return "any address", nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Unmap().IsLoopback() {
			return "", nil
		}
		return host, nil
	}
	if !look {
		return "", nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", doesNotResolve(host)
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return ip.String(), nil
		}
	}
	return "", nil
}

func doesNotResolve(host string) *Problem {
	return problem(host+" does not resolve", "check the spelling, /etc/hosts and the name server, or give an address")
}

// refuseExposed is an error where hostport reaches beyond this machine and
// nobody said that this is meant.
func (o Options) refuseExposed(ctx context.Context, hostport string, look bool) error {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil // a socket in the file system
	}
	where, err := exposed(ctx, host, look)
	if err != nil || where == "" || o.Insecure || o.mode() == trust.Require {
		return err
	}
	return problem(fmt.Sprintf("%s is not loopback (%s), and nothing protects it", hostport, where),
		"use TLS (`chord tls`), use 127.0.0.1, or accept with --insecure that everybody who reaches the port may read and change all keys")
}

// checkAdvertised is an error where nobody can be reached at hostport.
func checkAdvertised(hostport string) error {
	host, port, err := net.SplitHostPort(hostport)
	if err == nil && unspecified(host) {
		return problem(fmt.Sprintf("%q is not an address at which others reach this node", hostport),
			fmt.Sprintf("give this machine's name or address, such as --advertise %s", net.JoinHostPort("node1.example.org", port)))
	}
	return err
}
