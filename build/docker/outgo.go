package docker

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// owner is whom files in a container belong to.
type owner struct{ uid, gid int }

// packer writes files of one owner to a tar stream.
type packer struct {
	tar   *tar.Writer
	owner owner
	seen  map[string]bool // directories
}

func newPacker(w io.Writer, o owner) *packer {
	return &packer{tar: tar.NewWriter(w), owner: o, seen: map[string]bool{}}
}

// dir writes a directory and those above it, each once.
func (p *packer) dir(name string) error {
	if name == "." || name == "" || p.seen[name] {
		return nil
	}
	if err := p.dir(path.Dir(name)); err != nil {
		return err
	}
	p.seen[name] = true
	return p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o775, Uid: p.owner.uid, Gid: p.owner.gid, ModTime: time.Now()})
}

// file writes a file of a known size.
func (p *packer) file(name string, mode fs.FileMode, size int64, content io.Reader) error {
	if err := p.dir(path.Dir(name)); err != nil {
		return err
	}
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode.Perm()), Size: size, Uid: p.owner.uid, Gid: p.owner.gid, ModTime: time.Now()}
	if err := p.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.CopyN(p.tar, content, size)
	return err
}

// send streams what pack writes into dir of the box. dir must exist.
func (b *box) send(ctx context.Context, dir string, o owner, pack func(*packer) error) error {
	r, w := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		p := newPacker(w, o)
		err := pack(p)
		if err == nil {
			err = p.tar.Close()
		}
		w.CloseWithError(err)
		packed <- err
	}()
	err := b.engine.api.CopyToContainer(ctx, b.id, dir, r, container.CopyToContainerOptions{})
	r.CloseWithError(err)
	if packing := <-packed; packing != nil && err == nil {
		err = packing
	}
	return err
}

// take gives the tar stream of a directory of the box to use.
func (b *box) take(ctx context.Context, dir string, use func(io.Reader) error) error {
	stream, _, err := b.engine.api.CopyFromContainer(ctx, b.id, dir)
	if cerrdefs.IsNotFound(err) {
		return fmt.Errorf("%s is not there any more", dir)
	}
	if err != nil {
		return err
	}
	defer stream.Close()
	return use(stream)
}
