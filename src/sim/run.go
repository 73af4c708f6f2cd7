package sim

import (
	"cmp"
	"context"
	"runtime"
	"slices"
)

// job is one point of an experiment. Its work may go on beside others'; the
// function that it returns enters the result, one at a time. It is nil where the
// context ended.
type job struct {
	cost int // roughly, to begin with the longest
	work func(context.Context) (enter func())
}

// experiment is one of the parts of a [Report].
type experiment interface {
	jobs(Options) []job
	finish() // after the last result was entered, or the last there will be
	tables() []Table
	charts() []drawing
}

// Report is what came out. An experiment that was not made is nil.
type Report struct {
	Seed uint64 `json:"seed"`
	// Interrupted: the context ended before all points were there.
	Interrupted bool      `json:"interrupted,omitempty"`
	Path        *Path     `json:"path,omitempty"`
	Keys        *Keys     `json:"keys,omitempty"`
	Failures    *Failures `json:"failures,omitempty"`
	Churn       *Churn    `json:"churn,omitempty"`
	Merge       *Merge    `json:"merge,omitempty"`
}

// Run makes the experiments, on as many processors as there are. When ctx ends
// it returns at once with the points that are done; what was under way ends by
// itself, a moment later.
func Run(ctx context.Context, o Options) (Report, error) {
	if err := o.Check(); err != nil {
		return Report{}, err
	}
	o = o.withDefaults()
	r := newReport(o)
	var jobs []job
	for _, e := range r.experiments() {
		jobs = append(jobs, e.jobs(o)...)
	}
	r.Interrupted = !runAll(ctx, jobs, o.Progress)
	for _, e := range r.experiments() {
		e.finish()
	}
	return r, nil
}

func newReport(o Options) Report {
	r := Report{Seed: o.Seed}
	for _, name := range o.Experiments {
		switch name {
		case NamePath:
			r.Path = &Path{}
		case NameKeys:
			r.Keys = &Keys{}
		case NameFailures:
			r.Failures = &Failures{}
		case NameChurn:
			r.Churn = &Churn{}
		case NameMerge:
			r.Merge = &Merge{}
		}
	}
	return r
}

// experiments returns those that are made, in the order of [Names].
func (r Report) experiments() (all []experiment) {
	if r.Path != nil {
		all = append(all, r.Path)
	}
	if r.Keys != nil {
		all = append(all, r.Keys)
	}
	if r.Failures != nil {
		all = append(all, r.Failures)
	}
	if r.Churn != nil {
		all = append(all, r.Churn)
	}
	if r.Merge != nil {
		all = append(all, r.Merge)
	}
	return all
}

// runAll reports whether all jobs were done.
func runAll(ctx context.Context, jobs []job, progress func(done, total int)) bool {
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(b.cost, a.cost) })
	queue, results := make(chan job, len(jobs)), make(chan func(), len(jobs)) // nobody waits to write
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for j := range queue {
				if ctx.Err() != nil {
					return
				}
				results <- j.work(ctx)
			}
		}()
	}
	for done := range jobs {
		select {
		case <-ctx.Done():
			return false
		case enter := <-results:
			if enter == nil {
				return false
			}
			enter()
		}
		if progress != nil {
			progress(done+1, len(jobs))
		}
	}
	return true
}

// compact drops the points that were not done.
func compact[P any](points []*P) []*P {
	return slices.DeleteFunc(points, func(p *P) bool { return p == nil })
}
