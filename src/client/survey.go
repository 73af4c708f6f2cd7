package client

import (
	"context"
	"sync"

	"chord/keyspace"
	"chord/member"
	"chord/node"
)

// Survey is what a ring's members say of themselves.
type Survey struct {
	Asked   node.Status // of who was asked for the members
	Members []Surveyed  // by place
}

// Surveyed is a member and its answer.
type Surveyed struct {
	member.Member
	// Placed is set where the member counts among those who hold copies; it owns the
	// piece of the circle from the one before, a part of it called Share.
	Placed bool
	Arc    keyspace.Arc
	Share  float64
	// Status is without the members. It is nil where there was no answer; Err says
	// why, of who has not left.
	Status *node.Status
	Err    error
}

// surveyed at once, at most.
const surveyed = 32

// Survey asks a node for the members, and all that have not left for their status.
// Each has the time that Options.Wire allows.
func (c *Client) Survey(ctx context.Context) (Survey, error) {
	asked, err := c.Status(ctx)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{Asked: asked, Members: place(asked.Members)}
	var asking sync.WaitGroup
	slots := make(chan struct{}, surveyed)
	for i := range s.Members {
		if m := &s.Members[i]; m.State < member.Left {
			asking.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				m.ask(ctx, c)
			})
		}
	}
	asking.Wait()
	return s, nil
}

func (m *Surveyed) ask(ctx context.Context, c *Client) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Wire.Timeout)
	defer cancel()
	at, err := c.At(m.Addr)
	if err == nil {
		var s node.Status
		if s, err = at.BriefStatus(ctx); err == nil {
			m.Status = &s
		}
	}
	m.Err = err
}

// place gives each member that holds copies the piece of the circle between the
// one before and itself.
func place(members []member.Member) []Surveyed {
	all := make([]Surveyed, len(members))
	var placed []*Surveyed
	for i, m := range members {
		all[i] = Surveyed{Member: m, Placed: m.Serving && m.State < member.Left && m.State != member.Leaving}
		if all[i].Placed {
			placed = append(placed, &all[i])
		}
	}
	for i, m := range placed {
		before := placed[(i+len(placed)-1)%len(placed)]
		m.Arc = keyspace.Arc{Start: before.ID, End: m.ID}
		m.Share = m.Arc.Length().Fraction()
		if len(placed) == 1 {
			m.Share = 1
		}
	}
	return all
}
