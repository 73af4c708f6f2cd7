package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/keyspace"
	"chord/member"
	"chord/node"
)

func ringCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "ring",
		Short:   "List the members of the ring and what they hold",
		GroupID: groupRing,
		Long: `Lists the members of the ring in the order of their places on the circle, with
the share of the circle that each coordinates, the buckets of which it has a
synced copy, and the keys in its copies. Each member is asked itself; what one that
does not answer holds is not known. Below stands how many more may be lost before
writes are refused.`,
		Example: `  chord ring
  chord ring --node test1:8001 --output json | jq '.members[].name'`,
		Args: cobra.NoArgs,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		var asked node.Status
		err := t.ask(c, func(ctx context.Context, ring *client.Client) (err error) {
			asked, err = ring.Status(ctx)
			return err
		})
		if err != nil {
			return err
		}
		ring := survey(c, t, asked.Members)
		ring.Quorums, ring.Margin, ring.quorums = quorumsView(asked.Quorums), marginView(asked.Margin), quorumText(asked.Quorums, asked.Members)
		if output.json() {
			return writeJSON(c.OutOrStdout(), ring)
		}
		return printRing(c.OutOrStdout(), ring)
	}
	return c
}

// ringView is what the members of a ring say of themselves.
type ringView struct {
	Members []memberView `json:"members"`
	Quorums quorumsView  `json:"quorums"`
	Margin  marginView   `json:"margin"` // as the asked node sees it
	quorums string
}

// memberView is one member; what it did not answer is null.
type memberView struct {
	ID      keyspace.ID `json:"id"`
	Name    string      `json:"name"`
	Addr    string      `json:"addr"`
	Domain  string      `json:"domain"`
	State   string      `json:"state"`
	Serving bool        `json:"serving"` // it counts among those who hold copies
	Share   float64     `json:"share"`   // of the circle, 0 to 1
	Buckets *int        `json:"buckets"`
	Keys    *uint64     `json:"keys"`
	Error   string      `json:"error,omitempty"`
	status  *node.Status
}

// survey asks every member that has not left for its status, several at a time.
func survey(c *cobra.Command, t *target, members []member.Member) ringView {
	view := ringView{Members: []memberView{}}
	for _, m := range members {
		view.Members = append(view.Members, memberView{ID: m.ID, Name: m.Name, Addr: m.Addr, Domain: m.Domain, State: m.State.String(),
			Serving: m.Serving && m.State < member.Left && m.State != member.Leaving})
	}
	shares(view.Members)
	var asking sync.WaitGroup
	slots := make(chan struct{}, 16)
	for i := range view.Members {
		if m := &view.Members[i]; members[i].State < member.Left {
			asking.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				m.ask(c, t)
			})
		}
	}
	asking.Wait()
	return view
}

func (m *memberView) ask(c *cobra.Command, t *target) {
	each := target{nodes: []string{m.Addr}, ring: t.ring, timeout: t.timeout}
	err := each.ask(c, func(ctx context.Context, ring *client.Client) error {
		s, err := ring.Status(ctx)
		if err == nil {
			m.status, m.Buckets, m.Keys = &s, &s.Buckets.Held, &s.Store.Keys
		}
		return err
	})
	if err != nil {
		m.Error = err.Error()
	}
}

// shares gives each member the piece of the circle between its predecessor and
// itself; who holds nothing has none.
func shares(members []memberView) {
	var holders []*memberView
	for i := range members {
		if m := &members[i]; m.Serving {
			holders = append(holders, m)
		}
	}
	for i, m := range holders {
		before := holders[(i+len(holders)-1)%len(holders)]
		m.Share = fraction(before.ID.Distance(m.ID))
		if len(holders) == 1 {
			m.Share = 1
		}
	}
}

func fraction(d keyspace.ID) float64 {
	f, _ := new(big.Float).SetMantExp(new(big.Float).SetInt(new(big.Int).SetBytes(d[:])), -keyspace.Bits).Float64()
	return f
}

func printRing(w io.Writer, r ringView) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PLACE\tNAME\tADDRESS\tSTATE\tSHARE\tBUCKETS\tKEYS\t")
	for _, m := range r.Members {
		buckets, keys := "?", "?"
		if m.Buckets != nil {
			buckets, keys = fmt.Sprint(*m.Buckets), fmt.Sprint(*m.Keys)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.1f %%\t%s\t%s\t%s\n", m.ID.Short(), m.Name, m.Addr, m.State, 100*m.Share, buckets, keys, m.Error)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nquorums  %s\nlosses   %s\n", r.quorums, marginText(node.Margin(r.Margin)))
	return err
}
