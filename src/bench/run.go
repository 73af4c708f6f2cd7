package bench

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// run is a run while it is under way.
type run struct {
	Options
	content
	clients []Client

	begin, end time.Time     // of the measuring; a zero end: when the operations are done
	start      time.Time     // of the warm-up
	interval   time.Duration // between two points
	issued     atomic.Int64
	workers    []*worker

	total    tally
	points   []Point
	last     time.Time // when the last point was taken
	finished time.Time // when the last operation ended
}

// Run does what the options say with the clients, each worker with one of them
// in turn. The error is of the options, of ctx, of a preparation that failed,
// [ErrNothing] or [ErrLost]; what goes wrong in operations is in the result.
func Run(ctx context.Context, o Options, clients []Client) (Result, error) {
	o = o.WithDefaults()
	if err := o.Check(); err != nil {
		return Result{}, err
	}
	if o.Single {
		var err error
		if clients, err = singles(clients); err != nil {
			return Result{}, err
		}
	}
	r := &run{Options: o, content: newContent(o), clients: clients, total: newTally()}
	if o.Work.reads() {
		if err := r.load(ctx); err != nil {
			return Result{}, err
		}
	}
	r.measure(ctx)
	result := r.result()
	if ctx.Err() != nil {
		return result, ctx.Err()
	}
	if result.Operations == 0 {
		return result, ErrNothing
	}
	err := r.verify(ctx, &result)
	return result, err
}

// measure warms up and measures.
func (r *run) measure(ctx context.Context) {
	r.start = time.Now()
	r.begin = r.start.Add(r.WarmUp)
	if r.Duration > 0 {
		r.end = r.begin.Add(r.Duration)
	}
	r.last, r.interval = r.begin, time.Second
	if r.Duration > 0 {
		r.interval = min(max(r.Duration/60, 100*time.Millisecond), 10*time.Second)
	}
	var working sync.WaitGroup
	for i := range r.Clients {
		w := &worker{run: r, to: r.clients[i%len(r.clients)], rand: rand.New(rand.NewPCG(r.Seed, uint64(i)))}
		w.since = newTally()
		r.workers = append(r.workers, w)
	}
	for _, w := range r.workers {
		working.Go(func() { w.work(ctx) })
	}
	done := make(chan struct{})
	go func() {
		working.Wait()
		close(done)
	}()
	r.watch(done)
	r.finished = time.Now()
	r.point(r.finished)
}

// watch takes a point every interval until the work is done.
func (r *run) watch(done <-chan struct{}) {
	timer := time.NewTimer(r.WarmUp%r.interval + r.interval) // one ends with the warm-up
	defer timer.Stop()
	for {
		select {
		case <-done:
			return
		case now := <-timer.C:
			timer.Reset(r.interval)
			r.Progress(r.progress(now))
			if now.After(r.begin) {
				r.point(now)
			}
		}
	}
}

func (r *run) point(now time.Time) {
	length := now.Sub(r.last)
	t := collect(r.workers)
	if length < r.interval/4 && len(r.points) > 0 || length <= 0 { // too short to say anything of
		r.total.take(&t)
		return
	}
	r.points = append(r.points, pointOf(&t, &r.total, now.Sub(r.begin), length))
	r.last = now
}

func (r *run) progress(now time.Time) (phase string, done float64) {
	if now.Before(r.begin) {
		return "warm-up", float64(now.Sub(r.start)) / float64(r.WarmUp)
	}
	if r.Operations > 0 {
		done = float64(r.total.done()+r.total.failed()) / float64(r.Operations)
	}
	if r.Duration > 0 {
		done = max(done, float64(now.Sub(r.begin))/float64(r.Duration))
	}
	return string(r.Work), min(done, 1)
}

func (r *run) result() Result {
	took := r.finished.Sub(r.begin)
	res := Result{
		Work: r.Work, Clients: r.Clients, Keys: r.Keys, ValueSize: r.ValueSize, Rate: r.Rate, Single: r.Single, Seed: r.Seed,
		Seconds: took.Seconds(), Operations: r.total.done(), Failed: r.total.failed(), Errors: r.total.faults,
		Writes: latencyOf(r.total.writes), Reads: latencyOf(r.total.reads), Points: r.points,
	}
	if took > 0 {
		res.Throughput = float64(res.Operations) / took.Seconds()
	}
	if r.Rate > 0 && r.Duration > 0 {
		due := int(r.Rate * min(took, r.Duration).Seconds())
		if r.Operations > 0 {
			due = min(due, r.Operations)
		}
		res.Unsent = max(0, due-res.Operations-res.Failed)
	}
	return res
}
