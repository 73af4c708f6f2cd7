package wire

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/proto"

	"chord/node"
	"chord/wire/chordpb"
)

// outbox is what a server's stream knows of its operations: how many it works
// on, and which answers wait to be sent.
type outbox struct {
	wake chan struct{} // something to send, or the end
	room chan struct{} // fewer operations than before
	// all is how many bytes of answers wait on all streams of the server.
	all *atomic.Int64

	mu      sync.Mutex
	answers lanes[*chordpb.NumberedResult]
	taken   uint64 // the number of the last operation that was taken
	working int    // operations whose answers were not given to the stream
	closing bool   // takes no more
	gone    bool   // nothing is sent any more
	tell    bool   // and the caller does not know yet
}

func newOutbox(all *atomic.Int64) *outbox {
	return &outbox{all: all, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// take counts an operation in. It waits while the caller has too many, or does
// not read the answers: who reads slowly is read slowly, and nobody else is held
// up. It returns false where the stream takes no more.
func (b *outbox) take(ctx context.Context, number uint64) (bool, error) {
	for {
		taken, full, err := b.tryTake(number)
		if !full {
			return taken, err
		}
		select {
		case <-b.room:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

func (b *outbox) tryTake(number uint64) (taken, full bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case number <= b.taken:
		return false, false, call{}.failf(node.Invalid, "malformed message: operation %d after %d", number, b.taken)
	case b.closing:
		return false, false, nil
	case b.working >= maxStreams || b.answers.bytes >= maxUnsent,
		b.answers.bytes > 0 && b.all.Load() >= maxUnsentAll:
		return false, true, nil
	}
	b.taken = number
	b.working++
	return true, false, nil
}

// put queues an answer. It does not wait: there are no more answers than
// operations that were taken.
func (b *outbox) put(r *chordpb.NumberedResult) {
	size := proto.Size(r) + resultOverhead
	if size > maxAnswer {
		r.Values, r.Read = nil, nil
		r.Error = encodeError(&node.Error{
			Kind:   node.TooLarge,
			Text:   fmt.Sprintf("the answer has %d bytes, the limit is %d", size, maxAnswer),
			Remedy: "ask for the values by pages: chord retrieve, SSCAN at the Redis port, Values of the Go client",
		})
		size = proto.Size(r)
	}
	if all := b.all.Add(int64(size)); size >= largeItem && all > 2*maxUnsentAll {
		r.Values, r.Read = nil, nil
		r.Error = encodeError(call{}.failf(node.Overloaded, "answers of %d bytes wait to be sent", 2*maxUnsentAll))
		b.all.Add(int64(proto.Size(r) - size))
		size = proto.Size(r)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		b.all.Add(-int64(size))
		return
	}
	b.answers.put(r, size)
	signal(b.wake)
}

// abandon drops the answers that are not sent.
func (b *outbox) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = true
	b.all.Add(-int64(b.answers.bytes))
	b.answers = lanes[*chordpb.NumberedResult]{}
}

// resultOverhead is what an answer's message takes at most beside the answer.
const resultOverhead = 32

// close takes no more operations; tell is set where the caller should know.
func (b *outbox) close(tell bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closing {
		b.closing, b.tell = true, tell
		signal(b.wake)
		signal(b.room)
	}
}

// next fills the next message and reports whether there is one; done says that
// none will come any more.
func (b *outbox) next(m *chordpb.ResultBatch) (some, done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(m.Results)
	waiting := b.answers.bytes
	m.Results = b.answers.next(m.Results[:0])
	b.all.Add(-int64(waiting - b.answers.bytes))
	m.Closing, m.Taken = b.tell, 0
	if b.tell {
		b.tell, m.Taken = false, b.taken
	}
	if b.working -= len(m.Results); len(m.Results) > 0 {
		signal(b.room)
	}
	return len(m.Results) > 0 || m.Closing, b.closing && b.working == 0
}
