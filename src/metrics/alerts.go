package metrics

// alert is a rule: when to call somebody, what it means, and what to do.
type alert struct {
	name     string
	expr     string
	wait     string // for how long it must hold
	severity string // critical: people cannot work; warning: they soon may not
	summary  string
	meaning  string
	remedy   string
}

const (
	critical = "critical"
	warning  = "warning"
)

// strangers are the reasons for which who is not of the ring is turned away.
const strangers = `reason=~"wrong_ring|unauthenticated|permission_denied"`

// refusals are outcomes that are nobody's fault but the caller's.
const refusals = `outcome!~"ok|invalid|too_large|unauthenticated|permission_denied"`

var alerts = []alert{
	{
		name: "ChordTargetDown", severity: critical, wait: "2m",
		expr:    "up == 0 and on (job, instance) count_over_time(chord_build_info[1h]) > 0",
		summary: "{{ $labels.instance }} does not answer scrapes any more",
		meaning: "The process, its machine or the way to it is gone.",
		remedy:  "`systemctl status` and the journal of the unit there; *A machine is lost* in operations.md.",
	},
	{
		name: "ChordMemberDown", severity: warning, wait: "5m",
		expr:    `max by (job) (chord_ring_members{state="down"}) > 0`,
		summary: "{{ $value }} members of {{ $labels.job }} are down",
		meaning: "Others cannot reach them. Nothing is lost while losses can be borne.",
		remedy:  "`chord ring` says who. Bring it back, put a machine in its place, or `chord forget` it.",
	},
	{
		name: "ChordNotReady", severity: warning, wait: "15m",
		expr:    "chord_node_ready == 0",
		summary: "{{ $labels.instance }} is not ready",
		meaning: "It is not joined, has not filled its copies, or has no room.",
		remedy:  "`/readyz` of its http port says which; `chord status` says more.",
	},
	{
		name: "ChordNoLossBearable", severity: warning, wait: "10m",
		expr:    `min by (job) (chord_replication_bearable_losses) == 0 and on (job) max by (job) (sum by (job, instance) (chord_ring_members{state=~"alive|suspect|down"})) > 2`,
		summary: "the next loss in {{ $labels.job }} refuses writes",
		meaning: "Of some buckets just as many copies are left as a write needs.",
		remedy:  "Bring back who is down first; then ask why.",
	},
	{
		name: "ChordWritesRefused", severity: critical, wait: "1m",
		expr:    "max by (job) (chord_replication_refused_buckets) > 0",
		summary: "writes to {{ $value }} of 65536 buckets of {{ $labels.job }} are refused",
		meaning: "Too many members that hold these keys are down.",
		remedy:  "Start them. If they are lost for good, *A machine is lost* in operations.md.",
	},
	{
		name: "ChordRingDisagrees", severity: warning, wait: "10m",
		expr:    `max by (job) (sum by (job, instance) (chord_ring_members{state="alive"})) != min by (job) (sum by (job, instance) (chord_ring_members{state="alive"}))`,
		summary: "nodes of {{ $labels.job }} see different members",
		meaning: "The network between some of them is cut, or two rings are scraped as one job.",
		remedy:  "`chord ring --node` at several nodes; look at firewalls and routes between them.",
	},
	{
		name: "ChordNoStabilise", severity: warning, wait: "5m",
		expr:    "time() - chord_ring_last_stabilise_timestamp_seconds > 60 and chord_ring_joined == 1",
		summary: "the next member has not answered {{ $labels.instance }} for a minute",
		meaning: "The ring is not kept in order here.",
		remedy:  "`chord status` names the successor; look at it and at the way to it.",
	},
	{
		name: "ChordCopiesMissing", severity: warning, wait: "1h",
		expr:    `chord_replication_buckets{state="wanted"} > 0`,
		summary: "{{ $labels.instance }} lacks {{ $value }} copies of buckets",
		meaning: "They are filled too slowly, or nobody who has them can be reached.",
		remedy:  "`chord status`: does *repair* go on? A larger `--repair-rate`, or bring back who is down.",
	},
	{
		name: "ChordCopiesBehind", severity: warning, wait: "30m",
		expr:    "chord_replication_owed_buckets > 0",
		summary: "members lack writes that {{ $labels.instance }} coordinated",
		meaning: "A member is down, or cannot keep pace.",
		remedy:  "Its disk and its network, if it is up.",
	},
	{
		name: "ChordErrors", severity: critical, wait: "5m",
		expr:    `sum by (job, instance) (rate(chord_operations_total{` + refusals + `}[5m])) / sum by (job, instance) (rate(chord_operations_total[5m])) > 0.01`,
		summary: "{{ $value | humanizePercentage }} of the operations at {{ $labels.instance }} fail",
		meaning: "Clients are told that a write or read could not be done, or that its outcome is unknown.",
		remedy:  "The outcomes on the dashboard: unavailable: members down; overloaded: too much work; read_only: disks are full.",
	},
	{
		name: "ChordSlow", severity: warning, wait: "10m",
		expr:    "histogram_quantile(0.99, sum by (le, job, instance, operation) (rate(chord_operation_duration_seconds_bucket[5m]))) > 1",
		summary: "one {{ $labels.operation }} in a hundred takes {{ $value | humanizeDuration }} at {{ $labels.instance }}",
		meaning: "Disks, the network, or too much work.",
		remedy:  "*Where the time goes* on the dashboard; a trace (`trace-endpoint`).",
	},
	{
		name: "ChordOverloaded", severity: warning, wait: "10m",
		expr:    `sum by (job, instance) (rate(chord_server_refused_requests_total{reason="overloaded"}[5m])) > 0`,
		summary: "{{ $labels.instance }} turns requests away: it has too much to do",
		meaning: "More than 1,024 requests of a kind are under way.",
		remedy:  "Spread the clients over the nodes, add nodes, or faster disks.",
	},
	{
		name: "ChordStrangers", severity: warning, wait: "10m",
		expr:    `sum by (job, instance) (rate(chord_tls_refused_total[5m])) > 0.1 or sum by (job, instance) (rate(chord_server_refused_requests_total{` + strangers + `}[5m])) > 0.1`,
		summary: "somebody who may not keeps asking {{ $labels.instance }}",
		meaning: "A wrong address or ring, a certificate that is not good, or an attack.",
		remedy:  "The log of the node says who; the firewall.",
	},
	{
		name: "ChordNoRoom", severity: critical, wait: "1m",
		expr:    "chord_store_read_only == 1",
		summary: "{{ $labels.instance }} has no room for inserts",
		meaning: "The disk is full up to the reserve. Reads and removes go on.",
		remedy:  "Room on the disk: it takes inserts again by itself.",
	},
	{
		name: "ChordDiskStalls", severity: critical, wait: "0m",
		expr:    "chord_store_stalled_seconds > 0",
		summary: "the disk of {{ $labels.instance }} has not answered for {{ $value | humanizeDuration }}",
		meaning: "Others take its place meanwhile.",
		remedy:  "The kernel's log; the disk, or what it is reached through.",
	},
	{
		name: "ChordDiskSlow", severity: warning, wait: "15m",
		expr:    "histogram_quantile(0.99, sum by (le, job, instance) (rate(chord_store_sync_duration_seconds_bucket[5m]))) > 0.5",
		summary: "a sync takes {{ $value | humanizeDuration }} at {{ $labels.instance }}",
		meaning: "Every write waits for a sync.",
		remedy:  "Who else uses the disk? Is it about to fail?",
	},
	{
		name: "ChordDamage", severity: critical, wait: "0m",
		expr:    "increase(chord_repair_damaged_buckets_total[1h]) > 0",
		summary: "damaged rows in the database of {{ $labels.instance }}",
		meaning: "What the disk gave back is not what was written. The other copies mend it.",
		remedy:  "Replace the disk.",
	},
	{
		name: "ChordNotScrubbed", severity: warning, wait: "1h",
		expr:    "time() - chord_repair_last_scrub_timestamp_seconds > 1814400 and chord_repair_last_scrub_timestamp_seconds != 0",
		summary: "the database of {{ $labels.instance }} was not read for three weeks",
		meaning: "The weekly reading of all rows does not come to its end.",
		remedy:  "The log; is the disk too slow, or the node restarted too often?",
	},
	{
		name: "ChordNotSynced", severity: warning, wait: "5m",
		expr:    "chord_store_unsynced == 1",
		summary: "{{ $labels.instance }} runs with --no-sync",
		meaning: "A power cut may destroy its database.",
		remedy:  "Take the option out.",
	},
	{
		name: "ChordRemovedRemembered", severity: warning, wait: "1d",
		expr:    "chord_purge_blocking_members > 0",
		summary: "{{ $labels.instance }} cannot forget removed keys",
		meaning: "A member that once had copies is missing; removed keys take room until it is back.",
		remedy:  "`chord status` names it. Bring it back, or `chord forget` it.",
	},
	{
		name: "ChordFaults", severity: warning, wait: "0m",
		expr:    "increase(chord_server_faults_total[1h]) > 0",
		summary: "a request met a fault of the program at {{ $labels.instance }}",
		meaning: "The request failed, the node goes on.",
		remedy:  "Report it with the log (*panic in a request*).",
	},
	{
		name: "ChordCertificateExpiresSoon", severity: warning, wait: "1h",
		expr:    "chord_tls_certificate_expiry_timestamp_seconds - time() < 1209600",
		summary: "the {{ $labels.certificate }} certificate of {{ $labels.instance }} expires in {{ $value | humanizeDuration }}",
		meaning: "Less than two weeks are left.",
		remedy:  "Put a new one in its place; the node takes it by itself.",
	},
	{
		name: "ChordCertificateExpires", severity: critical, wait: "5m",
		expr:    "chord_tls_certificate_expiry_timestamp_seconds - time() < 172800",
		summary: "the {{ $labels.certificate }} certificate of {{ $labels.instance }} expires in {{ $value | humanizeDuration }}",
		meaning: "Less than two days are left. Then nobody talks to the node any more.",
		remedy:  "Put a new one in its place now.",
	},
}
