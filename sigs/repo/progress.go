package repo

import (
	"io"
	"sync"
)

// progress passes on what a remote says while it sends, without what could do harm on a terminal.
type progress struct {
	mu sync.Mutex
	w  io.Writer // nil once stopped
}

// newProgress returns nil, which discards, for a nil writer.
func newProgress(w io.Writer) *progress {
	if w == nil {
		return nil
	}
	return &progress{w: w}
}

// stop discards everything that comes later.
func (p *progress) stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.w = nil
}

func (p *progress) say(line string) {
	if p != nil {
		_, _ = p.Write([]byte(line + "\n"))
	}
}

// Write never fails: a progress line that cannot be shown is no reason to stop.
func (p *progress) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil {
		return len(data), nil
	}
	safe := make([]byte, len(data))
	for i, b := range data {
		if b < ' ' && b != '\n' && b != '\r' || b > '~' {
			b = '?'
		}
		safe[i] = b
	}
	_, _ = p.w.Write(safe)
	return len(data), nil
}
