package app

import (
	"slices"
	"time"

	"chord/replica"
	"chord/trust"
)

// Kind says what an option's value looks like.
type Kind string

// The kinds of values. In the configuration file [YesNo] is true or false,
// [Addresses] a list of texts, [Number] a number, and everything else a text.
const (
	Text      Kind = "text"
	YesNo     Kind = "yes/no"
	Address   Kind = "host:port"
	Addresses Kind = "host:port,..."
	Duration  Kind = "duration"
	Choice    Kind = "choice"
	Path      Kind = "path"
	HexID     Kind = "identifier"
	Size      Kind = "size"
	Number    Kind = "number"
)

// Option is a row of the table from which flags, file, environment, help,
// manual and check-config are made.
type Option struct {
	Name    string // of the flag and in the file
	Group   string // heading in help and manual
	Kind    Kind
	Default string   // as it would be written
	Else    string   // in words, what an empty default comes to
	Help    string   // a sentence, with the unit where there is one
	Example string   // a value that is valid
	Values  []string // of a Choice

	// set reads a value from text into o; nil for what is about loading itself.
	set func(o *Options, text string) error
	// check judges the option beside the others, once all could be read.
	check func(o Options) error
}

// Env returns the name of the option's environment variable.
func (o Option) Env() string { return envName(o.Name) }

// Table returns all options in the order of the manual.
func Table() []Option { return slices.Clone(table) }

// The headings.
const (
	groupNode    = "Node"
	groupNetwork = "Network"
	groupTLS     = "TLS"
	groupCopies  = "Copies"
	groupStorage = "Storage"
	groupProcess = "Process"
	groupWatch   = "Watching"
	groupLog     = "Log"
)

// logFormats are the values of log-format.
var logFormats = []string{"auto", "text", "json", "journal"}

var table = []Option{
	{
		Name: "ring", Group: groupNode, Kind: Text, Default: "chord", Example: "library",
		Help: "name of the ring; nodes of another ring are refused",
		set:  text("ring", func(o *Options) *string { return &o.Ring }),
	},
	{
		Name: "name", Group: groupNode, Kind: Text, Else: "what the database says, else the certificate, else the advertised address", Example: "node1",
		Help: "name of the node, unique in the ring; its place on the circle is a hash of it, and is kept",
		set:  text("", func(o *Options) *string { return &o.Name }),
	},
	{
		Name: "node-id", Group: groupNode, Kind: HexID, Else: "one of sixteen hashes of the name, at the first start", Example: "8000000000000000000000000000000000000000",
		Help: "pin the node's identifier, 40 hexadecimal digits; with TLS it must be one of the sixteen of its name",
		set:  setNodeID, check: checkPlace,
	},
	{
		Name: "domain", Group: groupNode, Kind: Text, Else: "the advertised host", Example: "rack7",
		Help: "failure domain: what fails together, such as a host or a rack",
		set:  text("", func(o *Options) *string { return &o.Domain }),
	},
	{
		Name: "listen", Group: groupNetwork, Kind: Address, Default: "127.0.0.1:4170", Example: "192.0.2.7:4170",
		Help: "address of the ring port; unused when systemd passes a socket named ring",
		set:  address(func(o *Options) *string { return &o.Listen }), check: checkListen,
	},
	{
		Name: "advertise", Group: groupNetwork, Kind: Address, Else: "the listen address", Example: "node1.example.org:4170",
		Help: "address at which the other nodes reach this one",
		set:  address(func(o *Options) *string { return &o.Advertise }), check: checkAdvertise,
	},
	{
		Name: "bootstrap", Group: groupNetwork, Kind: Addresses, Else: "none: the node begins a ring, unless it was a member of one", Example: "test1:8001,test2:8001",
		Help: "addresses of nodes of the ring, any of which shows the way in",
		set:  setBootstrap,
	},
	{
		Name: "http-listen", Group: groupNetwork, Kind: Address, Else: "none: no page, unless systemd passes a socket named http", Example: "127.0.0.1:8170",
		Help: "address of the http port: the page, health and metrics",
		set:  address(httpListen), check: checkListenAt(httpListen),
	},
	{
		Name: "redis-listen", Group: groupNetwork, Kind: Address, Else: "none, unless systemd passes a socket named redis", Example: "127.0.0.1:6170",
		Help: "address of the Redis port, for clients of any language",
		set:  address(redisListen), check: checkListenAt(redisListen),
	},
	{
		Name: "redis-users", Group: groupNetwork, Kind: Path, Else: "none: who reaches the port may read and write; with TLS, who shows a certificate", Example: "redis-users",
		Help: "file of who may authenticate at the Redis port: lines name:role:hash, the role read, write or admin, the hash bcrypt's; a name alone is a systemd credential",
		set:  func(o *Options, s string) error { o.RedisUsers = s; return nil },
	},
	{
		Name: "connections", Group: groupNetwork, Kind: Number, Default: "4096", Example: "1024",
		Help: "how many connections the ring port accepts at once, 64 to 1000000: half are for clients, a quarter is kept for nodes",
		set:  number(64, 1_000_000, func(o *Options) *int { return &o.Connections }),
	},
	{
		Name: "client-rate", Group: groupNetwork, Kind: Number, Default: "0", Example: "5000",
		Help: "how many operations a second one client may ask of the node: one certificate or, without TLS, one address; 0: any number",
		set:  number(0, 1_000_000, func(o *Options) *int { return &o.ClientRate }),
	},
	{
		Name: "insecure", Group: groupNetwork, Kind: YesNo, Default: "false", Example: "true",
		Help: "allow addresses other than loopback without TLS: everybody who reaches the port may read and change all",
		set:  yesNo(func(o *Options) *bool { return &o.Insecure }),
	},
	{
		Name: "tls", Group: groupTLS, Kind: Choice, Default: autoTLS, Example: "require", Values: append([]string{autoTLS}, trust.Modes()...),
		Help: "who must use TLS; accept: takes plain and TLS, calls plain; prefer: takes both, calls with TLS; require: TLS alone; auto: require where tls-cert is set, else off; read again on SIGHUP",
		set:  setTLS, check: checkTLS,
	},
	{
		Name: "tls-cert", Group: groupTLS, Kind: Path, Else: "none", Example: "/etc/chord/node1.crt",
		Help: "the node's certificate, as PEM; a name without a slash is a systemd credential; read again on SIGHUP and when it changes",
		set:  func(o *Options, s string) error { o.TLSCert = s; return nil },
	},
	{
		Name: "tls-key", Group: groupTLS, Kind: Path, Else: "none", Example: "/etc/chord/node1.key",
		Help: "the key of the certificate, as PEM",
		set:  func(o *Options, s string) error { o.TLSKey = s; return nil },
	},
	{
		Name: "tls-ca", Group: groupTLS, Kind: Path, Else: "none", Example: "/etc/chord/ca.crt",
		Help: "the CAs that are trusted, as PEM: the old and the new one while a ring changes its CA",
		set:  func(o *Options, s string) error { o.TLSCA = s; return nil },
	},
	{
		Name: "replicas", Group: groupCopies, Kind: Number, Default: "3", Example: "5",
		Help: "how many nodes keep a copy of each key, 1 to 16; the same for all nodes of a ring",
		set:  number(1, replica.MaxCopies, func(o *Options) *int { return &o.Replicas }),
	},
	{
		Name: "write-quorum", Group: groupCopies, Kind: Number, Else: "a majority of the replicas: 2 of 3", Example: "2",
		Help: "on how many disks a write is before it is acknowledged; the same for all nodes of a ring",
		set:  number(1, replica.MaxCopies, func(o *Options) *int { return &o.WriteQuorum }), check: checkWriteQuorum,
	},
	{
		Name: "read-quorum", Group: groupCopies, Kind: Number, Else: "a majority of the replicas: 2 of 3", Example: "2",
		Help: "how many copies a read compares; with the write quorum more than there are replicas; the same for all nodes of a ring",
		set:  number(1, replica.MaxCopies, func(o *Options) *int { return &o.ReadQuorum }), check: checkReadQuorum,
	},
	{
		Name: "repair-rate", Group: groupCopies, Kind: Size, Default: "32MiB", Example: "100MiB",
		Help: "how much a node fetches in a second, at most, to mend its copies, with its unit, 64KiB to 16GiB",
		set:  rate(64<<10, 16<<30, func(o *Options) *uint64 { return &o.RepairRate }),
	},
	{
		Name: "purge-after", Group: groupCopies, Kind: Duration, Default: "24h", Example: "1h",
		Help: "for how long removed keys are remembered at least, 1s to 8760h",
		set:  duration(time.Second, 365*24*time.Hour, func(o *Options) *time.Duration { return &o.PurgeAfter }),
	},
	{
		Name: "data", Group: groupStorage, Kind: Path, Else: "$STATE_DIRECTORY, else ~/.local/state/chord/NAME", Example: "/var/lib/chord/node1",
		Help: "directory of the database, made with mode 0700 where it is missing",
		set:  func(o *Options, s string) error { o.Data = s; return nil },
	},
	{
		Name: "reserve", Group: groupStorage, Kind: Size, Else: "5 % of the disk, at most 256MiB", Example: "1GiB",
		Help: "space of the disk that inserts leave free, with its unit; with less, the node only reads and removes; 0: none",
		set:  size(func(o *Options) **uint64 { return &o.Reserve }),
	},
	{
		Name: "no-sync", Group: groupStorage, Kind: YesNo, Default: "false", Example: "true",
		Help: "development only: do not sync to disk, so that a power cut loses what was acknowledged",
		set:  yesNo(func(o *Options) *bool { return &o.NoSync }),
	},
	{
		Name: "period", Group: groupProcess, Kind: Duration, Default: "1s", Example: "500ms",
		Help: "time between two rounds of ring maintenance, 10ms to 1m",
		set:  duration(10*time.Millisecond, time.Minute, func(o *Options) *time.Duration { return &o.Period }),
	},
	{
		Name: "shutdown-timeout", Group: groupProcess, Kind: Duration, Default: "10s", Example: "30s",
		Help: "time to finish what is in flight when told to stop, 100ms to 1h",
		set:  duration(100*time.Millisecond, time.Hour, func(o *Options) *time.Duration { return &o.ShutdownTimeout }),
	},
	{
		Name: "leave-on-stop", Group: groupProcess, Kind: YesNo, Default: "false", Example: "true",
		Help: "hand over all keys and leave the ring when told to stop, however long it takes; not for upgrades",
		set:  yesNo(func(o *Options) *bool { return &o.LeaveOnStop }),
	},
	{
		Name: configOption, Group: groupProcess, Kind: Path, Example: "/etc/chord/node1.json",
		Help: "JSON file with options by these names; flags and environment go before it",
	},
	{
		Name: "pprof", Group: groupWatch, Kind: YesNo, Default: "false", Example: "true",
		Help: "answer below /debug/pprof/ on the http port, which must be a loopback address then",
		set:  yesNo(func(o *Options) *bool { return &o.Pprof }), check: checkPprof,
	},
	{
		Name: "trace-endpoint", Group: groupWatch, Kind: Text, Else: "none: nothing is traced", Example: "http://127.0.0.1:4318",
		Help: "URL of a collector that takes traces by OTLP over HTTP; /v1/traces is added where it has no path",
		set:  setTraceEndpoint,
	},
	{
		Name: "trace-one-in", Group: groupWatch, Kind: Number, Default: "100", Example: "1",
		Help: "of how many operations one is traced, with trace-endpoint, 1 to 1000000; those that the client traces itself always are",
		set:  number(1, 1_000_000, func(o *Options) *int { return &o.TraceOneIn }),
	},
	{
		Name: "log-level", Group: groupLog, Kind: Choice, Default: "info", Example: "debug", Values: []string{"debug", "info", "warn", "error"},
		Help: "least level that is logged; read again from the file on SIGHUP",
		set:  setLogLevel,
	},
	{
		Name: "log-format", Group: groupLog, Kind: Choice, Default: "auto", Example: "json", Values: logFormats,
		Help: "form of the log on standard error; auto: structured fields where the journal reads it, else text",
		set:  setLogFormat,
	},
}

func redisListen(o *Options) *string { return &o.RedisListen }
func httpListen(o *Options) *string  { return &o.HTTPListen }

// configOption is the one option that a file cannot hold.
const configOption = "config"
