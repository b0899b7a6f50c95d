package repo

import (
	"container/list"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
)

// object is an unpacked object. Its data is shared and never written to.
type object struct {
	kind plumbing.ObjectType
	data []byte
}

// place is where in which pack an object lies.
type place struct {
	pack   *pack
	offset int64
}

// bases keeps the objects that were unpacked last, up to a number of bytes: packs store most objects as changes to another,
// and neighbours in a tree share their bases. It is safe for concurrent use.
type bases struct {
	mu    sync.Mutex
	limit int
	size  int
	used  *list.List // of *base, most recently used first
	at    map[place]*list.Element
}

type base struct {
	place
	object
}

// baseOverhead is what an entry costs beside its data, so that many small ones cannot outgrow the limit.
const baseOverhead = 256

func newBases(limit int) *bases {
	return &bases{limit: limit, used: list.New(), at: map[place]*list.Element{}}
}

func (b *bases) find(p place) (object, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.at[p]
	if !ok {
		return object{}, false
	}
	b.used.MoveToFront(e)
	return e.Value.(*base).object, true
}

func (b *bases) keep(p place, o object) {
	cost := len(o.data) + baseOverhead
	if cost > b.limit/4 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.at[p]; ok {
		return
	}
	b.at[p] = b.used.PushFront(&base{p, o})
	b.size += cost
	for b.size > b.limit {
		last := b.used.Back()
		old := b.used.Remove(last).(*base)
		delete(b.at, old.place)
		b.size -= len(old.data) + baseOverhead
	}
}
