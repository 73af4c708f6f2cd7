package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/keyspace"
	"chord/member"
	"chord/node"
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
		return printStatus(c.OutOrStdout(), s, time.Now())
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
		Margin: marginView(s.Margin), Repair: repairOf(s.Repair), Purge: purgeOf(s.Purge),
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

func printStatus(w io.Writer, s node.Status, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(table, name+"\t"+format+"\n", args...) }
	line("node", "%s at %s, in ring %s", s.Self.Name, s.Self.Addr, s.Ring)
	line("place", "%s", s.Self.ID)
	if s.Ready.IsZero() {
		line("state", "%s, not ready: %s", s.View.Phase, s.Doing)
	} else {
		line("state", "%s, ready for %s", s.View.Phase, now.Sub(s.Ready).Round(time.Second))
	}
	if s.Doing != "" && !s.Ready.IsZero() {
		line("busy", "%s", s.Doing)
	}
	line("predecessor", "%s", peerText(peerView(s.View.Predecessor)))
	for i, p := range s.View.Successors {
		line([]string{"successors", ""}[min(i, 1)], "%s", peerText(peerView(p)))
	}
	line("members", "%s", memberText(s.Members))
	line("quorums", "%s", quorumText(s.Quorums, s.Members))
	line("losses", "%s", marginText(s.Margin))
	line("copies", "%s", copiesText(s.Buckets))
	line("repair", "%s", repairText(s.Repair, now))
	line("removed", "%s", purgeText(s.Purge))
	line("keys", "%d, with %d bytes of values", s.Store.Keys, s.Store.ValueBytes)
	line("database", "%s, %.1f MiB%s", s.Store.Path, float64(s.Store.FileBytes)/(1<<20), warnings(s.Store))
	return table.Flush()
}

func peerText(p peerView) string {
	if p == (peerView{}) {
		return "none"
	}
	return p.ID.Short() + " at " + p.Addr
}

func memberText(members []member.Member) string {
	counts := make(map[member.State]int)
	for _, m := range members {
		counts[m.State]++
	}
	var parts []string
	for s := member.Alive; s <= member.Forgotten; s++ {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

func warnings(s node.StoreStatus) string {
	text := ""
	if s.Unsynced {
		text += "; NOT SYNCED: a power cut loses what was acknowledged"
	}
	if s.ReadOnly {
		text += "; READ-ONLY: no room left for inserts"
	}
	return text
}
