package nemesis

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// network is a bridge in the namespace of this process with a host on each of
// its ports. Hosts count from 1.
type network struct{ hosts int }

func hostName(i int) string { return fmt.Sprintf("ch-%d", i) }
func hostIP(i int) string   { return fmt.Sprintf("10.91.0.%d", i) }
func hostMAC(i int) string  { return fmt.Sprintf("02:00:00:00:00:%02x", i) }

// nobody is the link address of a host that is not there: frames for it are lost
// without a word, as in a cut cable.
const nobody = "02:00:00:00:ff:ff"

func newNetwork() (*network, error) {
	return &network{}, ipBatch("",
		"link set lo up",
		"link add br0 type bridge",
		"link set br0 up",
		"addr add 10.91.0.254/24 dev br0")
}

// addHost puts one more host on the bridge.
func (n *network) addHost() (i int, err error) {
	i = n.hosts + 1
	name := hostName(i)
	err = firstError(
		command("ip", "netns", "add", name),
		ipBatch("",
			fmt.Sprintf("link add p%d type veth peer name eth0 netns %s address %s", i, name, hostMAC(i)),
			fmt.Sprintf("link set p%d master br0 up", i)),
		ipBatch(name,
			"link set lo up",
			fmt.Sprintf("addr add %s/24 dev eth0", hostIP(i)),
			"link set eth0 up"))
	if err == nil {
		n.hosts = i
		for j := 1; j < i && err == nil; j++ {
			err = firstError(n.path(i, j, true), n.path(j, i, true))
		}
	}
	return i, err
}

// path opens or cuts the way of packets from one host to another.
func (n *network) path(from, to int, open bool) error {
	mac := nobody
	if open {
		mac = hostMAC(to)
	}
	return ipBatch(hostName(from), fmt.Sprintf("neigh replace %s lladdr %s nud permanent dev eth0", hostIP(to), mac))
}

// set cuts exactly the ways that cut says and opens all others.
func (n *network) set(cut func(from, to int) bool) error {
	for from := 1; from <= n.hosts; from++ {
		var lines []string
		for to := 1; to <= n.hosts; to++ {
			if mac := hostMAC(to); from != to {
				if cut(from, to) {
					mac = nobody
				}
				lines = append(lines, fmt.Sprintf("neigh replace %s lladdr %s nud permanent dev eth0", hostIP(to), mac))
			}
		}
		if err := ipBatch(hostName(from), lines...); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) heal() error { return n.set(func(int, int) bool { return false }) }

// ipBatch gives lines to ip, in the namespace of that name.
func ipBatch(namespace string, lines ...string) error {
	args := []string{"-batch", "-"}
	if namespace != "" {
		args = append([]string{"-n", namespace}, args...)
	}
	c := exec.Command("ip", args...)
	c.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("nemesis: ip in %q: %w: %s", namespace, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// within does something on a host, such as to start a program. The thread that
// moves there ends with its goroutine.
func within(host int, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		f, err := os.Open("/run/netns/" + hostName(host))
		if err == nil {
			err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
			f.Close()
		}
		if err == nil {
			err = do()
		}
		done <- err
	}()
	return <-done
}
