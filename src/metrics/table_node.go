package metrics

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"chord/member"
	"chord/node"
	"chord/ring"
)

var nodeTable = in("The node",
	Metric{
		Name: "chord_build_info", Type: Gauge, Labels: []string{"version", "goversion"},
		Help: "Always 1; the labels say which release runs.",
		read: func(s *snapshot, e emit) { e(1, s.version, runtime.Version()) },
	},
	Metric{
		Name: "chord_node_info", Type: Gauge, Labels: []string{"ring", "name", "id", "address", "domain"},
		Help: "Always 1; the labels say which node of which ring this is.",
		read: func(s *snapshot, e emit) {
			self := s.status.Self
			e(1, s.status.Ring, self.Name, self.ID.String(), self.Addr, self.Domain)
		},
	},
	Metric{
		Name: "chord_node_ready", Type: Gauge,
		Help: "Whether the node is joined, has all of its copies and takes inserts; /readyz says why not.",
		read: yes(func(s *snapshot) bool { return s.status.Readiness().OK }),
	},
	Metric{
		Name: "chord_node_event_queue_length", Type: Gauge, Unit: "events",
		Help: "Events that wait for the loop that drives ring and membership.",
		read: one(func(s *snapshot) int { return s.activity.Events }),
	},
)

// latencies bound what a request may take, in seconds: from a read in memory to
// the time limit of a call.
var latencies = []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}

var operationTable = in("Operations",
	outcomes("chord_operations_total", node.Asked, "operation", "Operations that clients asked of this node, by what came of them."),
	durations("chord_operation_duration_seconds", "operation", "Time from a client's request to its answer at this node."),
	outcomes("chord_coordinations_total", node.Coordinated, "operation", "Operations that this node coordinated as a holder of the key, for its own clients and for other nodes'."),
	durations("chord_coordination_duration_seconds", "operation", "Time that coordinating took: the own copy, and as many others as a quorum lacks."),
	outcomes("chord_forwards_total", node.Forwarded, "operation", "Operations that this node had another one coordinate, once for each that it asked."),
	durations("chord_forward_duration_seconds", "operation", "Time from passing an operation on to its answer."),
	outcomes("chord_copy_requests_total", node.Written, "request", "Writes and reads of copies here that coordinators asked for."),
	durations("chord_copy_request_duration_seconds", "request", "Time that they took; of a write until it was on disk."),
)

// outcomes is a metric of how many requests of a role came to what end.
func outcomes(name string, role node.Role, label, help string) Metric {
	return Metric{
		Name: name, Type: Counter, Unit: "requests", Labels: []string{label, "outcome"}, Help: help,
		read: func(s *snapshot, e emit) { s.tally.read(role, e) },
	}
}

func durations(name, label, help string) Metric {
	return Metric{Name: name, Type: Histogram, Unit: "seconds", Labels: []string{label}, Help: help, bounds: latencies}
}

var ringTable = in("The ring",
	Metric{
		Name: "chord_ring_joined", Type: Gauge,
		Help: "Whether the node has its place on the ring.",
		read: yes(func(s *snapshot) bool { return s.status.View.Phase == ring.Member }),
	},
	Metric{
		Name: "chord_ring_members", Type: Gauge, Unit: "members", Labels: []string{"state"},
		Help: "Members that this node knows, itself among them, by what it believes of them. Who has left is remembered for 30 days.",
		read: func(s *snapshot, e emit) {
			count := map[member.State]int{}
			for _, m := range s.status.Members {
				count[m.State]++
			}
			for state := member.Alive; state <= member.Forgotten; state++ {
				e(float64(count[state]), state.String())
			}
		},
	},
	Metric{
		Name: "chord_ring_neighbours", Type: Gauge, Unit: "members", Labels: []string{"side"},
		Help: "Entries of the successor list, at most 16, and whether there is a predecessor; a ring of one has neither.",
		read: func(s *snapshot, e emit) {
			v := s.status.View
			others := slices.DeleteFunc(slices.Clone(v.Successors), func(p ring.Peer) bool { return p.ID == v.Self.ID })
			e(float64(len(others)), "successor")
			e(truth(!v.Predecessor.IsZero() && v.Predecessor.ID != v.Self.ID), "predecessor")
		},
	},
	Metric{
		Name: "chord_ring_fingers", Type: Gauge, Unit: "members",
		Help: "Distinct fingers.",
		read: one(func(s *snapshot) int { return len(s.status.View.Fingers) }),
	},
	Metric{
		Name: "chord_ring_last_stabilise_timestamp_seconds", Type: Gauge, Unit: "seconds since 1970",
		Help: "When the next member on the ring answered last; now, for a ring of one.",
		read: one(func(s *snapshot) float64 {
			v := s.status.View
			if v.Phase == ring.Member && len(v.Successors) > 0 && v.Successors[0].ID == v.Self.ID {
				return at(time.Now())
			}
			return at(s.activity.Stabilised)
		}),
	},
)

// at is a time as metrics give it; zero stays zero.
func at(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1e3
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
