package client

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"chord/keyspace"
	"chord/member"
	"chord/node"
	"chord/replica"
)

// scanRounds is how often all are asked, in hope that what moves or is down can
// be had.
const scanRounds = 3

// Scan gives all entries of the ring, in no order that means anything: each as it
// was at one moment, all that was acknowledged before and not removed meanwhile. A
// key with very many values comes in parts, and an entry that moves comes twice.
// What cannot be had is an error at the end.
func (c *Client) Scan(ctx context.Context) iter.Seq2[node.Entry, error] {
	return func(yield func(node.Entry, error) bool) {
		for x, err := range c.Export(ctx, []node.Range{{First: 0, Last: keyspace.Buckets - 1}}) {
			if (err != nil || x.Key != nil) && !yield(x.Entry, err) {
				return
			}
		}
	}
}

// Export is [Client.Scan] of the wanted buckets, which are in order, and says
// which of them are complete: nothing of these comes again. Who kept them goes on
// after an interruption.
func (c *Client) Export(ctx context.Context, wanted []node.Range) iter.Seq2[node.Exported, error] {
	return func(yield func(node.Exported, error) bool) {
		s := scan{client: c, wanted: newBuckets(wanted), yield: yield}
		if err := s.run(ctx); err != nil && !s.ended {
			yield(node.Exported{}, err)
		}
	}
}

// scan is a scan on its way.
type scan struct {
	client *Client
	wanted *buckets
	yield  func(node.Exported, error) bool
	ended  bool // the reader has enough
	failed []string
}

func (s *scan) run(ctx context.Context) error {
	total := s.wanted.count
	for round := 0; s.wanted.count > 0 && round < scanRounds; round++ {
		if round > 0 && !wait(ctx, time.Second) {
			break
		}
		members, err := s.client.Members(ctx)
		if err != nil {
			return err
		}
		s.failed = nil
		for _, m := range members {
			if m.State == member.Left || s.wanted.count == 0 {
				continue
			}
			if err := s.from(ctx, m.Addr); s.ended || ctx.Err() != nil {
				return err
			} else if err != nil {
				s.failed = append(s.failed, fmt.Sprintf("; %s at %s: %v", m.Name, m.Addr, err))
			}
		}
	}
	if s.wanted.count == 0 {
		return nil
	}
	return &node.Error{
		Kind:   node.Unavailable,
		Text:   fmt.Sprintf("%d of %d buckets (%.1f %%) could not be had%s", s.wanted.count, total, 100*float64(s.wanted.count)/float64(total), strings.Join(s.failed, "")),
		Remedy: "start who is down",
	}
}

// from takes what one node has. It is asked for its status first, which tells in
// time whether it is there at all.
func (s *scan) from(ctx context.Context, addr string) error {
	at, err := s.client.At(addr)
	if err != nil {
		return err
	}
	reach, cancel := context.WithTimeout(ctx, s.client.o.Wire.Timeout)
	defer cancel()
	if _, err := at.BriefStatus(reach); err != nil {
		return err
	}
	for x, err := range at.Export(ctx, s.wanted.ranges()) {
		if err != nil {
			return err
		}
		s.wanted.take(x.Done)
		if s.ended = !s.yield(x, nil); s.ended {
			return nil
		}
	}
	return nil
}

// buckets is a set of buckets that gets smaller.
type buckets struct {
	in    [keyspace.Buckets]bool
	count int
}

func newBuckets(runs []node.Range) *buckets {
	var b buckets
	for _, r := range runs {
		for i := int(r.First); i <= int(r.Last); i++ {
			b.in[i] = true
		}
	}
	for _, in := range b.in {
		if in {
			b.count++
		}
	}
	return &b
}

func (b *buckets) take(runs []node.Range) {
	for _, r := range runs {
		for i := int(r.First); i <= int(r.Last); i++ {
			if b.in[i] {
				b.in[i] = false
				b.count--
			}
		}
	}
}

func (b *buckets) ranges() []node.Range {
	var list []keyspace.Bucket
	for i, in := range b.in {
		if in {
			list = append(list, keyspace.Bucket(i))
		}
	}
	return replica.Ranges(list)
}
