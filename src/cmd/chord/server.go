package main

import (
	"context"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"chord/app"
)

func serverCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "server [HOST PORT [BOOTSTRAP_HOST BOOTSTRAP_PORT]]",
		Short:   "Run a node until it is told to stop",
		GroupID: groupRun,
		Long: `Runs a node of a ring until SIGTERM or SIGINT: it then finishes what is in
flight and stays a member of the ring. A second signal ends it at once. SIGHUP
reads the log level, and what is about TLS, from the file again.

HOST and PORT are where the node listens and is reached by the others, as
--listen; BOOTSTRAP_HOST and BOOTSTRAP_PORT name a node of the ring, as
--bootstrap. Without one the node begins a ring, unless it was a member of one.

Every option can also stand in the file of --config or be given as CHORD_ and its
name in the environment, as in CHORD_LOG_LEVEL.`,
		Example: `  chord server test1 8001
  chord server test2 8001 test1 8001
  chord server --name node1 --listen 127.0.0.1:4171 --bootstrap 127.0.0.1:4170
  chord server --config /etc/chord/node1.json`,
		Args:              positional,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              serve,
	}
	c.Flags().SortFlags = false
	app.AddFlags(c.Flags())
	c.MarkFlagFilename("config", "json")
	c.MarkFlagDirname("data")
	for _, row := range app.Table() {
		if len(row.Values) > 0 {
			c.RegisterFlagCompletionFunc(row.Name, cobra.FixedCompletions(row.Values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	return c
}

// positional takes the original's form of the command line.
func positional(c *cobra.Command, args []string) error {
	const form = "chord-server HOST PORT [BOOTSTRAP_HOST BOOTSTRAP_PORT]"
	switch len(args) {
	case 0:
		return nil
	case 2, 4:
	default:
		return wrongUsage("usage: "+form, "got %d arguments", len(args))
	}
	for i, option := range []string{"listen", "bootstrap"}[:len(args)/2] {
		host, port := args[2*i], args[2*i+1]
		if host == "" {
			return wrongUsage("usage: "+form, "HOST is empty")
		}
		if n, err := strconv.Atoi(port); err != nil {
			return wrongUsage("usage: "+form, "port %q is not a number", port)
		} else if n < 1 || n > 65535 {
			return wrongUsage("ports are numbers from 1 to 65535", "port %d is out of range", n)
		}
		if c.Flags().Changed(option) {
			return wrongUsage("give one of them", "both --%s and its arguments are given", option)
		}
		c.Flags().Set(option, net.JoinHostPort(host, port))
	}
	return nil
}

func serve(c *cobra.Command, _ []string) error {
	options := func() (app.Options, error) { return app.Load(c.Flags(), os.Environ()) }
	opts, err := options()
	if err != nil {
		return err
	}
	opts.Version = version()
	log, level := app.NewLog(opts, c.ErrOrStderr())
	deps, err := app.Systemd(log)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(signals)
	deps.Level, deps.Reload, deps.Signals = level, options, signals
	return app.New(opts, deps).Run(context.WithoutCancel(c.Context()))
}
