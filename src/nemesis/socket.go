package nemesis

import (
	"net"
	"os"
	"os/exec"
)

// listen makes the socket of a host's node in its place: who connects while the
// node is not there waits in the socket's queue.
func (h *host) listen() error {
	return within(h.number, func() error {
		l, err := net.Listen("tcp", h.addr())
		if err != nil {
			return err
		}
		defer l.Close()
		h.socket, err = l.(*net.TCPListener).File()
		return err
	})
}

// passing has a program get a socket named ring as systemd passes it. The
// program has to find its own number in the environment, which the shell knows.
func passing(socket *os.File, c *exec.Cmd) *exec.Cmd {
	shell := exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=ring exec "$0" "$@"`}, c.Args...)...)
	shell.ExtraFiles = []*os.File{socket}
	return shell
}
