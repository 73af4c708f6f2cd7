package gateway

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"chord/member"
)

// section is a part of what INFO tells.
type section struct {
	name  string
	write func(*Server, *lines)
}

func sections() []section {
	return []section{
		{"Server", (*Server).infoServer}, {"Clients", (*Server).infoClients}, {"Memory", (*Server).infoMemory},
		{"Persistence", (*Server).infoPersistence}, {"Stats", (*Server).infoStats}, {"Replication", (*Server).infoReplication},
		{"Cluster", func(_ *Server, l *lines) { l.put("cluster_enabled", 0) }}, {"Ring", (*Server).infoRing},
		{"Keyspace", (*Server).infoKeyspace},
	}
}

// lines are the lines of a section.
type lines struct{ strings.Builder }

func (l *lines) put(name string, v any) { fmt.Fprintf(l, "%s:%v\r\n", name, v) }

// info is INFO [section ...].
func info(c *call) {
	wanted := map[string]bool{}
	for _, a := range c.args[1:] {
		wanted[strings.ToLower(string(a))] = true
	}
	all := len(wanted) == 0 || wanted["all"] || wanted["default"] || wanted["everything"]
	var l lines
	for _, s := range sections() {
		if all || wanted[strings.ToLower(s.name)] {
			if l.Len() > 0 {
				l.WriteString(crlf)
			}
			l.WriteString("# " + s.name + crlf)
			s.write(c.conn.server, &l)
		}
	}
	c.prose(l.String())
}

func (s *Server) infoServer(l *lines) {
	status, up := s.node.Status(), time.Since(s.began)
	_, port, _ := strings.Cut(status.Self.Addr, ":")
	l.put("redis_version", level)
	l.put("server_name", "chord")
	l.put("chord_version", s.options.Version)
	l.put("redis_mode", "standalone")
	l.put("os", runtime.GOOS+" "+runtime.GOARCH)
	l.put("arch_bits", strconv.IntSize)
	l.put("process_id", os.Getpid())
	l.put("run_id", status.Self.ID.String())
	l.put("ring_port", port)
	l.put("server_time_usec", time.Now().UnixMicro())
	l.put("uptime_in_seconds", int(up.Seconds()))
	l.put("uptime_in_days", int(up.Hours()/24))
}

func (s *Server) infoClients(l *lines) {
	l.put("connected_clients", s.Stats().Clients)
	l.put("maxclients", s.options.MaxClients)
	l.put("blocked_clients", 0)
}

func (s *Server) infoMemory(l *lines) {
	heap, total := memory()
	l.put("used_memory", heap)
	l.put("used_memory_human", human(heap))
	l.put("used_memory_rss", total)
	l.put("used_memory_rss_human", human(total))
	l.put("used_memory_buffers", s.memory.Held())
	l.put("maxmemory", 0)
	l.put("maxmemory_human", "0B")
	l.put("maxmemory_policy", "noeviction")
}

// memory returns how many bytes live objects take, and how many the process has
// of the system.
func memory() (heap, total uint64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64() - samples[2].Value.Uint64()
}

// human writes a number of bytes as Redis does.
func human(n uint64) string {
	v, unit := float64(n), 0
	for v >= 1024 && unit < 4 {
		v, unit = v/1024, unit+1
	}
	if unit == 0 {
		return strconv.FormatUint(n, 10) + "B"
	}
	return strconv.FormatFloat(v, 'f', 2, 64) + "BKMGT"[unit:unit+1]
}

func (s *Server) infoPersistence(l *lines) {
	store := s.node.Status().Store
	loading, aof := 1, 1
	if s.joined() {
		loading = 0
	}
	if store.Unsynced {
		aof = 0
	}
	l.put("loading", loading)
	l.put("rdb_bgsave_in_progress", 0)
	l.put("aof_enabled", aof)
	l.put("aof_rewrite_in_progress", 0)
	l.put("store_file_bytes", store.FileBytes)
	l.put("store_read_only", count(store.ReadOnly))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (s *Server) infoStats(l *lines) {
	n := s.Stats()
	l.put("total_connections_received", n.Connections)
	l.put("total_commands_processed", n.Commands)
	l.put("instantaneous_ops_per_sec", int(s.stats.perSecond(time.Now(), s.began)+0.5))
	l.put("total_net_input_bytes", n.In)
	l.put("total_net_output_bytes", n.Out)
	l.put("rejected_connections", n.Rejected)
	l.put("keyspace_hits", n.Hits)
	l.put("keyspace_misses", n.Misses)
	l.put("expired_keys", 0)
	l.put("evicted_keys", 0)
	l.put("acl_access_denied_auth", n.Denied)
}

func (s *Server) infoReplication(l *lines) {
	l.put("role", "master")
	l.put("connected_slaves", 0)
	l.put("master_replid", s.node.Status().Self.ID.String())
}

func (s *Server) infoRing(l *lines) {
	status := s.node.Status()
	alive := 0
	for _, m := range status.Members {
		alive += count(m.State == member.Alive)
	}
	q := status.Quorums
	l.put("ring_name", status.Ring)
	l.put("node_name", status.Self.Name)
	l.put("members", len(status.Members))
	l.put("members_alive", alive)
	l.put("copies", q.Copies)
	l.put("write_quorum", q.Write)
	l.put("read_quorum", q.Read)
	l.put("losses_before_refusal", status.Margin.Losses)
	l.put("doing", status.Doing)
}

func (s *Server) infoKeyspace(l *lines) {
	if n, err := s.countKeys(); err == nil && n > 0 {
		l.put("db0", fmt.Sprintf("keys=%d,expires=0,avg_ttl=0", n))
	}
}
