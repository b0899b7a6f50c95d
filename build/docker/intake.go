package docker

import (
	"archive/tar"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gverify/gverify/sigs"
)

// RefusedError is an entry of a tar stream out of a container that does not come in.
type RefusedError struct {
	Name string // as the container has it
	Why  string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%q is refused: %s", e.Name, e.Why) }

// bounds are how much may come out of a container.
type bounds struct {
	files int
	bytes int64
}

// maxEntries is how many entries of any kind a stream may hold for each file that is allowed: directories are cheap to make.
const maxEntries = 4

// walkFiles reads a tar stream of the directory top and gives each regular file below it to take, with its path relative to top.
// Anything but files and directories, any name that is not local and plain, and more than the bounds is refused: the stream comes
// from whatever the build left behind.
func walkFiles(stream io.Reader, top string, limit bounds, take func(name string, h *tar.Header, content io.Reader) error) error {
	files, entries, left := 0, 0, limit.bytes
	for tr := tar.NewReader(stream); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("tar stream: %w", err)
		}
		name, err := acceptable(h, top)
		if err != nil {
			return err
		}
		if entries++; entries > maxEntries*limit.files {
			return &RefusedError{top, fmt.Sprintf("it holds more than %d files and directories", maxEntries*limit.files)}
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		if files++; files > limit.files {
			return &RefusedError{top, fmt.Sprintf("it holds more than %d files", limit.files)}
		}
		if h.Size > left {
			return &RefusedError{top, fmt.Sprintf("it holds more than %d MiB", limit.bytes>>20)}
		}
		left -= h.Size
		if err := take(name, h, tr); err != nil {
			return err
		}
	}
}

// acceptable returns an entry's path relative to top, or says why it is refused.
func acceptable(h *tar.Header, top string) (string, error) {
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeDir:
	case tar.TypeSymlink, tar.TypeLink:
		return "", &RefusedError{h.Name, "it is a link"}
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return "", &RefusedError{h.Name, "it is a device or a pipe"}
	default:
		return "", &RefusedError{h.Name, "it is neither file nor directory"}
	}
	clean := strings.TrimSuffix(h.Name, "/")
	if clean == top {
		if h.Typeflag != tar.TypeDir {
			return "", &RefusedError{h.Name, "it is not a directory"}
		}
		return ".", nil
	}
	name, below := strings.CutPrefix(clean, top+"/")
	if !below || name == "." || !fs.ValidPath(name) {
		return "", &RefusedError{h.Name, "its name does not stay in its directory"}
	}
	if !plain(name) {
		return "", &RefusedError{h.Name, "its name holds a character that is not printable, or a backslash"}
	}
	return name, nil
}

// plain reports whether a name can stand in a manifest, on a terminal and on every system's disk.
func plain(name string) bool {
	return utf8.ValidString(name) && len(name) <= 1024 &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == '\\' || unicode.IsControl(r) || !unicode.IsPrint(r) })
}

// storeFiles writes the stream's files below dir and returns their manifest.
func storeFiles(stream io.Reader, top string, limit bounds, dir *os.Root) (sigs.Manifest, error) {
	var m sigs.Manifest
	err := walkFiles(stream, top, limit, func(name string, h *tar.Header, content io.Reader) error {
		if err := dir.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if h.Mode&0o100 != 0 {
			mode = 0o755
		}
		if err := dir.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an earlier unit
			return err
		}
		f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return err
		}
		sum := sha256.New()
		_, err = io.Copy(io.MultiWriter(f, sum), content)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		m = append(m, sigs.Entry{Path: name, Digest: sigs.Digest(sum.Sum(nil))})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sorted(m), nil
}

// sorted puts entries in C byte order of their paths.
func sorted(m sigs.Manifest) sigs.Manifest {
	slices.SortFunc(m, func(a, b sigs.Entry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Digest.String(), b.Digest.String()))
	})
	return m
}
