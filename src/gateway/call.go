package gateway

import (
	"fmt"
	"strings"

	"chord/node"
	"chord/trust"
)

// call is a command on its way to its answer.
type call struct {
	reply
	conn *conn
	cmd  *command // nil: there is none of that name
	args [][]byte // the first is the name
	held int      // bytes of the answer that are counted
}

// keepReply is how large an answer's memory may be to be used again.
const keepReply = 16 << 10

func (c *call) reset(of *conn, args [][]byte) {
	c.conn, c.args, c.cmd = of, args, of.server.table.find(args[0])
	if c.b = c.b[:0]; cap(c.b) > keepReply {
		c.b = nil
	}
}

// size is how many bytes came with the command.
func (c *call) size() (n int) {
	for _, a := range c.args {
		n += len(a) + overhead
	}
	return n
}

// run answers the call. A panic is a fault of ours and ends no more than the
// call.
func (c *call) run() {
	defer func() {
		if p := recover(); p != nil {
			c.conn.server.log.Error("a redis command panics", "command", c.cmd.name, "panic", fmt.Sprint(p))
			c.b = c.b[:0]
			c.fail("ERR internal error: the log of the node says more")
		}
	}()
	c.cmd.do(c)
}

// refused answers a call that is not to be run.
func (c *call) refused() bool {
	role := c.conn.info.Load().role
	switch {
	case c.cmd != nil && c.cmd.role == trust.None: // may be tried by everybody
	case role == trust.None:
		c.fail("NOAUTH authentication required")
		return true
	case c.cmd == nil:
		c.fail(fmt.Sprintf("ERR unknown command %.64q: this port serves %s", c.args[0], c.conn.server.table.names))
		return true
	case role < c.cmd.role:
		c.fail(fmt.Sprintf("NOPERM %s asks for the role %s, user %.64q has %s", c.cmd.name, c.cmd.role, c.conn.info.Load().user, role))
		return true
	}
	if n := len(c.args); c.cmd.arity > 0 && n != c.cmd.arity || n < -c.cmd.arity {
		c.arguments()
		return true
	}
	return false
}

// arguments says that the number of arguments is wrong.
func (c *call) arguments() {
	c.fail("ERR wrong number of arguments for '" + c.cmd.name + "' command")
}

func (c *call) syntax(format string, args ...any) {
	c.fail("ERR " + strings.ToUpper(c.cmd.name) + ": " + fmt.Sprintf(format, args...))
}

// operate carries out an operation when there is a place for it.
func (c *call) operate(op node.Op) (node.Result, error) {
	s := c.conn.server
	if err := c.pace(); err != nil {
		return node.Result{}, err
	}
	if err := s.ops.Enter(s.ctx, c.conn.host); err != nil {
		return node.Result{}, err
	}
	defer s.ops.Exit()
	return s.node.Operate(s.ctx, op)
}

// pace waits until the client may ask for one more operation.
func (c *call) pace() error { return c.conn.server.rates.Wait(c.conn.server.ctx, c.conn.who()) }

// largely carries out an operation whose answer may be large: few of these are in
// memory at once.
func (c *call) largely(op node.Op) (node.Result, error) {
	s := c.conn.server
	if err := s.large.Enter(s.ctx, c.conn.host); err != nil {
		return node.Result{}, err
	}
	defer s.large.Exit()
	return c.operate(op)
}

// smallAnswer is what an answer may take without being counted.
const smallAnswer = 512

// hold takes memory for an answer of so many bytes, or answers that there is none.
func (c *call) hold(size int) bool {
	if size <= smallAnswer {
		return true
	}
	if !c.conn.server.memory.Take(c.conn.host, size) {
		c.fail("TRYAGAIN there is no room for an answer of this size now")
		return false
	}
	c.held = size
	return true
}

// sizeOf is about how many bytes values take in an answer.
func sizeOf(values [][]byte) (n int) {
	for _, v := range values {
		n += len(v) + overhead
	}
	return n
}
