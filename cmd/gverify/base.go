package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/build/docker"
	"github.com/gverify/gverify/report"
)

// baseOptions are the flags of gverify base.
type baseOptions struct {
	root  docker.Root
	image string
	fresh bool
	log   bool
}

func newBaseCommand(w world) *cobra.Command {
	var o baseOptions
	noUpdates := false
	cmd := &cobra.Command{
		Use:   "base",
		Short: "Make the bare distribution that build environments start from",
		Long: `Makes the bare distribution that gverify build installs a descriptor's packages into, and remembers it for that suite and
architecture. mmdebstrap makes a root from the distribution's signed packages; no registry is needed. The same packages give the same
hash, which is printed and stands in every plan.

  gverify base --suite bookworm
  gverify base --suite bionic --image ubuntu@sha256:…   an image of a registry instead, by its digest

` + buildStatusHelp,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.root.Updates = !noUpdates
			return runBase(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.root.Suite, "suite", "", "the distribution's release: bookworm")
	f.StringVar(&o.root.Arch, "arch", "amd64", "architecture: amd64, i386")
	f.StringVar(&o.root.Mirror, "mirror", "", "address of the archive, "+docker.DefaultMirror+" if not given")
	f.StringVar(&o.image, "image", "", "take this image of a registry, NAME@sha256:DIGEST, instead of making one")
	f.BoolVar(&noUpdates, "no-updates", false, "leave out security and stable updates, here and in the builds")
	f.BoolVar(&o.fresh, "fresh", false, "make it anew even if there is one")
	f.BoolVar(&o.log, "log", false, "show what mmdebstrap prints")
	return cmd
}

const buildStatusHelp = `Exit status:
  0    done
  1    gverify could not do what was asked
  2    the command line makes no sense
  130  interrupted`

var imageByDigest = regexp.MustCompile(`^([^@]+)@(sha256:[0-9a-f]{64})$`)

func runBase(ctx context.Context, o baseOptions, w world) error {
	if o.root.Suite == "" {
		return withHint(usagef("the distribution's release is not said"), "gverify base --suite bookworm")
	}
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return err
	}
	store := baseStore(dirs)
	known, err := store.read(o.root.Suite, o.root.Arch)
	if err != nil {
		return err
	}
	engine, err := connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	var made build.Base
	switch {
	case o.image != "":
		made, err = pullBase(ctx, engine, o, w)
	case known.Tarball != "" && !o.fresh:
		fmt.Fprintf(w.Err, "gverify: the base of %s for %s is there already; --fresh makes it anew\n", o.root.Suite, o.root.Arch)
		made, err = known, importBase(ctx, engine, store, o.root, known.Tarball)
	default:
		made, err = makeBase(ctx, engine, store, o, w)
	}
	if err != nil {
		return err
	}
	if err := store.write(o.root.Suite, o.root.Arch, made); err != nil {
		return err
	}
	name := made.Tarball
	if name == "" {
		name = made.Image + "@" + made.Digest
	}
	fmt.Fprintf(w.Out, "%s-%s  %s\n", o.root.Suite, o.root.Arch, report.Quote(name))
	return nil
}

func pullBase(ctx context.Context, engine *docker.Engine, o baseOptions, w world) (build.Base, error) {
	m := imageByDigest.FindStringSubmatch(o.image)
	if m == nil {
		return build.Base{}, withHint(usagef("--image %s: want NAME@sha256:DIGEST", o.image), "docker manifest inspect shows an image's digest; a tag can mean another image tomorrow")
	}
	platform := "linux/" + o.root.Arch
	if o.root.Arch == "i386" {
		platform = "linux/386"
	}
	if _, err := engine.Pull(ctx, m[1], m[2], platform, w.progress(false)); err != nil {
		return build.Base{}, err
	}
	return build.Base{Image: m[1], Digest: m[2]}, nil
}

func makeBase(ctx context.Context, engine *docker.Engine, store bases, o baseOptions, w world) (build.Base, error) {
	if err := os.MkdirAll(string(store), 0o755); err != nil {
		return build.Base{}, err
	}
	partial := filepath.Join(string(store), fmt.Sprintf(".making-%d.tar", os.Getpid()))
	defer os.Remove(partial)
	log := w.progress(false)
	if o.log {
		log = w.Err
	}
	fmt.Fprintf(w.Err, "gverify: making the base of %s for %s; this takes a minute or two\n", o.root.Suite, o.root.Arch)
	if err := docker.Bootstrap(ctx, o.root, partial, log); err != nil {
		return build.Base{}, fitting(err)
	}
	sum, err := sumFile(partial)
	if err != nil {
		return build.Base{}, err
	}
	if err := os.Rename(partial, store.tarball(sum)); err != nil {
		return build.Base{}, err
	}
	return build.Base{Tarball: sum}, importBase(ctx, engine, store, o.root, sum)
}

func importBase(ctx context.Context, engine *docker.Engine, store bases, r docker.Root, sum string) error {
	root, err := store.Open(sum)
	if err != nil {
		return err
	}
	defer root.Close()
	_, err = engine.ImportBase(ctx, r.Suite, r.Arch, sum, root)
	return err
}

func sumFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil)), nil
}

// bases is the directory that root tarballs are kept in, by hash, and which of them is a suite's.
type bases string

func baseStore(d directories) bases { return bases(filepath.Join(d.cache, "bases")) }

func (b bases) tarball(sum string) string {
	return filepath.Join(string(b), strings.TrimPrefix(sum, "sha256:")+".tar")
}

var tarballSum = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Open opens a root tarball by its hash.
func (b bases) Open(sum string) (io.ReadCloser, error) {
	if !tarballSum.MatchString(sum) {
		return nil, fmt.Errorf("root tarball %q: want sha256:<64 hex>", sum)
	}
	return os.Open(b.tarball(sum))
}

func (b bases) file(suite, arch string) string {
	return filepath.Join(string(b), suite+"-"+arch+".json")
}

// read returns the base of a suite, or none.
func (b bases) read(suite, arch string) (build.Base, error) {
	var base build.Base
	if strings.ContainsAny(suite+arch, `/\`) {
		return base, usagef("suite %q, architecture %q: want names such as bookworm and amd64", suite, arch)
	}
	data, err := readSmall(b.file(suite, arch))
	if errors.Is(err, fs.ErrNotExist) {
		return base, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &base)
	}
	if err != nil {
		return base, withHint(fmt.Errorf("%s: %w", b.file(suite, arch), err), "remove the file and run gverify base again")
	}
	return base, nil
}

func (b bases) write(suite, arch string, base build.Base) error {
	data, err := json.Marshal(base)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(b), 0o755); err != nil {
		return err
	}
	return os.WriteFile(b.file(suite, arch), append(data, '\n'), 0o644)
}

// baseFor returns what a unit starts from: the image the user named, else the base gverify base made, else the distribution's own
// image, by name only.
func baseFor(d directories, image, distro string) func(suite, arch string) build.Base {
	return func(suite, arch string) build.Base {
		if m := imageByDigest.FindStringSubmatch(image); m != nil {
			return build.Base{Image: m[1], Digest: m[2]}
		}
		if image != "" {
			return build.Base{Image: image}
		}
		if base, err := baseStore(d).read(suite, arch); err == nil && base.Pinned() {
			return base
		}
		return build.Base{Image: distro + ":" + suite}
	}
}

// connect is docker.Connect with a hint where the engine can't be used.
func connect(ctx context.Context) (*docker.Engine, error) {
	engine, err := docker.Connect(ctx)
	return engine, fitting(err)
}

// fitting turns what the packages of building say into an error with a hint.
func fitting(err error) error {
	var unfit *docker.UnfitError
	if errors.As(err, &unfit) {
		return withHint(err, "%s", unfit.Next)
	}
	return err
}
