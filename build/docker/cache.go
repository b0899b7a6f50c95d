package docker

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gverify/gverify/sigs"
)

// Caches of a build are kept between builds as gitian keeps them: copied in before, copied out after what succeeded. Each is one
// tar file, replaced in one step, so that a build that was killed leaves the cache as it was.

// cacheFile is where one cache is kept.
type cacheFile struct{ name string }

// cacheFile returns the file of a cache of the scope, "common" or a build's name.
func (o Options) cacheFile(name string) cacheFile {
	scope := sha256.Sum256([]byte(o.CacheScope))
	return cacheFile{filepath.Join(o.CacheDir, hex.EncodeToString(scope[:8]), name+".tar")}
}

// files returns a cache's manifest; an absent cache is empty.
func (c cacheFile) files(limit bounds) (sigs.Manifest, error) {
	var m sigs.Manifest
	err := c.each(limit, func(name string, _ *tar.Header, content io.Reader) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, content); err != nil {
			return err
		}
		m = append(m, sigs.Entry{Path: name, Digest: sigs.Digest(sum.Sum(nil))})
		return nil
	})
	return sorted(m), err
}

// each gives every file of the cache to use.
func (c cacheFile) each(limit bounds, use func(string, *tar.Header, io.Reader) error) error {
	f, err := os.Open(c.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := walkFiles(f, cacheTop, limit, use); err != nil {
		return fmt.Errorf("cache %s: %w", c.name, err)
	}
	return nil
}

// cacheTop is the directory all files of a kept cache stand in.
const cacheTop = "cache"

// pack writes the cache's files below dir.
func (c cacheFile) pack(p *packer, dir string, limit bounds) error {
	if err := p.dir(dir); err != nil {
		return err
	}
	return c.each(limit, func(name string, h *tar.Header, content io.Reader) error {
		return p.file(dir+"/"+name, h.FileInfo().Mode(), h.Size, content)
	})
}

// replace takes a tar stream of the directory top out of a container and makes it the cache, or leaves the cache as it is.
func (c cacheFile) replace(stream io.Reader, top string, limit bounds) (err error) {
	if err := os.MkdirAll(filepath.Dir(c.name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	p := newPacker(f, owner{})
	err = walkFiles(stream, top, limit, func(name string, h *tar.Header, content io.Reader) error {
		return p.file(cacheTop+"/"+name, h.FileInfo().Mode(), h.Size, content)
	})
	if err := errors.Join(err, p.tar.Close()); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.name)
}
