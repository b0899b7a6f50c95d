// Command gverify tells whether independent builders agree on a release.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // runs are short: a fifth faster for a few megabytes
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	w := world{
		streams:  streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr},
		now:      time.Now(),
		getenv:   os.Getenv,
		outTerm:  term.IsTerminal(int(os.Stdout.Fd())),
		errTerm:  term.IsTerminal(int(os.Stderr.Fd())),
		outWidth: terminalWidth(),
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		w.secret = askSecret
		w.raw = rawTerminal
	}
	code := run(ctx, os.Args[1:], w)
	stop()
	os.Exit(code)
}

// terminalWidth returns the columns of standard output, 0 where it is no terminal.
func terminalWidth() int {
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// rawTerminal puts the terminal of standard input into raw mode.
func rawTerminal() (func(), error) {
	fd := int(os.Stdin.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(fd, before) }, nil // there is nothing else to do about it
}

// askSecret asks on the terminal for a line that is not shown. A reader of a terminal cannot be stopped: when the user interrupts,
// it is left behind, and the terminal is put back as it was.
func askSecret(ctx context.Context, prompt string) ([]byte, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(os.Stderr, prompt)
	defer fmt.Fprintln(os.Stderr)
	type answer struct {
		secret []byte
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		secret, err := term.ReadPassword(fd)
		answers <- answer{secret, err}
	}()
	select {
	case a := <-answers:
		return a.secret, a.err
	case <-ctx.Done():
		_ = term.Restore(fd, before) // the program ends now, whether that works or not
		return nil, ctx.Err()
	}
}
