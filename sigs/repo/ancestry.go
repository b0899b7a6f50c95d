package repo

import (
	"container/heap"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// colour says from where a commit can be reached.
type colour uint8

const (
	fromTip   colour = 1 << iota // of the history that is read
	fromKnown                    // of the history that is known
)

// newer returns the commits that can be reached from tip and not from known, newest first, and whether known is an ancestor of
// tip; where it is not, or is zero, all that can be reached from tip. Like git it looks at the newest commit first and stops when
// nothing new can be reached. Commit times that go backwards cost work, and may give commits that are known already, never fewer.
func (h *historian) newer(tip, known plumbing.Hash) (commits []commit, extends bool, err error) {
	if !known.IsZero() && h.repository.objects.has(known) {
		p := painter{h: h, of: map[plumbing.Hash]*painted{}}
		if commits, err = p.paint(tip, known); err != nil {
			return nil, false, err
		}
		if k := p.of[known]; k != nil && k.colour&fromTip != 0 {
			return commits, true, nil
		}
	}
	p := painter{h: h, of: map[plumbing.Hash]*painted{}}
	commits, err = p.paint(tip, plumbing.ZeroHash)
	return commits, false, err
}

// painter colours commits by where they can be reached from.
type painter struct {
	h     *historian
	of    map[plumbing.Hash]*painted
	queue byTime
	fresh int // commits in the queue that only tip reaches
	order []*painted
}

type painted struct {
	commit
	colour colour
	queued bool
	popped bool
}

func (p *painter) paint(tip, known plumbing.Hash) ([]commit, error) {
	if err := p.add(tip, fromTip); err != nil {
		return nil, err
	}
	if !known.IsZero() {
		if err := p.add(known, fromKnown); err != nil {
			return nil, err
		}
	}
	for p.fresh > 0 {
		if err := p.h.ctx.Err(); err != nil {
			return nil, err
		}
		c := heap.Pop(&p.queue).(*painted)
		c.queued = false
		if c.colour == fromTip {
			p.fresh--
		}
		if !c.popped {
			c.popped = true
			p.order = append(p.order, c)
		}
		if p.h.repository.shallow[c.Hash] {
			continue
		}
		for _, parent := range c.parents {
			if err := p.add(parent, c.colour); err != nil {
				return nil, err
			}
		}
	}
	var out []commit
	for _, c := range p.order {
		if c.colour == fromTip {
			out = append(out, c.commit)
		}
	}
	return out, nil
}

// add gives a commit a colour, and queues it if that is news.
func (p *painter) add(id plumbing.Hash, colour colour) error {
	c := p.of[id]
	if c == nil {
		if len(p.of) >= maxCommits {
			return errHistory
		}
		read, err := p.h.repository.commit(id)
		if err != nil {
			return err
		}
		read.Authored = time.Time{} // no part of a history, which is kept without it
		c = &painted{commit: read}
		p.of[id] = c
	}
	if c.colour|colour == c.colour {
		return nil
	}
	if c.queued && c.colour == fromTip {
		p.fresh--
	}
	c.colour |= colour
	if c.colour == fromTip {
		p.fresh++
	}
	if !c.queued {
		c.queued = true
		heap.Push(&p.queue, c)
	}
	return nil
}

// byTime is a heap of commits, the newest on top.
type byTime []*painted

func (q byTime) Len() int           { return len(q) }
func (q byTime) Less(i, j int) bool { return q[i].compare(q[j].Commit) > 0 }
func (q byTime) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *byTime) Push(x any)        { *q = append(*q, x.(*painted)) }
func (q *byTime) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
