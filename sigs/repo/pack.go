package repo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxIndex is the largest pack index that is read into memory: some nine million objects.
const maxIndex = 256 << 20

const packTail = 20 // a pack ends with its checksum

// pack is one pack file and its index. It is immutable and safe for concurrent use.
type pack struct {
	name string
	file *os.File
	size int64
	index
}

// openPack opens the pack an index file belongs to. A pack that is missing, cut short or another one is an error; its
// contents are checked object by object, when they are read.
func openPack(indexPath string) (_ *pack, err error) {
	data, err := readRegular(indexPath, maxIndex)
	if err != nil {
		return nil, err
	}
	x, err := parseIndex(data)
	if err != nil {
		return nil, err
	}
	f, info, err := openRegular(strings.TrimSuffix(indexPath, ".idx") + ".pack")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	p := &pack{name: info.Name(), file: f, size: info.Size(), index: x}
	return p, p.check(info)
}

func (p *pack) check(info fs.FileInfo) error {
	if !info.Mode().IsRegular() || p.size < 12+packTail {
		return errors.New("pack is cut short")
	}
	var head [12]byte
	var tail [packTail]byte
	if _, err := p.file.ReadAt(head[:], 0); err != nil {
		return err
	}
	if _, err := p.file.ReadAt(tail[:], p.size-packTail); err != nil {
		return err
	}
	if version := binary.BigEndian.Uint32(head[4:]); string(head[:4]) != "PACK" || version != 2 && version != 3 {
		return errors.New("not a pack of version 2 or 3")
	}
	if n := binary.BigEndian.Uint32(head[8:]); int64(n) != int64(p.count) {
		return fmt.Errorf("pack has %d objects, its index %d", n, p.count)
	}
	if !bytes.Equal(tail[:], p.packSum()) {
		return errors.New("pack is cut short, or its index belongs to another")
	}
	return nil
}

// packed is the header of one entry of a pack.
type packed struct {
	kind    plumbing.ObjectType
	size    int64         // of the object, or of the delta
	content int64         // offset of the compressed content
	base    int64         // of an offset delta: where its base starts
	baseID  plumbing.Hash // of a reference delta: its base
}

// header reads the header of the entry at an offset.
func (p *pack) header(offset int64) (packed, error) {
	if offset < 12 || offset >= p.size-packTail {
		return packed{}, fmt.Errorf("offset %d is outside of the pack", offset)
	}
	var buffer [64]byte
	n, err := p.file.ReadAt(buffer[:min(int64(len(buffer)), p.size-packTail-offset)], offset)
	if err != nil {
		return packed{}, err
	}
	b := bytes.NewReader(buffer[:n])
	h, err := readHeader(b, offset)
	if err != nil {
		return packed{}, fmt.Errorf("entry at offset %d: %w", offset, err)
	}
	h.content = offset + int64(n-b.Len())
	return h, nil
}

var errHeader = errors.New("header is malformed")

func readHeader(b *bytes.Reader, offset int64) (h packed, err error) {
	c, err := b.ReadByte()
	if err != nil {
		return h, errHeader
	}
	h.kind = plumbing.ObjectType(c >> 4 & 7)
	h.size = int64(c & 15)
	for shift := 4; c >= 0x80; shift += 7 {
		if c, err = b.ReadByte(); err != nil || shift > 53 {
			return h, errHeader
		}
		h.size |= int64(c&0x7f) << shift
	}
	switch h.kind {
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
		return h, nil
	case plumbing.REFDeltaObject:
		if _, err := io.ReadFull(b, h.baseID[:]); err != nil {
			return h, errHeader
		}
		return h, nil
	case plumbing.OFSDeltaObject:
		var back int64
		for {
			if c, err = b.ReadByte(); err != nil || back > offset {
				return h, errHeader
			}
			back = back<<7 | int64(c&0x7f)
			if c < 0x80 {
				break
			}
			back++
		}
		if back == 0 || back > offset {
			return h, errHeader
		}
		h.base = offset - back
		return h, nil
	}
	return h, errHeader
}

// inflate returns the whole content of an entry.
func (p *pack) inflate(h packed) ([]byte, error) {
	if room := p.size - packTail - h.content; h.size > room*maxInflation {
		return nil, errInflation
	}
	data := make([]byte, h.size)
	_, err := inflate(io.NewSectionReader(p.file, h.content, p.size-packTail-h.content), data, true)
	return data, err
}

// deltaResult returns the size of the object that a delta makes, from the first bytes of the delta.
func (p *pack) deltaResult(h packed) (int64, error) {
	var start [20]byte
	n, err := inflate(io.NewSectionReader(p.file, h.content, p.size-packTail-h.content), start[:], false)
	if err != nil {
		return 0, err
	}
	_, result, _, err := deltaSizes(start[:n])
	return result, err
}
