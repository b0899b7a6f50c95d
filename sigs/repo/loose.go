package repo

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

func loosePath(dir string, id plumbing.Hash) string {
	name := id.String()
	return filepath.Join(dir, name[:2], name[2:])
}

var errLoose = errors.New("loose object is malformed")

// openLoose opens a loose object and reads its header: "blob 12" and a zero byte, then the content. The caller closes file.
func openLoose(dir string, id plumbing.Hash) (kind plumbing.ObjectType, size int64, content *bufio.Reader, file *os.File, err error) {
	file, info, err := openRegular(loosePath(dir, id))
	if err != nil {
		return 0, 0, nil, nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	z, err := zlib.NewReader(bufio.NewReader(file))
	if err != nil {
		return 0, 0, nil, nil, err
	}
	content = bufio.NewReader(z)
	header, err := content.Peek(32) // "commit 9223372036854775807\x00" is shorter
	if len(header) == 0 {
		return 0, 0, nil, nil, errors.Join(errLoose, err)
	}
	header, _, ok := bytes.Cut(header, []byte{0})
	name, digits, ok2 := strings.Cut(string(header), " ")
	if !ok || !ok2 {
		return 0, 0, nil, nil, errLoose
	}
	size, err = strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 || size > info.Size()*maxInflation {
		return 0, 0, nil, nil, errLoose
	}
	if kind, err = plumbing.ParseObjectType(name); err != nil {
		return 0, 0, nil, nil, errLoose
	}
	_, err = content.Discard(len(header) + 1)
	return kind, size, content, file, err
}

// readLoose returns a loose object, unchecked.
func readLoose(dir string, id plumbing.Hash) (object, error) {
	kind, size, content, file, err := openLoose(dir, id)
	if err != nil {
		return object{}, err
	}
	defer file.Close()
	if size > maxObject {
		return object{}, &sizeError{size, maxObject}
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(content, data); err != nil {
		return object{}, errInflation
	}
	if _, err := content.ReadByte(); err != io.EOF {
		return object{}, errInflation
	}
	return object{kind, data}, nil
}

// withPrefix returns up to limit ids that start with hexadecimal digits, sorted, each once.
func (s *objects) withPrefix(digits string, limit int) []plumbing.Hash {
	seen := map[plumbing.Hash]bool{}
	padded, err := hex.DecodeString(digits + strings.Repeat("0", len(digits)%2))
	if err != nil {
		return nil
	}
	for _, p := range s.packs {
		for i := p.first(padded); i < p.count && len(seen) < limit; i++ {
			id := plumbing.Hash(p.id(i))
			if !strings.HasPrefix(id.String(), digits) {
				break
			}
			seen[id] = true
		}
	}
	for _, dir := range s.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, digits[:2]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, e := range entries {
			name := digits[:2] + e.Name()
			if strings.HasPrefix(name, digits) && plumbing.IsHash(name) && len(seen) < limit {
				seen[plumbing.NewHash(name)] = true
			}
		}
	}
	ids := make([]plumbing.Hash, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	plumbing.HashesSort(ids)
	return ids
}
