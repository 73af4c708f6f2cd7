package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chord/keyspace"
)

// Options says how a server runs. [Load] fills it in; who makes one by hand
// starts from [Defaults].
type Options struct {
	Version string // of the program, for metrics: no option

	Ring        string      // name of the ring
	Name        string      // name of the node; empty: what the database says, else the certificate, else the advertised address
	Listen      string      // host:port of the ring port; port 0: any
	Advertise   string      // host:port at which others reach it; empty: Listen
	RedisListen string      // host:port of the Redis port; empty: none, unless systemd passes a socket
	RedisUsers  string      // file of those who may authenticate there
	HTTPListen  string      // host:port of the http port; empty: none, unless systemd passes a socket
	Domain      string      // failure domain; empty: the host of Advertise
	Bootstrap   []string    // host:port of nodes of the ring
	NodeID      keyspace.ID // zero: chosen
	Data        string      // directory of the database; empty: see [Options.DataDir]
	Insecure    bool        // without TLS on other than loopback addresses
	TLS         string      // auto, off, accept, prefer or require
	TLSCert     string      // path or credential: the node's certificate
	TLSKey      string      // its key
	TLSCA       string      // the CAs that are trusted
	NoSync      bool        // development only
	Reserve     *uint64     // bytes of the disk that inserts leave free; nil: a share of it
	Period      time.Duration

	Connections int // of the ring port, at once
	ClientRate  int // operations a second of one client; zero: any number

	// The same for all nodes of a ring; see [Options.Quorums].
	Replicas    int
	WriteQuorum int    // zero: a majority
	ReadQuorum  int    // zero: a majority
	RepairRate  uint64 // bytes a second
	PurgeAfter  time.Duration

	ShutdownTimeout time.Duration
	LeaveOnStop     bool

	Pprof         bool   // profiles on the http port
	TraceEndpoint string // where traces are sent; empty: none are made
	TraceOneIn    int    // of how many operations one is traced

	certified string // the name in the certificate

	LogLevel  slog.Level
	LogFormat string // auto, text, json or journal
}

// Defaults returns the options of a server that was told nothing.
func Defaults() Options {
	var o Options
	for _, row := range table {
		if row.set == nil {
			continue
		}
		if err := row.set(&o, row.Default); err != nil {
			panic("app: default of " + row.Name + ": " + err.Error()) // a fault of the table; a test reads all of them
		}
	}
	return o
}

// DatabaseFile is the name of the database in the data directory.
const DatabaseFile = "chord.db"

// DataDir returns the directory of the database: the one that was given, else
// the one that systemd made for the unit, else one of the user's own, named for
// the node. The advertised address stands in for a name that was not given.
func (o Options) DataDir(advertise string) string {
	if o.Data != "" {
		return o.Data
	}
	if dirs := os.Getenv("STATE_DIRECTORY"); dirs != "" {
		dir, _, _ := strings.Cut(dirs, ":")
		return dir
	}
	name := o.Name
	if name == "" {
		name = advertise
	}
	name = strings.ReplaceAll(name, "/", "_")
	if name == "." || name == ".." {
		name = "_" + name
	}
	return filepath.Join(stateHome(), "chord", name)
}

// stateHome follows the XDG base directory specification.
func stateHome() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	return filepath.Join(home, ".local", "state")
}
