package repo

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// historyEncoding is the first byte of an encoded history; another encoding takes another number.
const historyEncoding = 1

// maxEncodedPath is the longest path that is encoded, in bytes: so that little data cannot stand for much.
const maxEncodedPath = 4096

// ErrHistoryEncoding means that data is no history of the encoding this program writes.
var ErrHistoryEncoding = errors.New("not a history of this version")

// What is true of an encoded version.
const (
	flagStands = 1 << iota
	flagDropped
	flagGone
	flagBy
)

// AppendBinary appends the history, without its findings, in a compact form that [History.UnmarshalBinary] reads. It is an error
// if an id is none or a path has more than 4,096 bytes.
func (h *History) AppendBinary(b []byte) ([]byte, error) {
	numbers := map[string]uint64{}
	var commits []Commit
	number := func(c Commit) uint64 {
		n, ok := numbers[c.Hash]
		if !ok {
			n = uint64(len(commits))
			numbers[c.Hash] = n
			commits = append(commits, c)
		}
		return n
	}
	number(h.Commit)
	var body []byte
	before := ""
	for _, v := range h.Versions {
		shared := commonPrefix(before, v.Path)
		body = binary.AppendUvarint(body, uint64(shared))
		body = binary.AppendUvarint(body, uint64(len(v.Path)-shared))
		body = append(body, v.Path[shared:]...)
		before = v.Path
		flags := byte(0)
		for flag, set := range map[byte]bool{flagStands: v.Stands, flagDropped: v.Dropped, flagGone: v.Gone.Hash != "", flagBy: v.By != ""} {
			if set {
				flags |= flag
			}
		}
		body = append(body, flags)
		if len(v.Path) > maxEncodedPath || !plumbing.IsHash(v.Blob) || v.By != "" && !plumbing.IsHash(v.By) {
			return nil, ErrHistoryEncoding
		}
		id := plumbing.NewHash(v.Blob)
		body = append(body, id[:]...)
		body = binary.AppendUvarint(body, number(v.Came))
		if v.Gone.Hash != "" {
			body = binary.AppendUvarint(body, number(v.Gone))
		}
		if v.By != "" {
			id := plumbing.NewHash(v.By)
			body = append(body, id[:]...)
		}
	}
	b = append(b, historyEncoding)
	b = binary.AppendUvarint(b, uint64(len(commits)))
	for _, c := range commits {
		if !plumbing.IsHash(c.Hash) {
			return nil, ErrHistoryEncoding
		}
		id := plumbing.NewHash(c.Hash)
		b = append(b, id[:]...)
		b = binary.AppendVarint(b, c.Time.Unix())
	}
	b = binary.AppendUvarint(b, uint64(len(h.Versions)))
	return append(b, body...), nil
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// UnmarshalBinary replaces the history by an encoded one. Data that AppendBinary did not write is an error, and leaves the history
// empty.
func (h *History) UnmarshalBinary(data []byte) error {
	*h = History{}
	d := historyDecoder{b: data}
	if version := d.take(1); d.bad || version[0] != historyEncoding {
		return ErrHistoryEncoding
	}
	commits := make([]Commit, d.count(21))
	for i := range commits {
		commits[i] = Commit{Hash: d.id(), Time: time.Unix(d.signed(), 0).UTC()}
	}
	commit := func() Commit {
		n := d.number()
		if n >= uint64(len(commits)) {
			d.fail()
			return Commit{}
		}
		return commits[n]
	}
	versions := make([]Version, d.count(24))
	before := ""
	for i := range versions {
		shared, rest := d.number(), d.number()
		if shared > uint64(len(before)) || rest > maxEncodedPath || shared+rest > maxEncodedPath {
			d.fail()
		}
		if d.bad {
			return ErrHistoryEncoding
		}
		v := &versions[i]
		v.Path = before[:shared] + string(d.take(rest))
		before = v.Path
		flags := d.take(1)
		if d.bad {
			return ErrHistoryEncoding
		}
		v.Stands, v.Dropped = flags[0]&flagStands != 0, flags[0]&flagDropped != 0
		v.Blob, v.Came = d.id(), commit()
		if flags[0]&flagGone != 0 {
			v.Gone = commit()
		}
		if flags[0]&flagBy != 0 {
			v.By = d.id()
		}
	}
	if d.bad || len(d.b) > 0 || len(commits) == 0 {
		return ErrHistoryEncoding
	}
	h.Commit, h.Versions = commits[0], versions
	return nil
}

// historyDecoder reads what was encoded. After the first thing that makes no sense everything is zero.
type historyDecoder struct {
	b   []byte
	bad bool
}

func (d *historyDecoder) fail() { d.b, d.bad = nil, true }

func (d *historyDecoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	part := d.b[:n]
	d.b = d.b[n:]
	return part
}

func (d *historyDecoder) number() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *historyDecoder) signed() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

// count reads how many things follow that take at least size bytes each.
func (d *historyDecoder) count(size int) int {
	n := d.number()
	if n > uint64(len(d.b)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *historyDecoder) id() string {
	var id plumbing.Hash
	copy(id[:], d.take(20))
	return id.String()
}
