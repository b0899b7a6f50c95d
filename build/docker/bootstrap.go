package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// Root says which distribution a root tarball is made of.
type Root struct {
	Suite   string // "bookworm"
	Arch    string // Debian's word: "amd64"
	Mirror  string // empty: Debian's
	Updates bool   // security and stable updates besides the release itself
}

// DefaultMirror is Debian's own.
const DefaultMirror = "http://deb.debian.org/debian"

const securityMirror = "http://deb.debian.org/debian-security"

var suiteName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,40}$`)

// sources are the lines of the root's sources.list.
func (r Root) sources() []string {
	mirror := r.Mirror
	if mirror == "" {
		mirror = DefaultMirror
	}
	lines := []string{fmt.Sprintf("deb %s %s main", mirror, r.Suite)}
	if r.Updates {
		lines = append(lines, fmt.Sprintf("deb %s %s-updates main", mirror, r.Suite))
		security := securityMirror
		if r.Mirror != "" && r.Mirror != DefaultMirror {
			security = r.Mirror + "-security"
		}
		lines = append(lines, fmt.Sprintf("deb %s %s-security main", security, r.Suite))
	}
	return lines
}

// Bootstrap writes a root tarball to name with mmdebstrap, which checks the archive's signatures. The same packages give the same
// bytes. Without mmdebstrap on this machine the error says how to get it. log gets what the program prints.
func Bootstrap(ctx context.Context, r Root, name string, log io.Writer) error {
	if !suiteName.MatchString(r.Suite) || !suiteName.MatchString(r.Arch) {
		return fmt.Errorf("suite %q of architecture %q: want names such as bookworm and amd64", r.Suite, r.Arch)
	}
	program, err := exec.LookPath("mmdebstrap")
	if err != nil {
		return &UnfitError{What: "mmdebstrap is not installed: it makes the base's root from Debian's signed packages",
			Next: "sudo apt-get install mmdebstrap, or use an image you trust: gverify build --base-image NAME", Err: err}
	}
	partial := name + ".partial"
	defer os.Remove(partial)
	args := append([]string{"--variant=minbase", "--architectures=" + r.Arch, "--format=tar", r.Suite, partial}, r.sources()...)
	c := exec.CommandContext(ctx, program, args...)
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1", "LC_ALL=C.UTF-8")
	tail := &lastLines{}
	c.Stdout, c.Stderr = io.MultiWriter(orDiscard(log), tail), io.MultiWriter(orDiscard(log), tail)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // it removes what it made
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("mmdebstrap: %w: %s", err, tail)
	}
	return errors.Join(os.Rename(partial, filepath.Clean(name)))
}

// lastLines keeps the end of what is written to it.
type lastLines struct{ text []byte }

func (l *lastLines) Write(p []byte) (int, error) {
	l.text = append(l.text, p...)
	if len(l.text) > 2000 {
		l.text = l.text[len(l.text)-1000:]
	}
	return len(p), nil
}

func (l *lastLines) String() string { return string(l.text) }
