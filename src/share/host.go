package share

import (
	"net"
	"net/netip"
)

// HostOf names where a connection comes from. Of IPv6 that is a network of 64 bits,
// in which anybody has as many addresses as he likes.
func HostOf(a net.Addr) string {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return a.String()
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}
