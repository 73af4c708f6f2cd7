package metrics

import "strings"

var wireTable = in("The network",
	Metric{
		Name: "chord_server_requests_in_flight", Type: Gauge, Unit: "requests", Labels: []string{"from"},
		Help: "Requests that the ring port works on: of clients, of nodes for their clients or to fill copies, of coordinators on copies here. More than 1,024 of each are refused.",
		read: func(s *snapshot, e emit) {
			e(float64(s.server.Clients), "clients")
			e(float64(s.server.Nodes), "nodes")
			e(float64(s.server.Copies), "coordinators")
		},
	},
	Metric{
		Name: "chord_server_connections", Type: Gauge, Unit: "connections",
		Help: "Open connections to the ring port.",
		read: one(func(s *snapshot) int { return s.server.Connections }),
	},
	Metric{
		Name: "chord_server_accepted_connections_total", Type: Counter, Unit: "connections",
		Help: "Connections that the ring port has accepted.",
		read: one(func(s *snapshot) uint64 { return s.server.Accepted }),
	},
	Metric{
		Name: "chord_server_shut_connections_total", Type: Counter, Unit: "connections",
		Help: "Connections closed, and calls refused, for want of room before anything was read.",
		read: one(func(s *snapshot) uint64 { return s.server.Shut }),
	},
	Metric{
		Name: "chord_server_refused_requests_total", Type: Counter, Unit: "requests", Labels: []string{"reason"},
		Help: "Requests and streams that were turned away before they were looked at, by kind of error.",
		read: func(s *snapshot, e emit) {
			for _, kind := range sortedKeys(s.server.Refused) {
				e(float64(s.server.Refused[kind]), label(kind.String()))
			}
		},
	},
	Metric{
		Name: "chord_server_faults_total", Type: Counter, Unit: "requests",
		Help: "Requests that met a fault of the program; the log says more.",
		read: one(func(s *snapshot) uint64 { return s.server.Faults }),
	},
	Metric{
		Name: "chord_dialer_connections", Type: Gauge, Unit: "connections",
		Help: "Connections to other members.",
		read: one(func(s *snapshot) int { return s.outgoing.Connections }),
	},
	Metric{
		Name: "chord_dialer_queued_operations", Type: Gauge, Unit: "requests",
		Help: "Operations that wait to be sent to other members.",
		read: one(func(s *snapshot) int { return s.outgoing.Queued }),
	},
	Metric{
		Name: "chord_dialer_pending_operations", Type: Gauge, Unit: "requests",
		Help: "Operations that were sent to other members and are not answered.",
		read: one(func(s *snapshot) int { return s.outgoing.Pending }),
	},
)

// label makes a word of a label's value.
func label(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return '_'
		}
		return r
	}, s)
}

var tlsTable = in("TLS",
	Metric{
		Name: "chord_tls_certificate_expiry_timestamp_seconds", Type: Gauge, Unit: "seconds since 1970", Labels: []string{"certificate"},
		Help: "When certificates in use expire; nothing without TLS.",
		read: func(s *snapshot, e emit) {
			for _, name := range sortedKeys(s.expiry) {
				e(s.expiry[name], name)
			}
		},
	},
	Metric{
		Name: "chord_tls_refused_total", Type: Counter, Unit: "peers", Labels: []string{"reason"},
		Help: "How often somebody was refused for its certificate, or for asking more than its role allows.",
		read: func(s *snapshot, e emit) {
			for _, reason := range sortedKeys(s.strangers) {
				e(float64(s.strangers[reason]), label(reason))
			}
		},
	},
)
