package wire

import (
	"context"
	"sync/atomic"

	"chord/wire/chordpb"
)

// workers carries out operations beside each other. A goroutine that has done
// one waits for another, since it has its stack already; how many there may be
// is for who gives them work to bound.
type workers struct {
	jobs chan job
	idle atomic.Int64
	end  context.Context
}

// job is an operation that has begun.
type job struct {
	*sitting
	op  *chordpb.NumberedOp
	ctx *limited
	end func(*chordpb.NumberedResult) error
	err error // it met a fault, and has no end
}

func newWorkers(end context.Context) *workers {
	return &workers{jobs: make(chan job), end: end}
}

// run gives a job to who is idle, or to one more goroutine.
func (p *workers) run(j job) {
	select {
	case p.jobs <- j:
	default:
		go p.work(j)
	}
}

func (p *workers) work(j job) {
	for {
		j.work()
		j = job{} // what it held may go
		if p.idle.Add(1) > maxIdle {
			p.idle.Add(-1)
			return
		}
		select {
		case j = <-p.jobs:
			p.idle.Add(-1)
		case <-p.end.Done():
			p.idle.Add(-1)
			return
		}
	}
}
