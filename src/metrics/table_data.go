package metrics

var copyTable = in("Copies",
	Metric{
		Name: "chord_replication_buckets", Type: Gauge, Unit: "buckets", Labels: []string{"state"},
		Help: "Of the 65,536 buckets of the ring: held here with a synced copy, wanted and not filled yet, surplus and to be handed over, and of these kept in the place of a dead member.",
		read: func(s *snapshot, e emit) {
			b := s.status.Buckets
			e(float64(b.Held), "held")
			e(float64(b.Wanted), "wanted")
			e(float64(b.Moving), "surplus")
			e(float64(b.StandIns), "stand_in")
		},
	},
	Metric{
		Name: "chord_replication_thin_buckets", Type: Gauge, Unit: "buckets",
		Help: "Buckets of the whole ring of which a member that should have a copy is down, as this node sees it.",
		read: one(func(s *snapshot) int { return s.status.Margin.Thin }),
	},
	Metric{
		Name: "chord_replication_refused_buckets", Type: Gauge, Unit: "buckets",
		Help: "Buckets of the whole ring of which so many are down that writes are refused.",
		read: one(func(s *snapshot) int { return s.status.Margin.Refused }),
	},
	Metric{
		Name: "chord_replication_bearable_losses", Type: Gauge, Unit: "members",
		Help: "How many more members may go down, whichever they are, before writes to some bucket are refused.",
		read: one(func(s *snapshot) int { return s.status.Margin.Losses }),
	},
	Metric{
		Name: "chord_replication_owed_buckets", Type: Gauge, Unit: "buckets",
		Help: "Copies of buckets at other members that lack a write which this node coordinated.",
		read: one(func(s *snapshot) int { return s.activity.Owed }),
	},
	Metric{
		Name: "chord_replication_writes_in_flight", Type: Gauge, Unit: "requests",
		Help: "Writes on their way to copies at other members.",
		read: one(func(s *snapshot) int { return s.activity.Writes }),
	},
	Metric{
		Name: "chord_replication_bytes_in_flight", Type: Gauge, Unit: "bytes",
		Help: "What these bring.",
		read: one(func(s *snapshot) int { return s.activity.WriteBytes }),
	},
	Metric{
		Name: "chord_replication_released_buckets_total", Type: Counter, Unit: "buckets",
		Help: "Buckets that were handed over: confirmed by all who should have them, and let go here.",
		read: one(func(s *snapshot) uint64 { return s.activity.Released }),
	},
)

var repairTable = in("Repair",
	Metric{
		Name: "chord_repair_compared_buckets_total", Type: Counter, Unit: "buckets",
		Help: "Buckets whose copies were compared with another member's.",
		read: one(func(s *snapshot) uint64 { return s.status.Repair.Compared }),
	},
	Metric{
		Name: "chord_repair_fetched_keys_total", Type: Counter, Unit: "keys",
		Help: "Keys, or pieces of large ones, that were fetched to fill and mend copies here.",
		read: one(func(s *snapshot) uint64 { return s.status.Repair.Keys }),
	},
	Metric{
		Name: "chord_repair_fetched_bytes_total", Type: Counter, Unit: "bytes",
		Help: "What they brought.",
		read: one(func(s *snapshot) uint64 { return s.status.Repair.Bytes }),
	},
	Metric{
		Name: "chord_repair_last_round_timestamp_seconds", Type: Gauge, Unit: "seconds since 1970",
		Help: "When all copies here were compared last; 0: not yet.",
		read: one(func(s *snapshot) float64 { return at(s.status.Repair.Round) }),
	},
	Metric{
		Name: "chord_repair_last_scrub_timestamp_seconds", Type: Gauge, Unit: "seconds since 1970",
		Help: "When all rows of the database were read and checked last; 0: never.",
		read: one(func(s *snapshot) float64 { return at(s.status.Repair.Scrubbed) }),
	},
	Metric{
		Name: "chord_repair_damaged_buckets_total", Type: Counter, Unit: "buckets",
		Help: "Buckets in which damaged rows were found.",
		read: one(func(s *snapshot) uint64 { return s.status.Repair.Damaged }),
	},
	Metric{
		Name: "chord_purge_waiting_keys", Type: Gauge, Unit: "keys",
		Help: "Removed keys that are remembered still.",
		read: one(func(s *snapshot) int { return s.status.Purge.Waiting }),
	},
	Metric{
		Name: "chord_purge_blocking_members", Type: Gauge, Unit: "members",
		Help: "Members that must be back, or be forgotten, before more removed keys are forgotten.",
		read: one(func(s *snapshot) int { return len(s.status.Purge.Blocked) }),
	},
	Metric{
		Name: "chord_purge_forgotten_keys_total", Type: Counter, Unit: "keys",
		Help: "Removed keys that were forgotten.",
		read: one(func(s *snapshot) uint64 { return s.status.Purge.Keys }),
	},
)

var storeTable = in("The database",
	Metric{
		Name: "chord_store_keys", Type: Gauge, Unit: "keys",
		Help: "Keys with at least one value, surplus ones among them.",
		read: one(func(s *snapshot) uint64 { return s.store.Keys }),
	},
	Metric{
		Name: "chord_store_values", Type: Gauge, Unit: "values",
		Help: "Their values.",
		read: one(func(s *snapshot) uint64 { return s.store.Values }),
	},
	Metric{
		Name: "chord_store_value_bytes", Type: Gauge, Unit: "bytes",
		Help: "The sizes of these.",
		read: one(func(s *snapshot) uint64 { return s.store.Bytes }),
	},
	Metric{
		Name: "chord_store_file_bytes", Type: Gauge, Unit: "bytes",
		Help: "Size of the database's file, which never shrinks by itself.",
		read: one(func(s *snapshot) int64 { return s.store.FileBytes }),
	},
	Metric{
		Name: "chord_store_log_bytes", Type: Gauge, Unit: "bytes",
		Help: "What was committed since the log was begun; at 16 MiB it goes into the file.",
		read: one(func(s *snapshot) int64 { return s.store.LogBytes }),
	},
	Metric{
		Name: "chord_store_read_only", Type: Gauge,
		Help: "Whether the disk has no room for inserts.",
		read: yes(func(s *snapshot) bool { return s.store.ReadOnly }),
	},
	Metric{
		Name: "chord_store_unsynced", Type: Gauge,
		Help: "Whether nothing is synced to disk (--no-sync).",
		read: yes(func(s *snapshot) bool { return s.store.Unsynced }),
	},
	Metric{
		Name: "chord_store_queued_changes", Type: Gauge, Unit: "changes",
		Help: "Changes that wait for their commit.",
		read: one(func(s *snapshot) int { return s.store.Queued }),
	},
	Metric{
		Name: "chord_store_stalled_seconds", Type: Gauge, Unit: "seconds",
		Help: "How long the oldest change has waited, where that is longer than a disk takes that works (5 s); else 0.",
		read: one(func(s *snapshot) float64 { return s.store.Stalled.Seconds() }),
	},
	Metric{
		Name: "chord_store_last_commit_timestamp_seconds", Type: Gauge, Unit: "seconds since 1970",
		Help: "When the last commit was on disk.",
		read: one(func(s *snapshot) float64 { return at(s.store.LastCommit) }),
	},
	Metric{
		Name: "chord_store_commit_changes", Type: Histogram, Unit: "changes",
		Help:   "Changes that became durable with one commit.",
		bounds: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096},
	},
	Metric{
		Name: "chord_store_commit_duration_seconds", Type: Histogram, Unit: "seconds",
		Help: "Time of a commit: carrying the changes out, writing them to the log and syncing it.", bounds: latencies,
	},
	Metric{
		Name: "chord_store_sync_duration_seconds", Type: Histogram, Unit: "seconds",
		Help: "Time of its sync alone: what the disk takes.", bounds: latencies,
	},
	Metric{
		Name: "chord_store_written_bytes_total", Type: Counter, Unit: "bytes",
		Help: "What commits wrote to the log.",
		read: one(func(s *snapshot) uint64 { return s.written.Load() }),
	},
	Metric{
		Name: "chord_store_flush_duration_seconds", Type: Histogram, Unit: "seconds",
		Help: "Time in which a full log went into the database's file.", bounds: []float64{0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
	},
)
