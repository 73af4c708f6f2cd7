package main

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/dashboard"
	"chord/keyspace"
	"chord/terminal"
)

func ringCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "ring",
		Short:   "List the members of the ring and what they hold",
		GroupID: groupRing,
		Long: `Lists the members of the ring in the order of their places on the circle, with
the share of the circle that each coordinates, the buckets of which it has a
synced copy, and the keys in its copies. Each member is asked itself; what one that
does not answer holds is not known. Below stands what wants attention, and how many
more may be lost before writes are refused.

On a terminal the list fits its width and has colours, unless NO_COLOR is set; in a
wide one there are more columns. Through a pipe it has all of them. --output svg
draws a picture of the ring.`,
		Example: `  chord ring
  chord ring --node test1:8001 --output json | jq '.members[].name'
  chord ring --output svg > ring.svg`,
		Args: cobra.NoArgs,
	}
	t, output := targetFlags(c), outputFlag(c, "svg")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ring, err := t.open(c.Context())
		if err != nil {
			return err
		}
		defer ring.Close()
		survey, err := ring.Survey(c.Context())
		if err != nil {
			return err
		}
		w := c.OutOrStdout()
		switch *output {
		case "json":
			return writeJSON(w, ringOf(survey))
		case "svg":
			return drawRing(w, survey)
		}
		return terminal.Ring(w, terminal.StyleOf(w, os.Getenv), survey, time.Now())
	}
	return c
}

// drawRing writes the ring as a picture.
func drawRing(w io.Writer, s client.Survey) error {
	loads := make(map[keyspace.ID]dashboard.Load)
	for _, m := range s.Members {
		if m.Status != nil {
			loads[m.ID] = dashboard.LoadOf(*m.Status)
		}
	}
	return dashboard.Draw(w, s.Asked, loads)
}

// ringView is what the members of a ring say of themselves.
type ringView struct {
	Ring    string       `json:"ring"`
	Members []memberView `json:"members"`
	Quorums quorumsView  `json:"quorums"`
	Margin  marginView   `json:"margin"` // as the asked node sees it
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
	Ready   *time.Time  `json:"ready"`
	Buckets *int        `json:"buckets"` // with a synced copy here
	Wanted  *int        `json:"wanted"`  // whose copy is to be filled
	Moving  *int        `json:"moving"`  // whose copy is surplus
	Keys    *uint64     `json:"keys"`
	Bytes   *uint64     `json:"value_bytes"`
	Error   string      `json:"error,omitempty"`
}

func ringOf(s client.Survey) ringView {
	v := ringView{Ring: s.Asked.Ring, Members: []memberView{}, Quorums: quorumsView(s.Asked.Quorums), Margin: marginView(s.Asked.Margin)}
	for _, m := range s.Members {
		one := memberView{
			ID: m.ID, Name: m.Name, Addr: m.Addr, Domain: m.Domain, State: m.State.String(), Serving: m.Placed, Share: m.Share,
		}
		if st := m.Status; st != nil {
			one.Buckets, one.Wanted, one.Moving = &st.Buckets.Held, &st.Buckets.Wanted, &st.Buckets.Moving
			one.Keys, one.Bytes, one.Ready = &st.Store.Keys, &st.Store.ValueBytes, timeOrNull(st.Ready)
		}
		if m.Err != nil {
			one.Error = m.Err.Error()
		}
		v.Members = append(v.Members, one)
	}
	return v
}
