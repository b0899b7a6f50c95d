package verify

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/gverify/gverify/sigs"
)

// indexEncoding is the first byte of an encoded index. Another encoding of the same fields, and fields with another meaning, take
// another number: who reads it then builds the index anew.
const indexEncoding = 1

// ErrIndexEncoding means that data is no index of the encoding this program writes.
var ErrIndexEncoding = errors.New("not an index of this version")

// AppendBinary appends the index in a compact form that [Index.UnmarshalBinary] reads. It implements [encoding.BinaryAppender]; the
// error is always nil.
func (x *Index) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{append(b, indexEncoding)}
	e.texts(x.texts.list)
	e.number(uint64(len(x.digests.list)))
	for _, d := range x.digests.list {
		e.b = append(e.b, d[:]...)
	}
	e.number(uint64(len(x.directories.list)))
	for _, d := range x.directories.list {
		e.numbers(d.path, d.release, d.version, d.platform, d.layout, bit(d.descriptor))
	}
	e.number(uint64(len(x.files.list)))
	for _, f := range x.files.list {
		e.numbers(f.path, f.digest)
	}
	e.number(uint64(len(x.commits.list)))
	for _, c := range x.commits.list {
		e.numbers(c.dir, c.hash)
	}
	e.number(uint64(len(x.packages.list)))
	for _, p := range x.packages.list {
		e.numbers(p.suite, p.name, p.version, p.digest)
	}
	e.lists(&x.lists)
	e.number(uint64(len(x.records)))
	for _, r := range x.records {
		e.numbers(r.directory, r.path, r.signer, r.name, r.label, r.kind, r.unparsed, r.blob, r.commit, r.sum, r.out, r.in, r.commits, r.bases)
		e.number(uint64(r.time))
		e.number(uint64(r.until))
	}
	return e.b, nil
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// encoder appends numbers as varints.
type encoder struct{ b []byte }

func (e *encoder) number(n uint64) { e.b = binary.AppendUvarint(e.b, n) }

func (e *encoder) numbers(all ...uint32) {
	for _, n := range all {
		e.number(uint64(n))
	}
}

// texts writes how long each text is, then all of them as one.
func (e *encoder) texts(all []string) {
	e.number(uint64(len(all)))
	for _, s := range all {
		e.number(uint64(len(s)))
	}
	for _, s := range all {
		e.b = append(e.b, s...)
	}
}

// lists writes every list as differences to the number before: most are nearly ascending.
func (e *encoder) lists(l *lists) {
	e.number(uint64(len(l.flat)))
	e.number(uint64(len(l.ends)))
	for i := range l.ends {
		list := l.at(uint32(i))
		e.number(uint64(len(list)))
		before := int64(0)
		for _, n := range list {
			e.b = binary.AppendVarint(e.b, int64(n)-before)
			before = int64(n)
		}
	}
}

// UnmarshalBinary replaces the index by an encoded one. Data that AppendBinary did not write is an error, and leaves the index
// empty; it never makes one whose parts do not fit each other. It implements [encoding.BinaryUnmarshaler].
func (x *Index) UnmarshalBinary(data []byte) error {
	*x = Index{}
	d := decoder{b: data}
	if d.byte() != indexEncoding {
		return ErrIndexEncoding
	}
	var y Index
	y.texts.list = d.texts()
	y.digests.list = d.digests()
	texts, digests := uint32(len(y.texts.list)), uint32(len(y.digests.list))
	y.directories.list = decodeTable(&d, 6, func() indexedDirectory {
		t := func() uint32 { return d.below(texts) }
		return indexedDirectory{t(), t(), t(), t(), t(), d.below(2) == 1}
	})
	y.files.list = decodeTable(&d, 2, func() indexedFile { return indexedFile{d.below(texts), d.below(digests)} })
	y.commits.list = decodeTable(&d, 2, func() indexedCommit { return indexedCommit{d.below(texts), d.below(texts)} })
	y.packages.list = decodeTable(&d, 4, func() indexedPackage {
		return indexedPackage{d.below(texts), d.below(texts), d.below(texts), d.below(digests)}
	})
	d.lists(&y.lists)
	y.records = decodeTable(&d, 16, func() record { return d.record(&y) })
	if d.bad || len(d.b) > 0 || !y.listsFit() {
		return ErrIndexEncoding
	}
	x.texts, x.digests, x.directories, x.files, x.commits, x.packages, x.lists, x.records =
		y.texts, y.digests, y.directories, y.files, y.commits, y.packages, y.lists, y.records
	return nil
}

// record reads one observation.
func (d *decoder) record(x *Index) record {
	texts, lists := uint32(len(x.texts.list)), uint32(len(x.lists.ends))
	r := record{directory: d.below(uint32(len(x.directories.list)))}
	for _, field := range []*uint32{&r.path, &r.signer, &r.name, &r.label, &r.kind, &r.unparsed, &r.blob, &r.commit} {
		*field = d.below(texts)
	}
	r.sum = d.below(uint32(len(x.digests.list)))
	for _, field := range []*uint32{&r.out, &r.in, &r.commits, &r.bases} {
		*field = d.below(lists)
	}
	r.time, r.until = int64(d.number()), int64(d.number())
	return r
}

// listsFit reports whether the members of the records' lists are what they ought to be.
func (x *Index) listsFit() bool {
	below := func(list, n uint32) bool {
		for _, m := range x.lists.at(list) {
			if m >= n {
				return false
			}
		}
		return true
	}
	checked := map[uint32]bool{} // bases: many records share them
	for _, r := range x.records {
		files := uint32(len(x.files.list))
		if !below(r.out, files) || !below(r.in, files) || !below(r.commits, uint32(len(x.commits.list))) {
			return false
		}
		if checked[r.bases] {
			continue
		}
		checked[r.bases] = true
		if !below(r.bases, uint32(len(x.lists.ends))) {
			return false
		}
		for _, b := range x.lists.at(r.bases) {
			if !below(b, uint32(len(x.packages.list))) {
				return false
			}
		}
	}
	return true
}

// decoder reads what encoder wrote. After the first number that makes no sense everything is zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) fail() { d.b, d.bad = nil, true }

// below reads a number that has to be less than n.
func (d *decoder) below(n uint32) uint32 {
	m := d.number()
	if m >= uint64(n) {
		d.fail()
		return 0
	}
	return uint32(m)
}

// count reads how many things follow that take at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.number()
	if n > uint64(len(d.b)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	part := d.b[:n]
	d.b = d.b[n:]
	return part
}

func (d *decoder) texts() []string {
	lengths := make([]uint64, d.count(1))
	total := uint64(0)
	for i := range lengths {
		lengths[i] = d.number()
		total += min(lengths[i], math.MaxInt32)
	}
	all := string(d.take(total))
	out := make([]string, 0, len(lengths))
	for _, n := range lengths {
		if n > uint64(len(all)) {
			d.fail()
			return nil
		}
		out = append(out, all[:n])
		all = all[n:]
	}
	return out
}

func (d *decoder) digests() []sigs.Digest {
	out := make([]sigs.Digest, d.count(len(sigs.Digest{})))
	for i := range out {
		copy(out[i][:], d.take(uint64(len(out[i]))))
	}
	return out
}

// decodeTable reads a table whose entries take at least size bytes.
func decodeTable[T any](d *decoder, size int, entry func() T) []T {
	n := d.count(size)
	out := make([]T, 0, n)
	for range n {
		if d.bad {
			return nil
		}
		out = append(out, entry())
	}
	return out
}

func (d *decoder) lists(l *lists) {
	total, n := d.count(1), d.count(1)
	l.flat, l.ends = make([]uint32, 0, total), make([]uint32, 0, n)
	for range n {
		length := d.count(1)
		if d.bad || length > total-len(l.flat) {
			d.fail()
			return
		}
		before := int64(0)
		for range length {
			delta, size := binary.Varint(d.b)
			if size <= 0 || delta < -math.MaxUint32 || delta > math.MaxUint32 {
				d.fail()
				return
			}
			d.b = d.b[size:]
			before += delta
			if before < 0 || before > math.MaxUint32 {
				d.fail()
				return
			}
			l.flat = append(l.flat, uint32(before))
		}
		l.ends = append(l.ends, uint32(len(l.flat)))
	}
}
