package dashboard

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"chord/node"
)

// policy is what the page may load: its own parts, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guarded keeps browsers from being used against the node: by what they are told
// about the page, and by refusing what a page of another origin asks for.
func guarded(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, &node.Error{Kind: node.PermissionDenied, Text: "a page of another origin asks for this"})
	}))
	next = sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if rebound(r) {
			answer(w, http.StatusMisdirectedRequest, fault{
				Error: r.Host + " is no name of this page", Kind: node.Invalid.String(),
				Hint: "ask for it as localhost or by its address; a proxy in front of it must set the Host header so",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// rebound reports whether a browser was led here under another host's name, as by
// a name server that changed its mind: then a page of that host would read this
// one. Only a loopback address without TLS has no other protection.
func rebound(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if r.TLS != nil || local == nil {
		return false
	}
	if to, err := netip.ParseAddrPort(local.String()); err != nil || !to.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err != nil
}
