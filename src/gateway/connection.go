package gateway

import (
	"bytes"
	"fmt"
	"strings"

	"chord/trust"
)

// level is the version of Redis whose replies these are like: client libraries
// look at it to know what they may ask.
const level = "7.0.0"

func connectionCommands() []*command {
	return []*command{
		{name: "ping", arity: -1, role: trust.Read, group: "connection", summary: "Answers PONG, or what it was sent.", do: ping},
		{name: "echo", arity: 2, role: trust.Read, group: "connection", summary: "Answers what it was sent.", do: func(c *call) { c.bulk(c.args[1]) }},
		{name: "hello", arity: -1, group: "connection", summary: "Chooses RESP2 or RESP3, and says who the server is.", do: hello},
		{name: "auth", arity: -2, group: "connection", summary: "Shows who one is.", do: auth},
		{name: "select", arity: 2, role: trust.Read, group: "connection", summary: "Chooses database 0, the only one.", do: selectDB},
		{name: "quit", arity: -1, group: "connection", summary: "Ends the connection.", do: quit},
		{name: "reset", arity: 1, group: "connection", summary: "Makes the connection as it was at the beginning.", do: reset},
	}
}

func ping(c *call) {
	switch len(c.args) {
	case 1:
		c.simple("PONG")
	case 2:
		c.bulk(c.args[1])
	default:
		c.arguments()
	}
}

func selectDB(c *call) {
	if string(c.args[1]) != "0" {
		c.fail("ERR DB index is out of range: a ring has one database, 0")
		return
	}
	c.ok()
}

func quit(c *call) {
	c.conn.quit = true
	c.ok()
}

func reset(c *call) {
	c.conn.three, c.conn.by = false, nil
	c.conn.become(func(i *identity) { *i = c.conn.atFirst })
	c.simple("RESET")
}

// maxFailures is how often somebody may try to show who he is.
const maxFailures = 5

func auth(c *call) {
	user, password := []byte("default"), c.args[1]
	switch len(c.args) {
	case 2:
	case 3:
		user, password = c.args[1], c.args[2]
	default:
		c.arguments()
		return
	}
	if c.authenticate(user, password) {
		c.ok()
	}
}

// authenticate is false where it has answered why not.
func (c *call) authenticate(user, password []byte) bool {
	users := c.conn.server.users.Load()
	if users == nil {
		c.fail("ERR this port has no users: whoever may reach it needs no AUTH; --redis-users names them")
		return false
	}
	role := users.Check(c.conn.server.ctx, string(user), password)
	if role == trust.None {
		c.conn.server.stats.denied.Add(1)
		if c.conn.failures++; c.conn.failures >= maxFailures {
			c.conn.quit = true
		}
		c.conn.server.log.Warn("redis: a user could not show who he is", "user", fmt.Sprintf("%.64q", user), "client", c.conn.raw.RemoteAddr().String())
		c.fail("WRONGPASS no such user, or not the password")
		return false
	}
	c.conn.failures, c.conn.by = 0, users
	c.conn.become(func(i *identity) { i.user, i.role = string(user), role })
	return true
}

// hello is HELLO [2|3 [AUTH user password] [SETNAME name]].
func hello(c *call) {
	three, name := c.conn.three, []byte(nil)
	if len(c.args) > 1 {
		switch string(c.args[1]) {
		case "2":
			three = false
		case "3":
			three = true
		default:
			c.fail("NOPROTO this port speaks RESP 2 and 3")
			return
		}
	}
	for rest := c.args[min(2, len(c.args)):]; len(rest) > 0; {
		switch option := strings.ToUpper(string(rest[0])); {
		case option == "AUTH" && len(rest) > 2:
			if !c.authenticate(rest[1], rest[2]) {
				return
			}
			rest = rest[3:]
		case option == "SETNAME" && len(rest) > 1:
			name, rest = rest[1], rest[2:]
			if !isName(name) {
				c.fail("ERR " + badName)
				return
			}
		default:
			c.syntax("syntax error at %.64q", rest[0])
			return
		}
	}
	if c.conn.info.Load().role == trust.None {
		c.fail("NOAUTH HELLO must come with AUTH, or after it: HELLO 3 AUTH user password")
		return
	}
	c.conn.three, c.three = three, three
	c.conn.become(func(i *identity) {
		if i.three = three; name != nil {
			i.name = string(name)
		}
	})
	c.welcome()
}

// welcome says who the server is.
func (c *call) welcome() {
	c.dict(7)
	c.text("server")
	c.text("chord")
	c.text("version")
	c.text(level)
	c.text("proto")
	if c.three {
		c.integer(3)
	} else {
		c.integer(2)
	}
	c.text("id")
	c.unsigned(c.conn.id)
	c.text("mode")
	c.text("standalone") // no redirections: any node answers for all keys
	c.text("role")
	c.text("master")
	c.text("modules")
	c.array(0)
}

const badName = "a name has up to 64 bytes without spaces and control characters"

func isName(b []byte) bool {
	return len(b) <= 64 && !bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r > '~' })
}
