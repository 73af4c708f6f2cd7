package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"chord/client"
	"chord/member"
)

func forgetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "forget NAME",
		Short:   "Give up a member that is down, with all it holds",
		GroupID: groupRing,
		Long: `Takes a member that is down out of the ring for ever: for a machine or a disk that
will not come back. Its copies count no more; the others make new ones from those
they have. Nothing has to be forgotten for a member that comes back, nor while
its database can be had: the ring answers without it as long as enough other
copies are there.

What is given up is what this member alone had on its disk. Where as many members
are lost at once as the write quorum has, that may be writes that were
acknowledged.

It cannot be taken back: should the member be started with its old database, it
ends with a message. With an empty directory it joins anew under its name. On a
terminal the command asks before it does anything, else it wants --yes.`,
		Example: `  chord forget node3
  chord forget --node test1:8001 --yes --output json node3`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	t, output := targetFlags(c), outputFlag(c)
	yes := c.Flags().Bool("yes", false, "do not ask")
	c.RunE = func(c *cobra.Command, args []string) error {
		return forget(c, t, *output, args[0], *yes)
	}
	return c
}

// forget asks between two calls, each with the time of its own: a person may
// take theirs.
func forget(c *cobra.Command, t *target, output output, name string, yes bool) error {
	var members []member.Member
	err := t.ask(c, func(ctx context.Context, ring *client.Client) (err error) {
		members, err = ring.Members(ctx)
		return err
	})
	if err != nil {
		return err
	}
	m, err := forgettable(members, name)
	if err != nil {
		return err
	}
	if !yes {
		if err := confirm(c, givenUp(m, members)); err != nil {
			return err
		}
	}
	err = t.ask(c, func(ctx context.Context, ring *client.Client) error { return ring.Forget(ctx, name) })
	if err != nil {
		return err
	}
	if output.json() {
		return writeJSON(c.OutOrStdout(), map[string]any{"forgot": m.Name, "id": m.ID, "addr": m.Addr})
	}
	fmt.Fprintf(c.OutOrStdout(), "%s is forgotten; the others make new copies of what it held\n", m.Name)
	return nil
}

// forgettable returns the member of that name, if it is one to be forgotten.
func forgettable(members []member.Member, name string) (member.Member, error) {
	i := slices.IndexFunc(members, func(m member.Member) bool { return m.Name == name })
	if i < 0 {
		var names []string
		for _, m := range members {
			if m.State == member.Down {
				names = append(names, m.Name)
			}
		}
		hint := "no member is down; `chord ring` lists all"
		if len(names) > 0 {
			hint = "down are: " + strings.Join(names, ", ")
		}
		return member.Member{}, &failure{exitFailed, fmt.Sprintf("there is no member %q", name), hint}
	}
	m := members[i]
	switch m.State {
	case member.Down:
		return m, nil
	case member.Suspect:
		return m, &failure{exitFailed, m.Name + " did not answer, and may yet", "wait until it counts as down"}
	case member.Left, member.Forgotten:
		return m, &failure{exitFailed, m.Name + " holds nothing any more: " + m.State.String(), "nothing is to be done"}
	}
	return m, &failure{exitFailed, m.Name + " is " + m.State.String() + ", and only who is down can be forgotten",
		"`chord leave --node " + m.Addr + "` takes it out without loss; or stop it first"}
}

// givenUp says what forgetting means.
func givenUp(m member.Member, members []member.Member) string {
	var others []string
	for _, o := range members {
		if o.State == member.Down && o.ID != m.ID {
			others = append(others, o.Name)
		}
	}
	text := fmt.Sprintf("%s at %s will be out of the ring for ever, and its database of no use to anybody.\nWhat it alone has on its disk is given up", m.Name, m.Addr)
	if len(others) > 0 {
		return text + fmt.Sprintf(". ALSO DOWN: %s. What was acknowledged\nby these alone can be had only from them: start one of them, if you can, before you forget any.\n", strings.Join(others, ", "))
	}
	return text + "; all others are there, and have what was acknowledged by a\nwrite quorum of two or more.\n"
}

// confirm asks a person, and refuses where there is none.
func confirm(c *cobra.Command, text string) error {
	in, ok := c.InOrStdin().(*os.File)
	if !ok || !isTerminal(in) {
		return wrongUsage("give --yes, if it is meant", "nobody is there to be asked:\n%s", strings.TrimSpace(text))
	}
	return askYes(c.InOrStdin(), c.ErrOrStderr(), text)
}

func askYes(in io.Reader, out io.Writer, text string) error {
	fmt.Fprintf(out, "%sForget it? (y/n) ", text)
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer == "y" || answer == "yes" {
		return nil
	}
	return &failure{exitFailed, "nothing was forgotten", ""}
}
