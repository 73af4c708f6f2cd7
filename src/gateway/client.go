package gateway

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// client is CLIENT and its subcommands.
func client(c *call) {
	rest := c.args[2:]
	switch name := strings.ToUpper(string(c.args[1])); {
	case name == "ID" && len(rest) == 0:
		c.unsigned(c.conn.id)
	case name == "GETNAME" && len(rest) == 0:
		c.name()
	case name == "SETNAME" && len(rest) == 1:
		c.setName(rest[0])
	case name == "SETINFO" && len(rest) == 2:
		c.setInfo(rest[0], rest[1])
	case name == "INFO" && len(rest) == 0:
		c.prose(c.conn.line(time.Now()))
	case name == "LIST" && len(rest) == 0:
		c.prose(c.conn.server.clients())
	case name == "NO-EVICT" && len(rest) == 1, name == "NO-TOUCH" && len(rest) == 1:
		c.ok() // nothing is evicted, nothing keeps a time of last use
	default:
		c.fail("ERR CLIENT serves ID, GETNAME, SETNAME name, SETINFO LIB-NAME|LIB-VER text, INFO, LIST, NO-EVICT ON|OFF, NO-TOUCH ON|OFF")
	}
}

func (c *call) name() {
	if name := c.conn.info.Load().name; name != "" {
		c.text(name)
	} else {
		c.null()
	}
}

func (c *call) setName(name []byte) {
	if !isName(name) {
		c.fail("ERR " + badName)
		return
	}
	c.conn.become(func(i *identity) { i.name = string(name) })
	c.ok()
}

func (c *call) setInfo(what, text []byte) {
	if !isName(text) {
		c.fail("ERR " + badName)
		return
	}
	switch strings.ToUpper(string(what)) {
	case "LIB-NAME":
		c.conn.become(func(i *identity) { i.lib = string(text) })
	case "LIB-VER":
		c.conn.become(func(i *identity) { i.libVersion = string(text) })
	default:
		c.fail("ERR CLIENT SETINFO knows LIB-NAME and LIB-VER")
		return
	}
	c.ok()
}

// line describes a connection as CLIENT LIST does.
func (c *conn) line(now time.Time) string {
	i := c.info.Load()
	idle, protocol, last := 0.0, 2, ""
	if at := c.active.Load(); at < math.MaxInt64 {
		idle = max(0, now.Sub(time.Unix(0, at)).Seconds())
	}
	if i.three {
		protocol = 3
	}
	if cmd := c.last.Load(); cmd != nil {
		last = cmd.name
	}
	return fmt.Sprintf("id=%d addr=%s laddr=%s name=%s age=%.0f idle=%.0f flags=N db=0 cmd=%s user=%s role=%s resp=%d lib-name=%s lib-ver=%s\n",
		c.id, c.raw.RemoteAddr(), c.raw.LocalAddr(), i.name, now.Sub(c.since).Seconds(), idle, last, i.user, i.role, protocol, i.lib, i.libVersion)
}

// clients describes all connections, a line each.
func (s *Server) clients() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]uint64, 0, len(s.conns))
	for id := range s.conns {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	now := time.Now()
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(s.conns[id].line(now))
	}
	return b.String()
}
