package gateway

import (
	"strconv"
	"strings"

	"chord/trust"
)

func serverCommands() []*command {
	return []*command{
		{name: "info", arity: -1, role: trust.Read, group: "server", summary: "Tells about the node, in sections.", do: info},
		{name: "command", arity: -1, role: trust.Read, group: "server", summary: "Tells about the commands.", do: about},
		{name: "client", arity: -2, role: trust.Read, group: "connection", summary: "Tells about connections, and names this one.", do: client},
		{name: "config", arity: -2, role: trust.Read, group: "server", summary: "GET tells of settings that clients ask for.", do: config},
	}
}

// about is COMMAND and its subcommands.
func about(c *call) {
	t := &c.conn.server.table
	if len(c.args) == 1 {
		c.array(len(t.list))
		for _, cmd := range t.list {
			c.describe(cmd)
		}
		return
	}
	rest := c.args[2:]
	switch name := strings.ToUpper(string(c.args[1])); {
	case name == "COUNT" && len(rest) == 0:
		c.integer(len(t.list))
	case name == "LIST" && len(rest) == 0:
		c.array(len(t.list))
		for _, cmd := range t.list {
			c.text(cmd.name)
		}
	case name == "INFO":
		c.infoOf(rest)
	case name == "DOCS":
		c.docsOf(rest)
	case name == "GETKEYS" && len(rest) > 0:
		c.keysOf(rest)
	default:
		c.fail("ERR COMMAND serves COUNT, LIST, INFO [name ...], DOCS [name ...], GETKEYS command [argument ...]")
	}
}

// describe writes what Redis calls the details of a command.
func (c *call) describe(cmd *command) {
	flags := []string{"readonly"}
	switch cmd.access {
	case adds, writes:
		flags[0] = "write"
	case none:
		flags[0] = "loading"
	}
	if cmd.role == trust.None {
		flags = append(flags, "no_auth")
	}
	c.array(10)
	c.text(cmd.name)
	c.integer(cmd.arity)
	c.set(len(flags))
	for _, f := range flags {
		c.simple(f)
	}
	c.integer(cmd.first)
	c.integer(cmd.last)
	c.integer(cmd.step)
	c.set(0)   // categories of ACL
	c.array(0) // tips
	c.array(0) // key specifications
	c.array(0) // subcommands
}

// named returns the commands of these names, nil for one that is not there; all
// where there are no names.
func (c *call) named(names [][]byte) []*command {
	t := &c.conn.server.table
	if len(names) == 0 {
		return t.list
	}
	list := make([]*command, len(names))
	for i, name := range names {
		list[i] = t.find(name)
	}
	return list
}

func (c *call) infoOf(names [][]byte) {
	list := c.named(names)
	c.array(len(list))
	for _, cmd := range list {
		if cmd == nil {
			c.null()
		} else {
			c.describe(cmd)
		}
	}
}

func (c *call) docsOf(names [][]byte) {
	list := c.named(names)
	known := 0
	for _, cmd := range list {
		if cmd != nil {
			known++
		}
	}
	c.dict(known)
	for _, cmd := range list {
		if cmd == nil {
			continue
		}
		c.text(cmd.name)
		c.dict(3)
		c.text("summary")
		c.text(cmd.summary)
		c.text("since")
		c.text("1.0.0")
		c.text("group")
		c.text(cmd.group)
	}
}

func (c *call) keysOf(args [][]byte) {
	cmd := c.conn.server.table.find(args[0])
	if cmd == nil || cmd.first == 0 || len(args) <= cmd.first {
		c.fail("ERR The command has no key arguments")
		return
	}
	var keys [][]byte
	for i := cmd.first; i < len(args) && (cmd.last < 0 || i <= cmd.last); i += cmd.step {
		keys = append(keys, args[i])
	}
	c.array(len(keys))
	c.bulks(keys)
}

// config tells of the few settings that clients ask for.
func config(c *call) {
	if !strings.EqualFold(string(c.args[1]), "GET") || len(c.args) < 3 {
		c.fail("ERR CONFIG serves GET name ...; the node's own options are in its file, see `chord options`")
		return
	}
	all := [][2]string{
		{"appendonly", "yes"}, // a write is synced before it is acknowledged
		{"appendfsync", "always"},
		{"databases", "1"},
		{"maxclients", strconv.Itoa(c.conn.server.options.MaxClients)},
		{"maxmemory", "0"},
		{"proto-max-bulk-len", strconv.Itoa(maxBulk)},
		{"save", ""},
	}
	if c.conn.server.node.Status().Store.Unsynced {
		all[0][1], all[1][1] = "no", "no"
	}
	var found [][2]string
	for _, pair := range all {
		for _, pattern := range c.args[2:] {
			if len(pattern) <= maxPattern && matches([]byte(strings.ToLower(string(pattern))), []byte(pair[0])) {
				found = append(found, pair)
				break
			}
		}
	}
	c.dict(len(found))
	for _, pair := range found {
		c.text(pair[0])
		c.text(pair[1])
	}
}
