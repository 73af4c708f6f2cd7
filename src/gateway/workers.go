package gateway

import (
	"context"
	"sync"
	"sync/atomic"
)

// maxIdle is how many goroutines wait for work.
const maxIdle = 256

// workers does jobs beside each other. A goroutine that has done one waits for
// another, since it has its stack already; who gives them work bounds it.
type workers struct {
	jobs chan job
	idle atomic.Int64
	end  context.Context
}

// job is a call, or a part of one.
type job struct {
	call *call
	part func(i int) // nil: the whole call
	i    int
	done *sync.WaitGroup
}

func (j job) run() {
	defer j.done.Done()
	if j.part != nil {
		j.part(j.i)
	} else {
		j.call.run()
	}
}

// start gives a job to who is idle, or to one more goroutine.
func (w *workers) start(j job) {
	select {
	case w.jobs <- j:
	default:
		go w.work(j)
	}
}

func (w *workers) work(j job) {
	for {
		j.run()
		j = job{} // what it held may go
		if w.idle.Add(1) > maxIdle {
			w.idle.Add(-1)
			return
		}
		select {
		case j = <-w.jobs:
			w.idle.Add(-1)
		case <-w.end.Done():
			w.idle.Add(-1)
			return
		}
	}
}
