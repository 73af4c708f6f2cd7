package metrics

// panel is a panel of the dashboard.
type panel struct {
	title, help string
	kind        string // of Grafana; timeseries where empty
	unit        string // of Grafana; a plain number where empty
	bad, good   string // thresholds of a stat; see steps
	width       int    // of 24; 8 where zero
	queries     []query
}

// query is an expression of PromQL and what its series are called. In it §
// stands for the selection of the dashboard's variables.
type query struct{ expr, legend string }

// section is a row of the dashboard.
type section struct {
	title  string
	panels []panel
}

// rate is the time over which what grows is looked at.
const rate = "[$__rate_interval]"

// quantile is one of a histogram's samples, of all series with the same labels by.
func quantile(q, name, by string) string {
	if by != "" {
		by = ", " + by
	}
	return "histogram_quantile(" + q + ", sum by (le" + by + ") (rate(" + name + "_bucket{§}" + rate + ")))"
}

var sections = []section{
	{"At a glance", []panel{
		{title: "Nodes ready", help: "Joined, filled, and with room for inserts.", kind: "stat", width: 4,
			queries: []query{{"sum(chord_node_ready{§})", "ready"}, {"count(chord_node_ready{§})", "asked"}}},
		{title: "Losses that can be borne", help: "How many more members may go down before writes to some key are refused.", kind: "stat", width: 4, good: "1",
			queries: []query{{"min(chord_replication_bearable_losses{§})", ""}}},
		{title: "Members down", kind: "stat", width: 4, bad: "1",
			queries: []query{{`max(chord_ring_members{§,state="down"})`, ""}}},
		{title: "Buckets without writes", help: "So many members of their groups are down that writes are refused.", kind: "stat", width: 4, bad: "1",
			queries: []query{{"max(chord_replication_refused_buckets{§})", ""}}},
		{title: "Operations", kind: "stat", unit: "ops", width: 4,
			queries: []query{{"sum(rate(chord_operations_total{§}" + rate + "))", ""}}},
		{title: "Next certificate expires in", kind: "stat", unit: "s", width: 4, good: "1209600",
			queries: []query{{"min(chord_tls_certificate_expiry_timestamp_seconds{§} - time())", ""}}},
	}},
	{"Operations", []panel{
		{title: "Operations of clients", unit: "ops",
			queries: []query{{"sum by (operation) (rate(chord_operations_total{§}" + rate + "))", "{{operation}}"}}},
		{title: "Not answered well", help: "By kind of error.", unit: "ops",
			queries: []query{{`sum by (operation, outcome) (rate(chord_operations_total{§,outcome!="ok"}` + rate + "))", "{{operation}}: {{outcome}}"}}},
		{title: "Time of operations", unit: "s", queries: []query{
			{quantile("0.5", "chord_operation_duration_seconds", "operation"), "{{operation}} median"},
			{quantile("0.99", "chord_operation_duration_seconds", "operation"), "{{operation}} 99 %"},
		}},
		{title: "Distribution of the time of operations", kind: "heatmap", unit: "s",
			queries: []query{{"sum by (le) (rate(chord_operation_duration_seconds_bucket{§}" + rate + "))", "{{le}}"}}},
		{title: "Coordinated and forwarded", help: "What a node does for clients of its own and of other nodes.", unit: "ops", queries: []query{
			{"sum by (operation) (rate(chord_coordinations_total{§}" + rate + "))", "coordinate {{operation}}"},
			{"sum by (operation) (rate(chord_forwards_total{§}" + rate + "))", "forward {{operation}}"},
		}},
		{title: "Work on copies", unit: "ops",
			queries: []query{{"sum by (request, outcome) (rate(chord_copy_requests_total{§}" + rate + "))", "{{request}}: {{outcome}}"}}},
		{title: "Where the time goes, 99 %", unit: "s", width: 24, queries: []query{
			{quantile("0.99", "chord_forward_duration_seconds", "operation"), "forward {{operation}}"},
			{quantile("0.99", "chord_coordination_duration_seconds", "operation"), "coordinate {{operation}}"},
			{quantile("0.99", "chord_copy_request_duration_seconds", "request"), "{{request}} of a copy"},
		}},
	}},
	{"The ring", []panel{
		{title: "Members", help: "As most nodes see them.",
			queries: []query{{"max by (state) (chord_ring_members{§})", "{{state}}"}}},
		{title: "Since the next member answered", unit: "s",
			queries: []query{{"time() - chord_ring_last_stabilise_timestamp_seconds{§}", "{{instance}}"}}},
		{title: "Neighbours and fingers", queries: []query{
			{"sum by (instance) (chord_ring_neighbours{§})", "{{instance}} neighbours"},
			{"chord_ring_fingers{§}", "{{instance}} fingers"},
		}},
		{title: "Joined and ready", queries: []query{
			{"chord_ring_joined{§}", "{{instance}} joined"},
			{"chord_node_ready{§}", "{{instance}} ready"},
		}},
		{title: "Events that wait", queries: []query{{"chord_node_event_queue_length{§}", "{{instance}}"}}},
		{title: "Nodes", kind: "table", queries: []query{
			{"chord_node_info{§}", ""},
			{"chord_build_info{§}", ""},
		}},
	}},
	{"Copies", []panel{
		{title: "Buckets held", help: "How responsibility is spread.",
			queries: []query{{`chord_replication_buckets{§,state="held"}`, "{{instance}}"}}},
		{title: "Buckets not where they should be", help: "All zero at rest.",
			queries: []query{{`sum by (state) (chord_replication_buckets{§,state!="held"})`, "{{state}}"}}},
		{title: "Buckets with members down", queries: []query{
			{"max(chord_replication_thin_buckets{§})", "a member down"},
			{"max(chord_replication_refused_buckets{§})", "too many down"},
		}},
		{title: "Behind", help: "Copies at other members that lack a write.",
			queries: []query{{"chord_replication_owed_buckets{§}", "{{instance}}"}}},
		{title: "Writes on their way", queries: []query{{"chord_replication_writes_in_flight{§}", "{{instance}}"}}},
		{title: "Bytes on their way", unit: "bytes", queries: []query{{"chord_replication_bytes_in_flight{§}", "{{instance}}"}}},
	}},
	{"Repair", []panel{
		{title: "Fetched", unit: "Bps", queries: []query{{"rate(chord_repair_fetched_bytes_total{§}" + rate + ")", "{{instance}}"}}},
		{title: "Buckets compared, keys fetched", unit: "ops", queries: []query{
			{"sum(rate(chord_repair_compared_buckets_total{§}" + rate + "))", "buckets compared"},
			{"sum(rate(chord_repair_fetched_keys_total{§}" + rate + "))", "keys fetched"},
		}},
		{title: "Buckets handed over", unit: "ops", queries: []query{{"rate(chord_replication_released_buckets_total{§}" + rate + ")", "{{instance}}"}}},
		{title: "Since all was compared, since all was read", unit: "s", queries: []query{
			{"time() - (chord_repair_last_round_timestamp_seconds{§} > 0)", "{{instance}} compared"},
			{"time() - (chord_repair_last_scrub_timestamp_seconds{§} > 0)", "{{instance}} read"},
		}},
		{title: "Removed keys", queries: []query{
			{"chord_purge_waiting_keys{§}", "{{instance}} remembered"},
			{"chord_purge_blocking_members{§}", "{{instance}} members missing"},
			{"rate(chord_purge_forgotten_keys_total{§}" + rate + ")", "{{instance}} forgotten a second"},
		}},
		{title: "Damaged buckets", queries: []query{{"chord_repair_damaged_buckets_total{§}", "{{instance}}"}}},
	}},
	{"The database", []panel{
		{title: "Commit and sync, 99 %", unit: "s", queries: []query{
			{quantile("0.99", "chord_store_commit_duration_seconds", "instance"), "{{instance}} commit"},
			{quantile("0.99", "chord_store_sync_duration_seconds", "instance"), "{{instance}} sync"},
		}},
		{title: "Changes a commit", queries: []query{
			{"rate(chord_store_commit_changes_sum{§}" + rate + ") / rate(chord_store_commit_changes_count{§}" + rate + ")", "{{instance}}"},
		}},
		{title: "Written to the log", unit: "Bps", queries: []query{{"rate(chord_store_written_bytes_total{§}" + rate + ")", "{{instance}}"}}},
		{title: "Keys and values", queries: []query{
			{"chord_store_keys{§}", "{{instance}} keys"},
			{"chord_store_values{§}", "{{instance}} values"},
		}},
		{title: "Sizes", unit: "bytes", queries: []query{
			{"chord_store_value_bytes{§}", "{{instance}} values"},
			{"chord_store_file_bytes{§}", "{{instance}} file"},
			{"chord_store_log_bytes{§}", "{{instance}} log"},
		}},
		{title: "Flush of a log, 99 %", unit: "s", queries: []query{{quantile("0.99", "chord_store_flush_duration_seconds", "instance"), "{{instance}}"}}},
		{title: "Changes that wait", queries: []query{{"chord_store_queued_changes{§}", "{{instance}}"}}},
		{title: "The disk does not answer", unit: "s", queries: []query{
			{"chord_store_stalled_seconds{§}", "{{instance}} stalled for"},
			{"time() - chord_store_last_commit_timestamp_seconds{§}", "{{instance}} last commit"},
		}},
		{title: "No room, or not synced", queries: []query{
			{"chord_store_read_only{§}", "{{instance}} no room"},
			{"chord_store_unsynced{§}", "{{instance}} not synced"},
		}},
	}},
	{"The network", []panel{
		{title: "Requests in flight", queries: []query{{"sum by (from) (chord_server_requests_in_flight{§})", "of {{from}}"}}},
		{title: "Turned away", unit: "ops", queries: []query{
			{"sum by (reason) (rate(chord_server_refused_requests_total{§}" + rate + "))", "{{reason}}"},
			{"sum by (reason) (rate(chord_tls_refused_total{§}" + rate + "))", "certificate: {{reason}}"},
			{"sum(rate(chord_server_faults_total{§}" + rate + "))", "faults"},
			{"sum(rate(chord_server_shut_connections_total{§}" + rate + "))", "no room"},
			{"sum(rate(chord_http_refused_connections_total{§}" + rate + "))", "http: no room"},
			{"sum(rate(chord_redis_refused_connections_total{§}" + rate + "))", "Redis: no room"},
			{"sum(rate(chord_redis_refused_logins_total{§}" + rate + "))", "Redis: login"},
		}},
		{title: "Operations to other members", queries: []query{
			{"chord_dialer_queued_operations{§}", "{{instance}} queued"},
			{"chord_dialer_pending_operations{§}", "{{instance}} pending"},
		}},
		{title: "Connections", width: 12, queries: []query{
			{"chord_server_connections{§}", "{{instance}} in"},
			{"chord_dialer_connections{§}", "{{instance}} out"},
			{"chord_http_connections{§}", "{{instance}} http"},
			{"chord_redis_connections{§}", "{{instance}} Redis"},
		}},
		{title: "New connections", width: 12, unit: "ops", queries: []query{
			{"rate(chord_server_accepted_connections_total{§}" + rate + ")", "{{instance}}"},
			{"rate(chord_redis_accepted_connections_total{§}" + rate + ")", "{{instance}} Redis"},
		}},
		{title: "Redis commands", width: 12, unit: "ops", queries: []query{{"rate(chord_redis_commands_total{§}" + rate + ")", "{{instance}}"}}},
	}},
	{"The process", []panel{
		{title: "Processors", queries: []query{{"rate(process_cpu_seconds_total{§}" + rate + ")", "{{instance}}"}}},
		{title: "Memory", unit: "bytes", queries: []query{
			{"process_resident_memory_bytes{§}", "{{instance}} resident"},
			{"go_memstats_heap_inuse_bytes{§}", "{{instance}} heap"},
		}},
		{title: "Goroutines and files", queries: []query{
			{"go_goroutines{§}", "{{instance}} goroutines"},
			{"process_open_fds{§}", "{{instance}} files"},
		}},
	}},
}
