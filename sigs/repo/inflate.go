package repo

import (
	"bufio"
	"compress/zlib"
	"crypto"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	githash "github.com/go-git/go-git/v5/plumbing/hash"
)

// maxInflation is more than deflate can make of one byte (1,032 bytes); what claims more is lying about its size.
const maxInflation = 1100

var errInflation = errors.New("content is shorter or longer than its header says")

// inflater is a zlib reader and its buffer, reused because both are expensive to make.
type inflater struct {
	buffer *bufio.Reader
	zlib   io.ReadCloser
}

var inflaters = sync.Pool{New: func() any { return &inflater{buffer: bufio.NewReaderSize(nil, 8<<10)} }}

// inflate fills dst from the zlib stream src starts with. If whole, the stream has to end there, with its checksum.
func inflate(src io.Reader, dst []byte, whole bool) (n int, err error) {
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.buffer.Reset(src)
	defer f.buffer.Reset(nil)
	if f.zlib == nil {
		f.zlib, err = zlib.NewReader(f.buffer)
	} else {
		err = f.zlib.(zlib.Resetter).Reset(f.buffer, nil)
	}
	if err != nil {
		return 0, err
	}
	n, err = io.ReadFull(f.zlib, dst)
	switch {
	case err == nil && !whole, err == io.ErrUnexpectedEOF && !whole, err == io.EOF && !whole:
		return n, nil
	case err == io.ErrUnexpectedEOF || err == io.EOF && len(dst) > 0:
		return n, errInflation
	case err != nil && err != io.EOF:
		return n, err
	}
	var more [1]byte
	if extra, err := io.ReadFull(f.zlib, more[:]); extra > 0 {
		return n, errInflation
	} else if err != io.EOF {
		return n, err
	}
	return n, nil
}

var hashers = sync.Pool{New: func() any { return githash.New(crypto.SHA1) }}

// objectID computes the id git gives an object. The hash detects the known collision attacks on SHA-1, as git's own does.
func objectID(kind plumbing.ObjectType, data []byte) plumbing.Hash {
	h := hashers.Get().(githash.Hash)
	defer hashers.Put(h)
	h.Reset()
	header := append(make([]byte, 0, 32), kind.String()...)
	header = strconv.AppendInt(append(header, ' '), int64(len(data)), 10)
	h.Write(append(header, 0))
	h.Write(data)
	return sum(h)
}

func sha1Of(data []byte) plumbing.Hash {
	h := hashers.Get().(githash.Hash)
	defer hashers.Put(h)
	h.Reset()
	h.Write(data)
	return sum(h)
}

func sum(h hash.Hash) (id plumbing.Hash) {
	h.Sum(id[:0])
	return id
}

// sizeError is an object that is larger than what is read.
type sizeError struct{ size, limit int64 }

func (e *sizeError) Error() string {
	return fmt.Sprintf("has %d bytes, at most %d are read", e.size, e.limit)
}
