package app

import (
	"context"
	"net/http"
	"net/http/pprof"

	"chord/metrics"
	"chord/trust"
)

// observe has the metrics read from the parts of a node.
func (s *stack) observe(m *metrics.Metrics) {
	m.Observe(metrics.Source{
		Status: s.Node.Status, Activity: s.Node.Activity, Store: s.store.Stats,
		Server: s.server.Stats, Dialer: s.dialer.Stats, HTTP: s.page.Stats, Redis: s.redis.Stats, Expiry: s.expiry, Strangers: s.strangers,
	})
}

// strangers is what the metrics say of who was refused.
func (s *stack) strangers() map[string]uint64 {
	all := map[string]uint64{}
	for reason, n := range s.trust.Refused() {
		all[string(reason)] = n
	}
	return all
}

// profile answers below /debug/pprof/, where that is asked for.
func (o Options) profile() http.Handler {
	if !o.Pprof {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// checkPprof refuses profiles on a port that others reach: they show what is in
// memory, and cost time.
func checkPprof(o Options) error {
	if !o.Pprof || o.HTTPListen == "" {
		return nil
	}
	return o.refuseProfile(o.HTTPListen)
}

func (o Options) refuseProfile(hostport string) error {
	o.Insecure, o.TLS = false, trust.Off.String()
	if o.refuseExposed(context.Background(), hostport, true) == nil {
		return nil
	}
	return problem("profiles are for this machine alone, and "+hostport+" is not loopback", "set http-listen to a loopback address such as 127.0.0.1:8170, or leave pprof out")
}

// checkProfile does the same for the port that is open.
func (a *App) checkProfile() error {
	if !a.opts.Pprof {
		return nil
	}
	at := a.PortAddr(HTTPSocket)
	if at == "" {
		return named("pprof", problem("there is no http port to answer at", "set http-listen, such as 127.0.0.1:8170"))
	}
	return named("pprof", a.opts.refuseProfile(at))
}
