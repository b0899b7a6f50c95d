package repo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"
)

// The parts of a pack index, version 2: header, fan-out table, then per object an id, a CRC and an offset, then large
// offsets, then the pack's checksum and the index's own. See git's gitformat-pack(5).
const (
	indexMagic  = "\xfftOc\x00\x00\x00\x02"
	indexFanout = len(indexMagic)
	indexIDs    = indexFanout + 256*4
	indexEach   = 20 + 4 + 4
	indexTail   = 2 * 20
	largeOffset = 1 << 31
)

// index finds objects of one pack by id. It is the index file, checked and kept as it is.
type index struct {
	data  []byte
	count int
}

// parseIndex checks an index file: its form, its sizes and its checksum.
func parseIndex(data []byte) (index, error) {
	if len(data) < indexIDs+indexTail || string(data[:len(indexMagic)]) != indexMagic {
		return index{}, errors.New("not a pack index of version 2")
	}
	x := index{data: data, count: int(binary.BigEndian.Uint32(data[indexIDs-4:]))}
	rest := len(data) - indexIDs - indexTail - x.count*indexEach
	if rest < 0 || rest%8 != 0 {
		return index{}, fmt.Errorf("pack index of %d bytes cannot hold the %d objects it announces", len(data), x.count)
	}
	for i := 1; i < 256; i++ {
		if x.fanout(i) < x.fanout(i-1) {
			return index{}, errors.New("pack index has a fan-out table that decreases")
		}
	}
	if sum := sha1Of(data[:len(data)-20]); !bytes.Equal(sum[:], data[len(data)-20:]) {
		return index{}, errors.New("pack index does not have the checksum it ends with")
	}
	return x, nil
}

func (x index) fanout(i int) int {
	return int(binary.BigEndian.Uint32(x.data[indexFanout+4*i:]))
}

// packSum is the checksum of the pack this index was made for.
func (x index) packSum() []byte { return x.data[len(x.data)-40 : len(x.data)-20] }

// id returns the id of the i-th object in order of id.
func (x index) id(i int) []byte { return x.data[indexIDs+20*i:][:20] }

// first returns the position of the first object whose id is not below prefix.
func (x index) first(prefix []byte) int {
	low, high := 0, x.count
	if len(prefix) > 0 {
		high = x.fanout(int(prefix[0]))
		if prefix[0] > 0 {
			low = x.fanout(int(prefix[0]) - 1)
		}
	}
	return low + sort.Search(high-low, func(i int) bool { return bytes.Compare(x.id(low+i), prefix) >= 0 })
}

// offset returns where in the pack an object starts.
func (x index) offset(id plumbing.Hash) (int64, bool) {
	i := x.first(id[:])
	if i >= x.count || !bytes.Equal(x.id(i), id[:]) {
		return 0, false
	}
	offsets := indexIDs + 24*x.count
	small := binary.BigEndian.Uint32(x.data[offsets+4*i:])
	if small < largeOffset {
		return int64(small), true
	}
	large := indexIDs + indexEach*x.count + 8*int(small-largeOffset)
	if large+8 > len(x.data)-indexTail {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(x.data[large:])), true
}
