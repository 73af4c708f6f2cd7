package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"chord/app"
	"chord/trust"
)

func tlsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "tls",
		Short:   "Make a CA and certificates for a ring",
		GroupID: groupSetup,
		Long: `Makes the CA of a ring, and certificates for its nodes and its clients. What
somebody may do stands in the certificate, as chord:RING/ROLE/NAME:

  read   read keys, and ask for status and members
  write  change keys, too
  admin  take backups, make nodes leave, forget members, too
  node   be the node of that name; made with chord tls node

The files are NAME.crt and NAME.key. The CA's key signs and is needed for nothing
else: keep it off the nodes.`,
		Example: `  chord tls ca
  chord tls node node1 --host test1
  chord tls client shop --role write
  chord tls show node1.crt`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(tlsCACommand(), tlsNodeCommand(), tlsClientCommand(), tlsShowCommand())
	return c
}

// making is what the commands have in common that make certificates.
type making struct {
	ring, dir, ca, key string
	days               int
	output             *output
}

func (m *making) flags(c *cobra.Command, days int, ca bool) {
	f := c.Flags()
	f.SortFlags = false
	if ca {
		f.StringVar(&m.ring, "ring", app.Defaults().Ring, "name of the ring")
		f.StringVar(&m.ca, "ca", "ca", "the CA: its files without .crt and .key")
	}
	f.StringVar(&m.dir, "dir", ".", "directory for the files")
	f.IntVar(&m.days, "days", days, "for how many days it is valid")
	f.StringVar(&m.key, "algorithm", string(trust.ECDSA), "of the key: ecdsa or ed25519, which browsers do not know")
	c.MarkFlagDirname("dir")
	c.RegisterFlagCompletionFunc("algorithm", cobra.FixedCompletions([]string{string(trust.ECDSA), string(trust.Ed25519)}, cobra.ShellCompDirectiveNoFileComp))
	m.output = outputFlag(c)
}

// period returns for how long a certificate shall be valid.
func (m *making) period() (time.Duration, error) {
	if m.days < 1 || m.days > 36500 {
		return 0, wrongUsage("give a number from 1 to 36500", "--days %d is out of range", m.days)
	}
	return time.Duration(m.days) * 24 * time.Hour, nil
}

func tlsCACommand() *cobra.Command {
	m := &making{}
	c := &cobra.Command{
		Use:   "ca [NAME]",
		Short: "Make a CA",
		Long: `Makes a CA: ca.crt, which all nodes and clients trust, and ca.key, which signs
certificates. A ring that moves to a new CA trusts both for a while: put both
into one file.`,
		Example: `  chord tls ca
  chord tls ca ca-2027
  cat ca.crt ca-2027.crt > both.crt`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	m.flags(c, 3650, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		valid, err := m.period()
		if err != nil {
			return err
		}
		name := append(args, "ca")[0]
		a, err := trust.NewAuthority(name, valid, trust.Algorithm(m.key))
		if err != nil {
			return err
		}
		return m.keep(c, name, a.Pair)
	}
	return c
}

func tlsNodeCommand() *cobra.Command {
	m := &making{}
	c := &cobra.Command{
		Use:   "node NAME",
		Short: "Make the certificate of a node",
		Long: `Makes the certificate of the node of that name, which the node's --name must be;
its place on the ring follows from it. Other nodes and chord's own commands know
nodes by that name and not by their hosts' names; --host is for who looks at
these: browsers, Redis clients, what reads metrics.`,
		Example: `  chord tls node node1 --host test1 --host 192.0.2.7
  chord server --name node1 --tls-cert node1.crt --tls-key node1.key --tls-ca ca.crt`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	m.flags(c, 365, true)
	hosts := c.Flags().StringSlice("host", nil, "names and addresses of the node's host")
	c.RunE = func(c *cobra.Command, args []string) error {
		return m.issue(c, trust.Ask{Identity: trust.Identity{Ring: m.ring, Role: trust.Node, Name: args[0]}, Hosts: *hosts})
	}
	return c
}

func tlsClientCommand() *cobra.Command {
	m := &making{}
	c := &cobra.Command{
		Use:   "client NAME",
		Short: "Make the certificate of a client",
		Example: `  chord tls client shop --role write
  chord insert --tls-cert shop.crt --tls-key shop.key --tls-ca ca.crt color blue`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	m.flags(c, 365, true)
	role := c.Flags().String("role", "read", "what it may do: read, write or admin")
	c.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"read", "write", "admin"}, cobra.ShellCompDirectiveNoFileComp))
	c.RunE = func(c *cobra.Command, args []string) error {
		r, err := trust.ParseRole(*role)
		if err != nil || r == trust.Node {
			return wrongUsage("choose read, write or admin; `chord tls node` is for nodes", "%q is not a client's role", *role)
		}
		return m.issue(c, trust.Ask{Identity: trust.Identity{Ring: m.ring, Role: r, Name: args[0]}})
	}
	return c
}

// issue makes a certificate and keeps it under its name.
func (m *making) issue(c *cobra.Command, ask trust.Ask) (err error) {
	if ask.Valid, err = m.period(); err != nil {
		return err
	}
	ask.Key = trust.Algorithm(m.key)
	var p trust.Pair
	for i, of := range []*[]byte{&p.Cert, &p.Key} {
		if *of, err = os.ReadFile(m.ca + []string{".crt", ".key"}[i]); err != nil {
			return &failure{exitFailed, "the CA: " + err.Error(), "make one with `chord tls ca`, or name it with --ca"}
		}
	}
	a, err := trust.ReadAuthority(p)
	if err != nil {
		return err
	}
	made, err := a.Issue(ask)
	if err != nil {
		return err
	}
	return m.keep(c, ask.Identity.Name, made)
}

// keep writes a pair to NAME.crt and NAME.key, and never over another.
func (m *making) keep(c *cobra.Command, name string, p trust.Pair) error {
	base := filepath.Join(m.dir, fileName(name))
	if err := writeNew(base+".key", p.Key, 0o600); err != nil {
		return err
	}
	if err := writeNew(base+".crt", p.Cert, 0o644); err != nil {
		return errors.Join(err, os.Remove(base+".key"))
	}
	view, err := trust.Describe(p.Cert)
	if err != nil {
		return err
	}
	if m.output.json() {
		return writeJSON(c.OutOrStdout(), map[string]any{"certificate": base + ".crt", "key": base + ".key", "identity": view[0].Identity, "expires": view[0].Expires})
	}
	fmt.Fprintf(c.OutOrStdout(), "%s.crt and %s.key: %s, valid until %s\n", base, base, what(view[0]), view[0].Expires.UTC().Format(time.DateOnly))
	return nil
}

// fileName is a name as that of a file.
func fileName(name string) string { return strings.NewReplacer("/", "_", ":", "_").Replace(name) }

func writeNew(path string, b []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return &failure{exitFailed, path + " is there already", "move it away, or choose another --dir: keys are never written over"}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func tlsShowCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "show FILE...",
		Short:   "Say what certificates are for and how long",
		Example: `  chord tls show node1.crt ca.crt`,
		Args:    cobra.MinimumNArgs(1),
	}
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		all := []shown{}
		for _, file := range args {
			b, err := os.ReadFile(trust.Path(file))
			if err != nil {
				return err
			}
			views, err := trust.Describe(b)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			for _, v := range views {
				all = append(all, shown{file, v})
			}
		}
		if output.json() {
			return writeJSON(c.OutOrStdout(), all)
		}
		return printShown(c.OutOrStdout(), all, time.Now())
	}
	return c
}

// shown is a certificate and where it stands.
type shown struct {
	File string `json:"file"`
	trust.Description
}

func what(v trust.Description) string {
	if v.CA {
		return fmt.Sprintf("the CA %q", v.Name)
	}
	if v.Identity == "" {
		return fmt.Sprintf("%q, which names no node and no client of a ring", v.Name)
	}
	return v.Identity
}

func printShown(w io.Writer, all []shown, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, v := range all {
		if i > 0 {
			fmt.Fprintln(table)
		}
		fmt.Fprintf(table, "file\t%s\nfor\t%s\n", v.File, what(v.Description))
		fmt.Fprintf(table, "valid\tfrom %s until %s%s\n", v.From.UTC().Format(time.DateTime), v.Expires.UTC().Format(time.DateTime), left(v.Description, now))
		fmt.Fprintf(table, "issued by\t%s\n", v.Issuer)
		if len(v.Hosts) > 0 {
			fmt.Fprintf(table, "hosts\t%s\n", strings.Join(v.Hosts, ", "))
		}
		fmt.Fprintf(table, "key\t%s\nserial\t%s\n", v.Key, v.Serial)
	}
	return table.Flush()
}

func left(v trust.Description, now time.Time) string {
	switch d := v.Expires.Sub(now); {
	case d < 0:
		return ": EXPIRED"
	case now.Before(v.From):
		return ": NOT VALID YET"
	case d < 48*time.Hour:
		return fmt.Sprintf(", %d hours left", int(d.Hours()))
	default:
		return fmt.Sprintf(", %d days left", int(d.Hours()/24))
	}
}
