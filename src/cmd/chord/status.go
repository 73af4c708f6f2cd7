package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/keyspace"
	"chord/node"
	"chord/terminal"
)

func statusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "status",
		Short:   "Say how a node is",
		GroupID: groupRing,
		Example: `  chord status
  chord status --node test1:8001 --output json | jq .buckets`,
		Args: cobra.NoArgs,
	}
	t, output := targetFlags(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		var s node.Status
		err := t.ask(c, func(ctx context.Context, ring *client.Client) (err error) {
			s, err = ring.Status(ctx)
			return err
		})
		if err != nil {
			return err
		}
		if output.json() {
			return writeJSON(c.OutOrStdout(), statusOf(s))
		}
		return terminal.Status(c.OutOrStdout(), terminal.StyleOf(c.OutOrStdout(), os.Getenv), s, time.Now())
	}
	return c
}

// statusView is what --output json prints of a node.
type statusView struct {
	Ring        string         `json:"ring"`
	ID          keyspace.ID    `json:"id"`
	Name        string         `json:"name"`
	Addr        string         `json:"addr"`
	Domain      string         `json:"domain"`
	Phase       string         `json:"phase"`
	Doing       string         `json:"doing,omitempty"`
	Since       time.Time      `json:"since"`
	Ready       *time.Time     `json:"ready"`
	Predecessor *peerView      `json:"predecessor"`
	Successors  []peerView     `json:"successors"`
	Members     map[string]int `json:"members"` // by state
	Buckets     struct {
		Held     int `json:"held"`      // with a synced copy here
		Wanted   int `json:"wanted"`    // whose copy is to be filled
		Moving   int `json:"moving"`    // whose copy is surplus
		StandIns int `json:"stand_ins"` // of these, for members that died
	} `json:"buckets"`
	Quorums  quorumsView `json:"quorums"`
	InEffect quorumsView `json:"quorums_in_effect"` // in a ring of few members
	Margin   marginView  `json:"margin"`
	TLS      tlsView     `json:"tls"`
	Served   servedView  `json:"served"`
	Repair   repairView  `json:"repair"`
	Purge    purgeView   `json:"purge"`
	Store    struct {
		Path       string `json:"path"`
		Keys       uint64 `json:"keys"`
		ValueBytes uint64 `json:"value_bytes"`
		FileBytes  int64  `json:"file_bytes"`
		Synced     bool   `json:"synced"`
		ReadOnly   bool   `json:"read_only"`
	} `json:"store"`
}

func statusOf(s node.Status) statusView {
	v := statusView{
		Ring: s.Ring, ID: s.Self.ID, Name: s.Self.Name, Addr: s.Self.Addr, Domain: s.Self.Domain,
		Phase: s.View.Phase.String(), Doing: s.Doing, Since: s.Since, Successors: []peerView{}, Members: map[string]int{},
		Ready: timeOrNull(s.Ready), Quorums: quorumsView(s.Quorums), InEffect: quorumsView(inEffect(s.Quorums, s.Members)),
		Margin: marginView(s.Margin), Repair: repairOf(s.Repair), TLS: tlsOf(s.Security), Served: servedOf(s.Done), Purge: purgeOf(s.Purge),
	}
	if p := peerView(s.View.Predecessor); p != (peerView{}) {
		v.Predecessor = &p
	}
	for _, p := range s.View.Successors {
		v.Successors = append(v.Successors, peerView(p))
	}
	for _, m := range s.Members {
		v.Members[m.State.String()]++
	}
	v.Buckets.Held, v.Buckets.Wanted, v.Buckets.Moving = s.Buckets.Held, s.Buckets.Wanted, s.Buckets.Moving
	v.Buckets.StandIns = s.Buckets.StandIns
	v.Store.Path, v.Store.Keys, v.Store.ValueBytes, v.Store.FileBytes = s.Store.Path, s.Store.Keys, s.Store.ValueBytes, s.Store.FileBytes
	v.Store.Synced, v.Store.ReadOnly = !s.Store.Unsynced, s.Store.ReadOnly
	return v
}
