package repo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

// ErrNoBlob means that an id names no file content of a repository, or more than one.
var ErrNoBlob = errors.New("names no content of a file")

// Blob returns the content of a file by its object id, in full or its first digits, and the full id. More than limit bytes are
// refused with sigs.ErrTooLarge. It finds contents of every commit, those that were replaced or removed included. The data is the caller's.
func (r *Repository) Blob(id string, limit int64) (data []byte, full string, err error) {
	digits := strings.ToLower(id)
	if len(digits) < minAbbreviation || len(digits) > 40 || strings.Trim(digits, "0123456789abcdef") != "" {
		return nil, "", fmt.Errorf("%s: %q %w: an id is 4 to 40 hexadecimal digits", r.location, id, ErrNoBlob)
	}
	var found []plumbing.Hash
	var content []byte
	for _, candidate := range r.objects.withPrefix(digits, 1000) {
		if size, err := r.objects.size(candidate); err == nil && size > limit && len(digits) < 40 {
			continue // another object that begins alike
		} else if err == nil && size > limit {
			return nil, "", fmt.Errorf("%s: %s: %w: %d bytes, at most %d are read", r.location, candidate, sigs.ErrTooLarge, size, limit)
		}
		o, err := r.objects.find(candidate)
		if err != nil {
			return nil, "", r.broken(&objectError{candidate, err})
		}
		if o.kind == plumbing.BlobObject {
			found, content = append(found, candidate), o.data
		}
	}
	switch len(found) {
	case 0:
		return nil, "", fmt.Errorf("%s: %s %w", r.location, digits, ErrNoBlob)
	case 1:
		return append([]byte(nil), content...), found[0].String(), nil
	}
	return nil, "", fmt.Errorf("%s: %s %w alone: it may be %s or %s", r.location, digits, ErrNoBlob, found[0], found[1])
}
