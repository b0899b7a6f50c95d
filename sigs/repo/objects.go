package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

const (
	maxObject = 64 << 20 // bytes of one object, above which it is refused
	maxChain  = 4096     // deltas on top of each other; git makes at most 4,095
	maxWork   = 1 << 30  // bytes that are unpacked to get at one object
	maxBases  = 64 << 20 // bytes of unpacked objects that are kept
)

// errMissing means that an object is not in the repository.
var errMissing = errors.New("object is missing")

// objects reads the objects of a repository, loose and packed. Every object that leaves it has the id it was asked for by:
// go-git does not check that, and unpacks the bases of deltas again and again. It is safe for concurrent use.
type objects struct {
	dirs  []string // object directories: the repository's own, then those it borrows from
	packs []*pack
	bases *bases
}

// openObjects opens object directories. A pack that cannot be used is an error.
func openObjects(dirs []string) (_ *objects, err error) {
	s := &objects{dirs: dirs, bases: newBases(maxBases)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a directory", dir)
		}
		entries, err := os.ReadDir(filepath.Join(dir, "pack"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".idx") {
				continue
			}
			p, err := openPack(filepath.Join(dir, "pack", e.Name()))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name(), err)
			}
			s.packs = append(s.packs, p)
		}
	}
	return s, nil
}

func (s *objects) close() error {
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.file.Close())
	}
	return errors.Join(errs...)
}

// has reports whether an object is there, without reading it.
func (s *objects) has(id plumbing.Hash) bool {
	for _, p := range s.packs {
		if _, ok := p.offset(id); ok {
			return true
		}
	}
	for _, dir := range s.dirs {
		if _, err := os.Stat(loosePath(dir, id)); err == nil {
			return true
		}
	}
	return false
}

// read returns an object of a kind, whose content was checked against its id.
func (s *objects) read(id plumbing.Hash, kind plumbing.ObjectType) ([]byte, error) {
	o, err := s.find(id)
	if err == nil && o.kind != kind {
		err = &kindError{o.kind, kind}
	}
	if err != nil {
		return nil, &objectError{id, err}
	}
	return o.data, nil
}

// kindError is an object of another kind than the one that refers to it says.
type kindError struct{ got, want plumbing.ObjectType }

func (e *kindError) Error() string { return fmt.Sprintf("is a %s, not a %s", e.got, e.want) }

// objectError says which object could not be read.
type objectError struct {
	id  plumbing.Hash
	err error
}

func (e *objectError) Error() string { return fmt.Sprintf("object %s: %v", e.id, e.err) }
func (e *objectError) Unwrap() error { return e.err }

// find returns the first intact copy of an object.
func (s *objects) find(id plumbing.Hash) (object, error) {
	failure := errMissing
	for _, p := range s.packs {
		offset, ok := p.offset(id)
		if !ok {
			continue
		}
		o, err := s.unpack(place{p, offset})
		if err == nil {
			if objectID(o.kind, o.data) == id {
				return o, nil
			}
			err = errors.New("content is damaged: it has another id")
		}
		failure = err
	}
	for _, dir := range s.dirs {
		o, err := readLoose(dir, id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			if objectID(o.kind, o.data) == id {
				return o, nil
			}
			err = errors.New("content is damaged: it has another id")
		}
		failure = err
	}
	return object{}, failure
}

// unpack returns the object at a place, unpacking what it is based on first. The result is unchecked.
func (s *objects) unpack(at place) (object, error) {
	o, chain, err := s.bottom(at)
	if err != nil {
		return object{}, err
	}
	work := int64(len(o.data))
	for _, link := range slices.Backward(chain) {
		if link.size > maxObject {
			return object{}, &sizeError{link.size, maxObject}
		}
		delta, err := link.pack.inflate(link.packed)
		if err != nil {
			return object{}, err
		}
		if o.data, err = applyDelta(o.data, delta, maxObject); err != nil {
			return object{}, err
		}
		if work += int64(len(o.data)); work > maxWork {
			return object{}, fmt.Errorf("more than %d bytes would have to be unpacked to read it", maxWork)
		}
		s.bases.keep(link.place, o)
	}
	return o, nil
}

// link is a delta, and where it lies.
type link struct {
	place
	packed
}

// bottom follows a chain of deltas down to an object that is kept or not a delta, and returns the deltas on top of it.
func (s *objects) bottom(at place) (object, []link, error) {
	var chain []link
	for {
		if o, ok := s.bases.find(at); ok {
			return o, chain, nil
		}
		if len(chain) > maxChain {
			return object{}, nil, fmt.Errorf("more than %d deltas on top of each other", maxChain)
		}
		h, err := at.pack.header(at.offset)
		if err != nil {
			return object{}, nil, err
		}
		switch h.kind {
		case plumbing.OFSDeltaObject:
			chain = append(chain, link{at, h})
			at.offset = h.base
		case plumbing.REFDeltaObject:
			chain = append(chain, link{at, h})
			next, ok := s.locate(h.baseID, at.pack)
			if !ok {
				o, err := s.looseBase(h.baseID)
				return o, chain, err
			}
			at = next
		default:
			if h.size > maxObject {
				return object{}, nil, &sizeError{h.size, maxObject}
			}
			data, err := at.pack.inflate(h)
			if err != nil {
				return object{}, nil, err
			}
			o := object{h.kind, data}
			s.bases.keep(at, o)
			return o, chain, nil
		}
	}
}

// locate finds an object in the packs, first in the one that refers to it.
func (s *objects) locate(id plumbing.Hash, first *pack) (place, bool) {
	if offset, ok := first.offset(id); ok {
		return place{first, offset}, true
	}
	for _, p := range s.packs {
		if offset, ok := p.offset(id); ok {
			return place{p, offset}, true
		}
	}
	return place{}, false
}

func (s *objects) looseBase(id plumbing.Hash) (object, error) {
	for _, dir := range s.dirs {
		o, err := readLoose(dir, id)
		if !errors.Is(err, fs.ErrNotExist) {
			return o, err
		}
	}
	return object{}, fmt.Errorf("its base %s is missing", id)
}

// size returns an object's size as its header claims it, without unpacking it. An object whose content has another size
// cannot be read.
func (s *objects) size(id plumbing.Hash) (int64, error) {
	for _, p := range s.packs {
		offset, ok := p.offset(id)
		if !ok {
			continue
		}
		h, err := p.header(offset)
		if err == nil && (h.kind == plumbing.OFSDeltaObject || h.kind == plumbing.REFDeltaObject) {
			h.size, err = p.deltaResult(h)
		}
		if err != nil {
			return 0, &objectError{id, err}
		}
		return h.size, nil
	}
	for _, dir := range s.dirs {
		_, size, _, f, err := openLoose(dir, id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, &objectError{id, err}
		}
		return size, f.Close()
	}
	return 0, &objectError{id, errMissing}
}
