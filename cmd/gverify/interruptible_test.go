package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// silent says when somebody waits for its bytes, and never gives any.
type silent struct{ waiting, end chan struct{} }

func (s silent) Read([]byte) (int, error) {
	close(s.waiting)
	<-s.end
	return 0, io.EOF
}

// A silent standard input does not keep the user from leaving.
func TestInterruptSilentInput(t *testing.T) {
	in := silent{make(chan struct{}), make(chan struct{})}
	t.Cleanup(func() { close(in.end) })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := hashHeld(ctx, heldFile{path: "-"}, world{streams: streams{In: in}}, nil)
		done <- err
	}()
	<-in.waiting
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the interruption", err)
	}
}

// What is read through it is what was behind it, and the error too.
func TestInterruptible(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789"), 100_000)
	got, err := io.ReadAll(interruptible(t.Context(), iotest.HalfReader(bytes.NewReader(want))))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(want))
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(interruptible(t.Context(), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}
