package metrics

// portTable is of the ports beside the ring's.
var portTable = in("The http and the Redis port",
	Metric{
		Name: "chord_http_connections", Type: Gauge, Unit: "connections",
		Help: "Open connections to the http port; more than 256, and more of one address than its part, are closed.",
		read: one(func(s *snapshot) int { return s.http.Connections }),
	},
	Metric{
		Name: "chord_http_refused_connections_total", Type: Counter, Unit: "connections",
		Help: "Connections to the http port that were closed at once, for want of room.",
		read: one(func(s *snapshot) uint64 { return s.http.Refused }),
	},
	Metric{
		Name: "chord_redis_connections", Type: Gauge, Unit: "connections",
		Help: "Open connections to the Redis port.",
		read: one(func(s *snapshot) int { return s.redis.Clients }),
	},
	Metric{
		Name: "chord_redis_accepted_connections_total", Type: Counter, Unit: "connections",
		Help: "Connections that the Redis port has accepted.",
		read: one(func(s *snapshot) uint64 { return s.redis.Connections }),
	},
	Metric{
		Name: "chord_redis_refused_connections_total", Type: Counter, Unit: "connections",
		Help: "Of these, those that were turned away at once, for want of room.",
		read: one(func(s *snapshot) uint64 { return s.redis.Rejected }),
	},
	Metric{
		Name: "chord_redis_refused_logins_total", Type: Counter, Unit: "logins",
		Help: "Attempts to authenticate at the Redis port that failed.",
		read: one(func(s *snapshot) uint64 { return s.redis.Denied }),
	},
	Metric{
		Name: "chord_redis_commands_total", Type: Counter, Unit: "commands",
		Help: "Commands that the Redis port has answered.",
		read: one(func(s *snapshot) uint64 { return s.redis.Commands }),
	},
)
