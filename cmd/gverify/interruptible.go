package main

import (
	"context"
	"io"
)

// interruptible returns a reader that ends with the context's error as soon as the user interrupts, also while the one behind it
// waits for bytes. That one is then left to wait: nobody may read it any more.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &waiting{ctx: ctx, r: r, chunks: make(chan chunk)}
}

type waiting struct {
	ctx     context.Context
	r       io.Reader
	chunks  chan chunk
	started bool
	rest    []byte
	err     error
}

type chunk struct {
	data []byte
	err  error
}

func (w *waiting) Read(p []byte) (int, error) {
	if !w.started {
		w.started = true
		go w.pump()
	}
	for len(w.rest) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		select {
		case c := <-w.chunks:
			w.rest, w.err = c.data, c.err
		case <-w.ctx.Done():
			return 0, w.ctx.Err()
		}
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// pump hands on what is read, until its end or the interruption.
func (w *waiting) pump() {
	for {
		buffer := make([]byte, 256<<10)
		n, err := w.r.Read(buffer)
		select {
		case w.chunks <- chunk{buffer[:n], err}:
		case <-w.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}
