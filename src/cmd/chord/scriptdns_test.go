package main

import (
	"context"
	"net"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsVariable holds the address of the name server of a test.
const dnsVariable = "CHORD_TEST_DNS"

// hosts are the names that there are in tests.
var hosts = map[string][4]byte{
	"test1.": {127, 0, 0, 1},
	"test2.": {127, 0, 0, 2},
	"test3.": {127, 0, 0, 3},
	"test4.": {127, 0, 0, 4},
	// A name of another machine; the address is for documentation only.
	"faraway.": {192, 0, 2, 1},
}

// resolverAt asks one name server and nobody else.
func resolverAt(server string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server)
	}}
}

// startDNS serves hosts until the end of the test.
func startDNS(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		question := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(question)
			if err != nil {
				return
			}
			if answer, err := answerDNS(question[:n]); err == nil {
				c.WriteTo(answer, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

func answerDNS(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative, m.RCode = true, true, dnsmessage.RCodeSuccess
	m.Additionals = nil
	for _, q := range m.Questions {
		ip, ok := hosts[q.Name.String()]
		if !ok {
			m.RCode = dnsmessage.RCodeNameError
		}
		if ok && q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: ip},
			})
		}
	}
	return m.Pack()
}

func TestDNSOfScripts(t *testing.T) {
	r := resolverAt(startDNS(t))
	for name, want := range map[string]string{"test1": "127.0.0.1", "test2": "127.0.0.2"} {
		got, err := r.LookupHost(t.Context(), name)
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %v, %v; want %s", name, got, err, want)
		}
	}
	if got, err := r.LookupHost(t.Context(), "nowhere"); err == nil {
		t.Errorf("nowhere resolves to %v", got)
	}
}
