package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/report"
)

// watch shows how a build goes: on a terminal one line with the phase, the time it has taken and the log's last line; elsewhere a
// line for each phase. With log, what the phases print is passed on instead.
type watch struct {
	out  io.Writer
	log  io.Writer // nil: not passed on
	live bool
	name string
	done chan struct{}

	mu      sync.Mutex
	what    string
	began   time.Time
	last    []byte
	stopped bool
}

func newWatch(w world, log bool, name string) *watch {
	t := &watch{out: w.Err, live: w.errTerm && !log, name: name, done: make(chan struct{})}
	if log {
		t.log = w.Err
	}
	if t.live {
		go t.tick()
	}
	return t
}

// phase notes that a phase begins.
func (t *watch) phase(unit string, p build.Phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.what, t.began, t.last = fmt.Sprintf("%s: %s %s", t.name, unit, p), time.Now(), nil
	if !t.live {
		fmt.Fprintf(t.out, "gverify: %s\n", report.Quote(t.what))
	}
}

// Write takes what the phases print.
func (t *watch) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.log != nil {
		_, err := io.WriteString(t.log, quoteLines(string(p)))
		return len(p), err
	}
	if line := lastLines(p, 1); line != "" {
		t.last = []byte(line)
	}
	return len(p), nil
}

func (t *watch) tick() {
	for {
		select {
		case <-t.done:
			return
		case <-time.After(200 * time.Millisecond):
			t.mu.Lock()
			t.show()
			t.mu.Unlock()
		}
	}
}

const watchWidth = 100

func (t *watch) show() {
	if t.stopped || t.what == "" {
		return
	}
	line := fmt.Sprintf("%s %s  %s", t.what, time.Since(t.began).Truncate(time.Second), t.last)
	if len(line) > watchWidth {
		line = line[:watchWidth]
	}
	fmt.Fprintf(t.out, "\r\x1b[K%s", report.Quote(strings.ToValidUTF8(line, "")))
}

// stop takes the line away. It may be called twice.
func (t *watch) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.stopped = true
	close(t.done)
	if t.live {
		fmt.Fprint(t.out, "\r\x1b[K")
	}
}

// lastLines returns the last n lines that hold something.
func lastLines(data []byte, n int) string {
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("\n")))
}
