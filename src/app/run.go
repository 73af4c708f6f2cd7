package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// ErrCut is the end of a run that was told to stop for a second time.
var ErrCut = errors.New("app: stopped at once by a second signal, with work in flight")

// Run is the life of a server process: it starts, tells the service manager
// how it is, and ends when ctx is done, a signal other than SIGHUP comes, the
// node has left the ring, or fails.
func (a *App) Run(ctx context.Context) error {
	if err := a.Start(ctx); err != nil {
		return err
	}
	watch, cancel := context.WithCancel(context.Background())
	defer cancel()
	go a.report(watch)
	go a.feed(watch)
	cause, leave := a.wait(ctx)
	a.deps.Notify("STOPPING=1\nSTATUS=" + farewell(cause, leave))
	cut := a.secondSignal(watch)
	if leave {
		if err := a.leave(watch, cut); err != nil {
			return err
		}
	}
	done := make(chan error, 1)
	go func() { done <- a.Stop() }()
	select {
	case err := <-done:
		if cause == nil && err == nil {
			a.log.Info("stopped")
		}
		return errors.Join(cause, err)
	case <-cut:
		return ErrCut
	}
}

func farewell(cause error, leave bool) string {
	switch {
	case cause != nil:
		return "failed: " + cause.Error()
	case leave:
		return "handing over all keys"
	}
	return "stopping"
}

// wait returns when the run shall end: with an error if it has failed, and
// whether the node shall leave first.
func (a *App) wait(ctx context.Context) (failure error, leave bool) {
	for {
		select {
		case <-ctx.Done():
			return nil, a.opts.LeaveOnStop
		case <-a.service.Failed():
			return a.service.Err(), false
		case <-a.service.Left():
			a.log.Info("left the ring")
			return nil, false
		case <-a.ended:
			return a.serveErr, false
		case s := <-a.deps.Signals:
			if s != syscall.SIGHUP {
				a.log.Info("stopping", "signal", s.String())
				return nil, a.opts.LeaveOnStop
			}
			a.reload()
		}
	}
}

// reload takes the log level and what is about TLS from the options as they are
// now.
func (a *App) reload() {
	select {
	case <-a.Ready():
		a.deps.Notify("RELOADING=1\n" + daemon.SdNotifyMonotonicUsec())
		defer a.deps.Notify("READY=1")
	default: // READY=1 would be a lie
	}
	if a.deps.Reload == nil || a.deps.Level == nil {
		return
	}
	opts, err := a.deps.Reload()
	if err != nil {
		a.log.Error("not reloaded: the options are kept as they were", "error", err.Error())
		return
	}
	a.deps.Level.Set(opts.LogLevel)
	if err := a.service.Reload(context.Background(), opts); err != nil {
		a.log.Error("certificates and TLS are kept as they were", "error", err.Error())
	}
	a.log.Log(context.Background(), max(slog.LevelInfo, opts.LogLevel), "reloaded", "log-level", levelName(opts.LogLevel), "tls", opts.mode().String())
}

// leave hands everything over. It takes as long as it takes: what cuts it
// short is a second signal. A node that cannot leave stays a member.
func (a *App) leave(ctx context.Context, cut <-chan os.Signal) error {
	a.log.Info("leaving the ring: handing over all keys")
	done := make(chan error, 1)
	go func() { done <- a.service.Leave(ctx) }()
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				a.log.Error("could not leave the ring: the node stays a member of it", "error", err.Error())
			}
			return nil
		case <-a.service.Failed():
			return a.service.Err()
		case <-cut:
			return ErrCut
		case <-tick.C:
			a.deps.Notify(moreTime)
		}
	}
}

// secondSignal returns a channel that gets the next signal that means stop.
func (a *App) secondSignal(ctx context.Context) <-chan os.Signal {
	cut := make(chan os.Signal, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-a.deps.Signals:
				if s != syscall.SIGHUP {
					cut <- s
					return
				}
			}
		}
	}()
	return cut
}
