package sigs

import (
	"context"
	"iter"
	"sync"
)

// Checked is one attestation after [Check].
type Checked struct {
	Statement *Statement
	Findings  []Finding
}

// job is one attestation on its way through [CheckAll].
type job struct {
	attestation Attestation
	err         error        // of the sequence; the last job
	panicked    any          // what Check or the sequence panicked with
	checked     chan Checked // one value, once it is done
}

// CheckAll checks attestations with the given number of workers, at least one, and yields the results in the order of the
// sequence. At most two attestations per worker are in memory. It stops at the first error of the sequence or when ctx is
// done, and yields that error last. No goroutine outlives it, and a panic in one of them becomes the caller's.
func CheckAll(ctx context.Context, attestations iter.Seq2[Attestation, error], v Verifier, workers int) iter.Seq2[Checked, error] {
	return func(yield func(Checked, error) bool) {
		workers := max(workers, 1)
		ordered, work, stop := make(chan *job, workers), make(chan *job), make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(stop)
		for range workers {
			running.Go(func() {
				for j := range work {
					j.check(v)
				}
			})
		}
		running.Go(func() {
			defer close(ordered)
			defer close(work)
			feed(ctx, attestations, ordered, work, stop)
		})
		for j := range ordered {
			checked := <-j.checked
			switch {
			case j.panicked != nil:
				panic(j.panicked)
			case j.err != nil:
				yield(Checked{}, j.err)
				return
			case !yield(checked, nil):
				return
			}
		}
	}
}

// check judges the job's attestation; it never fails to send.
func (j *job) check(v Verifier) {
	var c Checked
	defer func() {
		j.panicked = recover()
		j.checked <- c
	}()
	c.Statement, c.Findings = Check(j.attestation, v)
	j.attestation = Attestation{}
}

// feed hands the attestations to the workers, and in the same order to the caller, until they end, fail or are wanted no more.
func feed(ctx context.Context, attestations iter.Seq2[Attestation, error], ordered, work chan<- *job, stop <-chan struct{}) {
	last := func(err error, panicked any) {
		j := &job{err: err, panicked: panicked, checked: make(chan Checked, 1)}
		j.checked <- Checked{}
		select {
		case ordered <- j:
		case <-stop:
		}
	}
	defer func() {
		if r := recover(); r != nil {
			last(nil, r)
		}
	}()
	for a, err := range attestations {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			last(err, nil)
			return
		}
		j := &job{attestation: a, checked: make(chan Checked, 1)}
		select {
		case ordered <- j:
		case <-stop:
			return
		}
		select {
		case work <- j:
		case <-stop:
			return
		}
	}
	if err := ctx.Err(); err != nil {
		last(err, nil)
	}
}
