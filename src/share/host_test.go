package share

import (
	"net"
	"net/netip"
	"testing"
)

func TestHosts(t *testing.T) {
	for from, want := range map[string]string{
		"10.0.0.1:5": "10.0.0.1", "[::ffff:10.0.0.1]:5": "10.0.0.1",
		"[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "[fe80::1%lo]:5": "fe80::/64",
	} {
		if got := HostOf(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))); got != want {
			t.Errorf("%s is of %s", from, got)
		}
	}
}
