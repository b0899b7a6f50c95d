package verify

// table numbers values: equal values have one number. Numbers follow the order of arrival.
type table[T comparable] struct {
	list []T
	ids  map[T]uint32 // built when first needed
}

// id returns the number of a value, a new one where it has none.
func (t *table[T]) id(v T) uint32 {
	t.number()
	id, ok := t.ids[v]
	if !ok {
		id = uint32(len(t.list))
		t.list = append(t.list, v)
		t.ids[v] = id
	}
	return id
}

// find returns the number of a value if it has one.
func (t *table[T]) find(v T) (uint32, bool) {
	t.number()
	id, ok := t.ids[v]
	return id, ok
}

func (t *table[T]) number() {
	if t.ids == nil {
		t.ids = make(map[T]uint32, len(t.list))
		for i, v := range t.list {
			t.ids[v] = uint32(i)
		}
	}
}

// lists numbers lists of numbers in the same way. Many assertions share a base, and a signer's often all of them.
type lists struct {
	flat []uint32
	ends []uint32 // of each list in flat
	ids  map[string]uint32
}

func (l *lists) at(id uint32) []uint32 {
	start := uint32(0)
	if id > 0 {
		start = l.ends[id-1]
	}
	return l.flat[start:l.ends[id]]
}

func (l *lists) id(list []uint32) uint32 {
	l.number()
	key := listKey(list)
	id, ok := l.ids[key]
	if !ok {
		id = uint32(len(l.ends))
		l.flat = append(l.flat, list...)
		l.ends = append(l.ends, uint32(len(l.flat)))
		l.ids[key] = id
	}
	return id
}

func (l *lists) number() {
	if l.ids == nil {
		l.ids = make(map[string]uint32, len(l.ends))
		for i := range l.ends {
			l.ids[listKey(l.at(uint32(i)))] = uint32(i)
		}
	}
}

func listKey(list []uint32) string {
	b := make([]byte, 0, 4*len(list))
	for _, n := range list {
		b = append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	return string(b)
}
