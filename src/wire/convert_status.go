package wire

import (
	"math"
	"strings"
	"time"

	"chord/keyspace"
	"chord/node"
	"chord/ring"
	"chord/wire/chordpb"
)

// clean makes text of any origin fit for a message.
func clean(s string, limit int) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}

func encodeTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func decodeTime(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func encodeView(v ring.View) *chordpb.RingView {
	return &chordpb.RingView{
		Self:        encodeOptionalPeer(v.Self),
		Phase:       chordpb.Phase(v.Phase + 1),
		Predecessor: encodeOptionalPeer(v.Predecessor),
		Successors:  encodeList(v.Successors, encodePeer),
		Fingers: encodeList(v.Fingers, func(f ring.Finger) *chordpb.Finger {
			return &chordpb.Finger{From: uint32(f.From), To: uint32(f.To), Peer: encodePeer(f.Peer)}
		}),
	}
}

func (d *decoder) view(m *chordpb.RingView) ring.View {
	phase := ring.Phase(m.GetPhase() - 1)
	if phase < ring.Outside || phase > ring.Member {
		d.fail(node.Invalid, "a phase %d, which this version does not know", m.GetPhase())
	}
	return ring.View{
		Self:        d.optionalPeer("self", m.GetSelf()),
		Phase:       phase,
		Predecessor: d.optionalPeer("predecessor", m.GetPredecessor()),
		Successors:  d.peers("successors", m.GetSuccessors()),
		Fingers: list(d, "fingers", m.GetFingers(), maxFingers, func(field string, f *chordpb.Finger) ring.Finger {
			if f.GetFrom() > f.GetTo() || f.GetTo() >= keyspace.Bits {
				d.fail(node.Invalid, "%s are out of order", field)
			}
			return ring.Finger{From: int(f.GetFrom()), To: int(f.GetTo()), Peer: d.peer(field, f.GetPeer())}
		}),
	}
}

func encodeStatus(s node.Status) *chordpb.StatusResponse {
	return &chordpb.StatusResponse{
		Ring:    clean(s.Ring, maxName),
		Self:    encodeMember(s.Self),
		View:    encodeView(s.View),
		Members: encodeList(s.Members, encodeMember),
		Since:   encodeTime(s.Since), Ready: encodeTime(s.Ready),
		Buckets: &chordpb.BucketCounts{
			Held: uint32(s.Buckets.Held), Wanted: uint32(s.Buckets.Wanted), Moving: uint32(s.Buckets.Moving), StandIns: uint32(s.Buckets.StandIns),
		},
		Store: &chordpb.StoreStatus{
			Path: clean(s.Store.Path, maxText), Keys: s.Store.Keys, ValueBytes: s.Store.ValueBytes,
			FileBytes: s.Store.FileBytes, Unsynced: s.Store.Unsynced, ReadOnly: s.Store.ReadOnly,
		},
		Doing:   clean(s.Doing, maxText),
		Done:    encodeCounters(s.Done),
		Quorums: encodeQuorums(s.Quorums),
		Margin:  &chordpb.Margin{Losses: uint32(s.Margin.Losses), Thin: uint32(s.Margin.Thin), Refused: uint32(s.Margin.Refused)},
		Repair: &chordpb.Repair{
			Compared: s.Repair.Compared, Keys: s.Repair.Keys, Bytes: s.Repair.Bytes,
			Round: encodeTime(s.Repair.Round), Scrubbed: encodeTime(s.Repair.Scrubbed), Damaged: s.Repair.Damaged,
		},
		Purge: &chordpb.PurgeStatus{
			Waiting: uint64(s.Purge.Waiting), Done: s.Purge.Done, Keys: s.Purge.Keys,
			Blocked: encodeList(s.Purge.Blocked, func(name string) string { return clean(name, maxName) }),
		},
		Security: &chordpb.Security{
			Mode: s.Security.Mode, Certificate: clean(s.Security.Certificate, maxText), Expires: encodeTime(s.Security.Expires),
			Cas: encodeList(s.Security.CAs, func(name string) string { return clean(name, maxName) }), Refused: s.Security.Refused,
		},
	}
}

func (d *decoder) security(m *chordpb.Security) node.Security {
	return node.Security{
		Mode: d.text("mode", m.GetMode(), maxName), Certificate: d.text("certificate", m.GetCertificate(), maxText),
		Expires: decodeTime(m.GetExpires()), Refused: m.GetRefused(),
		CAs: list(d, "CAs", m.GetCas(), maxCAs, func(field, name string) string { return d.text(field, name, maxName) }),
	}
}

func (d *decoder) number(n uint32) int {
	if n > math.MaxInt32 {
		d.fail(node.Invalid, "a count of %d", n)
	}
	return int(n)
}

func decodeStatus(m *chordpb.StatusResponse) (node.Status, error) {
	var d decoder
	buckets, store, margin, repair, purge := m.GetBuckets(), m.GetStore(), m.GetMargin(), m.GetRepair(), m.GetPurge()
	if purge.GetWaiting() > math.MaxInt {
		d.fail(node.Invalid, "a count of %d", purge.GetWaiting())
	}
	s := node.Status{
		Ring:    d.text("ring", m.Ring, maxName),
		Self:    d.member("self", m.Self),
		View:    d.view(m.View),
		Members: d.members("members", m.Members),
		Since:   decodeTime(m.Since), Ready: decodeTime(m.Ready),
		Buckets: node.BucketCounts{
			Held: d.number(buckets.GetHeld()), Wanted: d.number(buckets.GetWanted()), Moving: d.number(buckets.GetMoving()), StandIns: d.number(buckets.GetStandIns()),
		},
		Store: node.StoreStatus{
			Path: d.text("path", store.GetPath(), maxText), Keys: store.GetKeys(), ValueBytes: store.GetValueBytes(),
			FileBytes: store.GetFileBytes(), Unsynced: store.GetUnsynced(), ReadOnly: store.GetReadOnly(),
		},
		Doing:   d.text("doing", m.Doing, maxText),
		Done:    d.counters(m.Done),
		Quorums: d.quorums(m.Quorums),
		Margin:  node.Margin{Losses: d.number(margin.GetLosses()), Thin: d.number(margin.GetThin()), Refused: d.number(margin.GetRefused())},
		Repair: node.Repair{
			Compared: repair.GetCompared(), Keys: repair.GetKeys(), Bytes: repair.GetBytes(),
			Round: decodeTime(repair.GetRound()), Scrubbed: decodeTime(repair.GetScrubbed()), Damaged: repair.GetDamaged(),
		},
		Purge: node.PurgeStatus{
			Waiting: int(purge.GetWaiting()), Done: purge.GetDone(), Keys: purge.GetKeys(),
			Blocked: list(&d, "blocked", purge.GetBlocked(), maxMembers, func(field, name string) string { return d.text(field, name, maxName) }),
		},
	}
	s.Security = d.security(m.GetSecurity())
	return s, d.result()
}

func encodeTrace(t node.Trace) *chordpb.LookupResponse {
	return &chordpb.LookupResponse{
		Target:     t.Target[:],
		Owner:      encodeOptionalPeer(t.Owner),
		Successors: encodeList(t.Successors, encodePeer),
		Steps: encodeList(t.Steps, func(s node.TraceStep) *chordpb.TraceStep {
			return &chordpb.TraceStep{Asked: encodePeer(s.Asked), Took: int64(s.Took), Error: clean(s.Err, maxText)}
		}),
	}
}

func decodeTrace(m *chordpb.LookupResponse) (node.Trace, error) {
	var d decoder
	t := node.Trace{
		Target:     d.id("target", m.Target),
		Owner:      d.optionalPeer("owner", m.Owner),
		Successors: d.peers("successors", m.Successors),
		Steps: list(&d, "steps", m.Steps, maxSteps, func(field string, s *chordpb.TraceStep) node.TraceStep {
			return node.TraceStep{
				Asked: d.peer(field, s.GetAsked()), Took: time.Duration(s.GetTook()),
				Err: d.text(field, s.GetError(), maxText),
			}
		}),
	}
	return t, d.result()
}
