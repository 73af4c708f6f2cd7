package node

import (
	"context"
	"slices"
	"time"

	"chord/fault"
	"chord/keyspace"
	"chord/member"
	"chord/replica"
	"chord/store"
	"chord/value"
)

// hedge is how long a read waits for those whom it asks first before it asks the
// others as well.
const hedge = 20 * time.Millisecond

// Read says what this node knows of a key, to another member of its group.
func (n *Node) Read(ctx context.Context, r Read) (reply ReadReply, err error) {
	_, request := n.begin(ctx, Seen, 0)
	defer func() { request.end(err) }()
	return n.readHere(r)
}

func (n *Node) readHere(r Read) (reply ReadReply, err error) {
	at, err := n.follows(r.Key, r.From, r.Stamp)
	if err != nil {
		return reply, err
	}
	reply.Done = n.requests.done(r.Request) // before the set: that has it then
	var c replica.Copy
	err = n.cfg.Store.View(func(v *store.View) error {
		if c, err = n.synced(v, at); err != nil {
			return err
		}
		if err := fence(c, r.Epoch, at.bucket); err != nil {
			return err
		}
		if reply.Digest, err = v.Digest(r.Key); err != nil || reply.Digest == r.Digest {
			reply.Same = true
			return err
		}
		reply.Set, err = v.Set(r.Key)
		return err
	})
	n.lookForDamage(at.bucket, err)
	if err == nil && !reply.Same && !c.Knows(r.From) {
		err = n.noteReader(r.From, FetchPart{Bucket: at.bucket, Epoch: r.Epoch})
	}
	if err != nil {
		return ReadReply{}, storeError(err)
	}
	if reply.Set.Delta(r.Key).Size() > inline {
		reply.Set, reply.Large = value.Set{}, true
	}
	return reply, nil
}

// read coordinates an operation that reads.
func (n *Node) read(ctx context.Context, at place, op Op) (Result, error) {
	if !op.Kind.ofPart() {
		return n.readSet(ctx, at, op)
	}
	seen, err := n.readPart(ctx, at, op)
	switch {
	case err != nil:
		return Result{}, unavailable(err)
	case seen.agreed:
		return seen.part, nil
	}
	all, err := n.readSet(ctx, at, Op{Kind: Retrieve, Key: op.Key})
	return op.among(all.Values), err
}

func (n *Node) readSet(ctx context.Context, at place, op Op) (Result, error) {
	back, err := n.makeRoom(ctx, at, op)
	if err != nil {
		return Result{}, unavailable(err)
	}
	defer back()
	seen, err := n.quorumReadOf(ctx, at, op)
	if err != nil {
		return Result{}, unavailable(err)
	}
	return n.readBack(ctx, at, op, seen)
}

func (n *Node) readPart(ctx context.Context, at place, op Op) (sight, error) {
	back, err := n.makeRoom(ctx, at, op)
	if err != nil {
		return sight{}, err
	}
	defer back()
	return n.quorumReadOf(ctx, at, op)
}

// makeRoom waits until what an operation reads of a set may be in memory.
func (n *Node) makeRoom(ctx context.Context, at place, op Op) (back func(), err error) {
	size := 0
	if op.Kind != Count && op.Kind != Has {
		err = n.cfg.Store.View(func(v *store.View) (err error) {
			size, err = v.Weigh(at.key)
			return err
		})
	}
	if op.Kind == Page {
		size = min(size, MaxPageBytes)
	}
	if err != nil || size < largeSet {
		return func() {}, nil // what is wrong the read itself finds out
	}
	return n.large.take(ctx, size)
}

// readBack answers with what was seen, once a write quorum has it: who reads
// next, from others, must find no less. What came since is no part of the
// answer, for it may be on this disk alone.
func (n *Node) readBack(ctx context.Context, at place, op Op, seen sight) (Result, error) {
	if !seen.agreed && !fault.Planted(fault.NoWriteBack) {
		if err := n.noteReaders(at, seen.epoch); err != nil {
			return Result{}, unavailable(err)
		}
		if err := n.spread(ctx, n.send(ctx, at, seen.have, seen.set.Delta(at.key), seen.epoch, RequestID{})); err != nil {
			return Result{}, unavailable(err)
		}
	}
	return Result{Values: seen.answer(op)}, nil
}

// sight is what a read found.
type sight struct {
	digest store.Digest  // of what is known here
	values [][]byte      // of Retrieve, where set is not read
	part   Result        // of Count, Has and Page
	set    value.Set     // of Retrieve and Get
	epoch  uint64        // that the set is of
	agreed bool          // a read quorum knows the same, and a write quorum has it
	done   bool          // one of them carried the request out
	have   []keyspace.ID // who knows what is known here
}

// answer returns what the operation asks for.
func (s sight) answer(op Op) [][]byte {
	if op.Kind == Retrieve && s.values != nil {
		return s.values
	}
	values := s.set.Values()
	if op.Kind == Retrieve || len(values) < 2 {
		return values
	}
	if fault.Planted(fault.LatestOfOne) {
		return values[time.Now().UnixNano()%int64(len(values)):][:1]
	}
	best, latest := 0, value.Dot{}
	for i, e := range s.set.Elements {
		for _, d := range e.Dots {
			if d.Seq > latest.Seq || d.Seq == latest.Seq && d.Compare(latest) > 0 {
				best, latest = i, d
			}
		}
	}
	return values[best : best+1]
}

// quorumRead takes in what a read quorum knows of a key, for a write.
func (n *Node) quorumRead(ctx context.Context, at place, request RequestID) (sight, error) {
	return n.quorumReadOf(ctx, at, Op{Kind: Delete, Key: at.key, Request: request})
}

// quorumReadOf reads here what the operation needs, and brings here what the
// others of a read quorum know beyond it.
func (n *Node) quorumReadOf(ctx context.Context, at place, op Op) (seen sight, err error) {
	for range purgeTries {
		if seen, err = n.quorumReadOnce(ctx, at, op); err == nil || KindOf(err) != Behind {
			break
		}
	}
	return seen, err
}

// quorumReadOnce fails with [Behind] where a purge began meanwhile.
func (n *Node) quorumReadOnce(ctx context.Context, at place, op Op) (seen sight, err error) {
	var c replica.Copy
	if err := n.look(at, op, &seen, &c); err != nil {
		return seen, err
	}
	seen.have = []keyspace.ID{n.cfg.ID}
	if op.One || fault.Planted(fault.ReadOne) {
		seen.agreed = true
		return seen, nil
	}
	replies, err := n.askOthers(ctx, at, Read{
		From: n.cfg.ID, Stamp: at.group.Stamp, Epoch: c.Epoch, Key: at.key, Digest: seen.digest, Request: op.Request,
	})
	if err != nil {
		return seen, err
	}
	same := true
	for _, r := range replies {
		seen.done = seen.done || r.Done
		same = same && r.Same
	}
	if !same {
		if err := n.takeIn(ctx, at, c, replies); err != nil {
			return seen, err
		}
	}
	if same && at.lasts(append(seen.have, idsOf(replies)...)) {
		seen.agreed = true
		return seen, nil
	}
	if err := n.lookAll(at, op, &seen); err != nil {
		return seen, err
	}
	for _, r := range replies {
		if r.Digest == seen.digest {
			seen.have = append(seen.have, r.from.ID)
		}
	}
	return seen, nil
}

// lookAll reads in one view what will be written back and answered, and its
// digest.
func (n *Node) lookAll(at place, op Op, seen *sight) error {
	err := n.cfg.Store.View(func(v *store.View) (err error) {
		c, err := n.synced(v, at)
		if err != nil {
			return err
		}
		seen.epoch = c.Epoch
		if op.Kind == Retrieve || op.Kind == Get {
			seen.values = nil
			if seen.set, err = v.Set(at.key); err != nil {
				return err
			}
		}
		seen.digest, err = v.Digest(at.key)
		return err
	})
	n.lookForDamage(at.bucket, err)
	return storeError(err)
}

// look reads what is known here.
func (n *Node) look(at place, op Op, seen *sight, c *replica.Copy) error {
	err := n.cfg.Store.View(func(v *store.View) (err error) {
		if *c, err = n.synced(v, at); err != nil {
			return err
		}
		switch op.Kind {
		case Retrieve:
			seen.values, seen.digest, err = v.Retrieve(at.key)
			return err
		case Get:
			if seen.set, err = v.Set(at.key); err != nil {
				return err
			}
		default:
			if seen.part, err = op.partOf(v); err != nil {
				return err
			}
		}
		seen.digest, err = v.Digest(at.key)
		return err
	})
	n.lookForDamage(at.bucket, err)
	return storeError(err)
}

// reply is what a member answered to a read.
type reply struct {
	ReadReply
	from member.Member
	err  error
}

// lasts reports whether what these members have needs no write-back: a write
// quorum of them is enough where too few failure domains are left.
func (at place) lasts(have []keyspace.ID) bool {
	var up []keyspace.ID
	for _, id := range at.group.Members {
		if m, ok := at.known.member(id); ok && m.State != member.Down {
			up = append(up, id)
		}
	}
	return at.group.Durable(have) || len(have) >= at.group.Write && !at.group.Durable(up)
}

func idsOf(replies []reply) (ids []keyspace.ID) {
	for _, r := range replies {
		ids = append(ids, r.from.ID)
	}
	return ids
}

// askOthers asks as many others of the group as a quorum lacks, then, where they
// fail or are slow, the rest, and returns the first answers. It begins with who
// comes after this node, so that all of a group are asked equally often.
func (n *Node) askOthers(ctx context.Context, at place, r Read) ([]reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	others := make([]member.Member, 0, len(at.group.Members))
	self := slices.Index(at.group.Members, n.cfg.ID)
	for i := range at.group.Members {
		id := at.group.Members[(self+1+i)%len(at.group.Members)]
		if m, _ := at.known.member(id); id != n.cfg.ID && m.State != member.Down {
			others = append(others, m)
		}
	}
	need := at.group.Read - 1
	answers := make(chan reply, len(others))
	asked := 0
	ask := func(most int) {
		for ; asked < len(others) && most > 0; most-- {
			m := others[asked]
			asked++
			n.spawn(func() { answers <- n.askOne(ctx, at, m, r) })
		}
	}
	ask(need)
	slow := time.NewTimer(hedge)
	defer slow.Stop()
	replies := make([]reply, 0, need)
	var reason error = failf(Unavailable, "too few members that hold the key can be reached")
	for failed := 0; len(replies) < need; {
		if len(others)-failed < need {
			return nil, reason
		}
		select {
		case a := <-answers:
			if a.err == nil {
				replies = append(replies, a)
				continue
			}
			failed, reason = failed+1, a.err
			ask(1)
		case <-slow.C:
			ask(len(others))
		case <-ctx.Done():
			return nil, storeError(context.Cause(ctx))
		case <-n.ctx.Done():
			return nil, errClosed
		}
	}
	return replies, nil
}

// askOne asks a member, again and again while the two see different members or
// it is busy.
func (n *Node) askOne(ctx context.Context, at place, m member.Member, r Read) (a reply) {
	ctx, ended := n.step(ctx, false, "ask a copy", m.Name)
	defer func() { ended(a.err) }()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		got, err := n.cfg.Dialer.Dial(m.Addr).Read(ctx, r)
		if err == nil {
			return reply{ReadReply: got, from: m}
		}
		again := false
		switch KindOf(err) {
		case NotResponsible:
			again = n.exchangeTables(ctx, m) == nil && !n.moved(at)
		case Overloaded, Unavailable, Unknown, Unauthenticated, PermissionDenied:
			again = true
		case Behind:
			again = n.catchUp(ctx, m, at.bucket) == nil && n.epoch(at.bucket) == r.Epoch
		}
		if now, _ := n.known.Load().member(m.ID); !again || now.State == member.Down || !sleep(ctx, pause) {
			return reply{from: m, err: err}
		}
	}
}

// takeIn merges what the others know, in one transaction but for what is too
// large for a message.
func (n *Node) takeIn(ctx context.Context, at place, c replica.Copy, replies []reply) error {
	id := keyspace.HashKey(at.key)
	size := 0
	for _, r := range replies {
		size += r.Set.Delta(at.key).Size()
		if !r.Large {
			continue
		}
		f := Fetch{From: n.cfg.ID, Parts: []FetchPart{{Bucket: at.bucket, Epoch: c.Epoch, IDs: []keyspace.ID{id}}}}
		if _, err := n.fetchAll(ctx, r.from, f); err != nil {
			return storeError(err)
		}
	}
	noteworthy, epoch := false, c.Epoch
	err := n.cfg.Store.Update(ctx, store.Change{At: id, Size: size, Do: func(tx *store.Tx) (err error) {
		if c, err = n.synced(&tx.View, at); err != nil {
			return err
		}
		if err := fence(c, epoch, at.bucket); err != nil {
			return err
		}
		if c, noteworthy = n.note(c, at.group.Members); noteworthy {
			if err := n.setCopy(tx, at.bucket, c); err != nil {
				return err
			}
		}
		for _, r := range replies {
			if r.Same || r.Large {
				continue
			}
			if _, err := tx.MergeDelta(r.Set.Delta(at.key)); err != nil {
				return err
			}
		}
		return nil
	}})
	if err == nil && noteworthy {
		n.noted(at.bucket, c)
	}
	return storeError(err)
}
