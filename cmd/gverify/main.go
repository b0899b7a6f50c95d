// Command gverify tells whether independent builders agree on a release.
package main

import (
	"context"
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
