package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"chord/member"
	"chord/node"
)

// Systemd returns what systemd gave to this process: its sockets by name, its
// ear and its watchdog; nothing of each where there is none. Children inherit
// nothing of it. It may be called once.
func Systemd(log *slog.Logger) (Deps, error) {
	d := Deps{Log: log, Listeners: map[string]net.Listener{}}
	all, err := activation.ListenersWithNames()
	if err != nil {
		return Deps{}, fmt.Errorf("app: sockets of systemd: %w", err)
	}
	for name, ls := range all {
		if !knownPort(name) {
			log.Warn("systemd passed a socket that nothing uses", "name", name, "known", portNames())
			continue
		}
		if len(ls) > 1 {
			return Deps{}, &Problem{Where: "systemd", Text: fmt.Sprintf("%d sockets are named %s", len(ls), name), Remedy: "write one ListenStream= with FileDescriptorName=" + name}
		}
		d.Listeners[name] = ls[0]
	}
	if d.Watchdog, err = daemon.SdWatchdogEnabled(true); err != nil {
		log.Warn("watchdog is not fed", "error", err.Error())
	}
	if socket := os.Getenv("NOTIFY_SOCKET"); socket != "" {
		d.Notify = func(state string) {
			if _, err := daemon.SdNotify(false, state); err != nil {
				log.Debug("not notified", "error", err.Error())
			}
		}
	}
	return d, nil
}

// The pace at which the service manager and the log hear how it goes. The
// manager gives up on a start or stop that asks for no more time.
const (
	reportEvery = time.Second
	moreTime    = "EXTEND_TIMEOUT_USEC=30000000"
	firstSilent = 5 * time.Second
	mostSilent  = 5 * time.Minute
)

// report announces readiness once, and how the node is whenever that changes.
// While it is joining, it asks for more time and says in the log, at a
// decreasing rate, what it waits for.
func (a *App) report(ctx context.Context) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	began, said, pause, last := time.Now(), time.Now(), firstSilent, ""
	ready := a.service.Ready()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ready:
			ready = nil
			last = statusLine(a.service.Status())
			a.deps.Notify("READY=1\nSTATUS=" + last)
			a.log.Info("ready", "after", time.Since(began).Round(time.Millisecond).String())
			continue
		case <-tick.C:
		}
		status := a.service.Status()
		if line := statusLine(status); line != last {
			last = line
			a.deps.Notify("STATUS=" + line)
		}
		if ready == nil {
			continue
		}
		a.deps.Notify(moreTime)
		if time.Since(said) >= pause {
			said, pause = time.Now(), min(2*pause, mostSilent)
			a.log.Warn("not ready yet, trying on", "for", time.Since(began).Round(time.Second).String(), "doing", status.Doing)
		}
	}
}

// statusLine says in a line how the node is.
func statusLine(s node.Status) string {
	alive := 0
	for _, m := range s.Members {
		if m.State == member.Alive || m.State == member.Leaving {
			alive++
		}
	}
	line := fmt.Sprintf("ring %s: %d of %d members up, %d keys here", s.Ring, alive, len(s.Members), s.Store.Keys)
	if s.Store.ReadOnly {
		line += ", no room for inserts"
	}
	if s.Store.Unsynced {
		line += ", NOT SYNCED TO DISK"
	}
	if s.Doing != "" {
		line += "; " + s.Doing
	}
	return line
}

// feed feeds the watchdog at twice the rate it wants, as long as the node does
// its work. A check that takes longer than that is one that failed.
func (a *App) feed(ctx context.Context) {
	if a.deps.Watchdog <= 0 {
		return
	}
	alive := a.deps.Alive
	if alive == nil {
		alive = a.service.Alive
	}
	tick := time.NewTicker(a.deps.Watchdog / 2)
	defer tick.Stop()
	hungry := false
	for {
		check, cancel := context.WithTimeout(ctx, a.deps.Watchdog/2)
		err := alive(check)
		cancel()
		switch {
		case err == nil:
			a.deps.Notify("WATCHDOG=1")
		case ctx.Err() == nil && !hungry:
			a.log.Error("the node does not do its work: the watchdog is not fed", "error", err.Error())
		}
		hungry = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
