package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
)

// Sources has the repositories of a plan.
type Sources interface {
	// Pack gives every file (and empty directory) of a repository's .git directory below dir to add, so that git in a container, without a network, can
	// write the files of s.Commit, its submodules included.
	Pack(ctx context.Context, s build.Source, dir string, add func(name string, mode fs.FileMode, size int64, content io.Reader) error) error
}

// Options are what a run needs besides the plan.
type Options struct {
	Output     string   // an empty directory: gets out/ and logs/
	Inputs     []string // directories to look for input files in, in order
	Sources    Sources
	OpenBase   func(sum string) (io.ReadCloser, error) // a root tarball by its hash, for an engine that has it not
	CacheDir   string                                  // where the builds' caches are kept
	CacheScope string                                  // builds of one scope share the common cache: a project's name
	Fresh      bool                                    // prepare the environment anew even if there is one
	Emulate    bool                                    // let the engine run another architecture's programs
	KeepFailed bool                                    // keep the container of a failed script as an image, for gverify shell
	Phase      func(unit string, p build.Phase)        // called as each phase begins; nil: nobody is told
}

// Runner returns what runs plans on the engine.
func (e *Engine) Runner(o Options) build.Runner { return runner{e, o} }

type runner struct {
	engine  *Engine
	options Options
}

// run is one run of one plan.
type run struct {
	engine  *Engine
	options Options
	plan    build.Plan
	limits  build.Limits
	log     io.Writer
	files   map[string]string // input files by name
	out     *os.Root
	result  build.Result
}

// Run implements [build.Runner].
func (r runner) Run(ctx context.Context, p build.Plan, log io.Writer) (build.Result, error) {
	if err := p.Check(); err != nil {
		return build.Result{}, err
	}
	if err := r.engine.fitFor(p, r.options.Emulate); err != nil {
		return build.Result{}, err
	}
	files, err := findFiles(p.Inputs.Files, r.options.Inputs)
	if err != nil {
		return build.Result{}, err
	}
	outDir := filepath.Join(r.options.Output, "out")
	if err := os.MkdirAll(outDir, 0o755); err != nil {
		return build.Result{}, err
	}
	out, err := os.OpenRoot(outDir)
	if err != nil {
		return build.Result{}, err
	}
	defer out.Close()
	one := &run{engine: r.engine, options: r.options, plan: p, limits: p.Limits, log: orDiscard(log), files: files, out: out}
	one.result = build.Result{Name: p.Name, Findings: p.Findings, In: p.In()}
	for _, u := range p.Units {
		if err := one.unit(ctx, u); err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return build.Result{}, err
		}
	}
	return one.result, one.caches()
}

// unit builds one suite on one architecture.
func (r *run) unit(ctx context.Context, u build.Unit) error {
	var env environment
	err := r.phase(u, build.PhasePrepare, func() (note string, err error) {
		env, err = r.prepare(ctx, u)
		if env.reused {
			note = "reused"
		}
		return note, err
	})
	if err != nil {
		return err
	}
	r.result.Base = append(r.result.Base, env.base)
	if u.Fetch != nil {
		if err := r.fetch(ctx, u, env); err != nil {
			return err
		}
	}
	return r.script(ctx, u, env)
}

// phase runs and times one phase.
func (r *run) phase(u build.Unit, p build.Phase, do func() (note string, err error)) error {
	if r.options.Phase != nil {
		r.options.Phase(u.Environment.Name, p)
	}
	began := time.Now()
	note, err := do()
	r.result.Phases = append(r.result.Phases, build.Timing{Unit: u.Environment.Name, Phase: p, Took: time.Since(began), Note: note})
	return err
}

// box returns the hardened container of a phase.
func (r *run) box(u build.Unit, phase build.Phase, image string) boxOptions {
	o := boxOptions{image: image, environment: u.Environment, phase: phase, name: r.plan.Name, user: u.Environment.User, limits: r.limits,
		emulated: !r.engine.runs(u.Environment.Platform)}
	for _, s := range u.Steps {
		o.network = o.network || s.Phase == phase && s.Network
	}
	if phase == build.PhaseScript && r.plan.Sudo.Asked && r.plan.Sudo.Allowed {
		o.capabilities, o.privileges = sudoCapabilities, true
	}
	return o
}

// fetch fills the common cache with network.
func (r *run) fetch(ctx context.Context, u build.Unit, env environment) error {
	before, err := r.options.cacheFile("common").files(r.cacheBounds())
	if err != nil {
		return err
	}
	return r.phase(u, build.PhaseFetch, func() (string, error) {
		b, err := r.engine.open(ctx, r.box(u, build.PhaseFetch, env.image))
		if err != nil {
			return "", err
		}
		defer b.close()
		if err := r.inputs(ctx, b, u, env); err != nil {
			return "", err
		}
		if err := r.steps(ctx, b, u, build.PhaseFetch, phaseSteps(u, build.PhaseFetch), nil); err != nil {
			return "", err
		}
		if err := b.stop(ctx); err != nil {
			return "", err
		}
		if err := r.keepCache(ctx, b, u, "common"); err != nil {
			return "", err
		}
		return r.noteFetched(before)
	})
}

// noteFetched records what the common cache has that it had not before.
func (r *run) noteFetched(before sigs.Manifest) (string, error) {
	after, err := r.options.cacheFile("common").files(r.cacheBounds())
	if err != nil {
		return "", err
	}
	had := map[sigs.Entry]bool{}
	for _, e := range before {
		had[e] = true
	}
	fetched := 0
	for _, e := range after {
		if !had[e] {
			r.result.Fetched = append(r.result.Fetched, e)
			fetched++
		}
	}
	return fmt.Sprintf("%d files", fetched), nil
}

// script runs the descriptor's script and collects what it made.
func (r *run) script(ctx context.Context, u build.Unit, env environment) error {
	b, err := r.engine.open(ctx, r.box(u, build.PhaseScript, env.image))
	if err != nil {
		return err
	}
	defer b.close()
	if err := r.phase(u, build.PhaseInputs, func() (string, error) { return "", r.inputs(ctx, b, u, env) }); err != nil {
		return err
	}
	if err := r.phase(u, build.PhaseScript, func() (string, error) {
		return "", r.steps(ctx, b, u, build.PhaseScript, phaseSteps(u, build.PhaseScript), nil)
	}); err != nil {
		return r.keepFailed(ctx, b, u, err)
	}
	return r.phase(u, build.PhaseCollect, func() (string, error) { return "", r.collect(ctx, b, u) })
}

// keepFailed keeps what a failed script left, when the user wants to look into it.
func (r *run) keepFailed(ctx context.Context, b *box, u build.Unit, failure error) error {
	var failed *build.FailedError
	if !r.options.KeepFailed || ctx.Err() != nil || !errors.As(failure, &failed) || b.stop(ctx) != nil {
		return failure
	}
	tag := "gverify/failed:" + u.Environment.Name
	if _, err := b.commit(ctx, kindFailed, tag, map[string]string{labelName: r.plan.Name, labelUser: u.Environment.User}); err != nil {
		return errors.Join(failure, err)
	}
	return failure
}

// collect takes out/ and the caches out of the stopped container.
func (r *run) collect(ctx context.Context, b *box, u build.Unit) error {
	if err := b.stop(ctx); err != nil {
		return err
	}
	var made sigs.Manifest
	err := b.take(ctx, u.Environment.Home+"/out", func(stream io.Reader) (err error) {
		made, err = storeFiles(stream, "out", bounds{r.limits.OutFiles, r.limits.OutBytes}, r.out)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: what the script left in out/: %w", u.Environment.Name, err)
	}
	r.result.Out = union(r.result.Out, made)
	if !r.plan.Caches {
		return nil
	}
	for _, name := range r.cacheDirs() {
		if err := r.keepCache(ctx, b, u, name); err != nil {
			return err
		}
	}
	return nil
}

// union is the manifest of a directory that later files were written over.
func union(earlier, later sigs.Manifest) sigs.Manifest {
	replaced := map[string]bool{}
	for _, e := range later {
		replaced[e.Path] = true
	}
	all := later
	for _, e := range earlier {
		if !replaced[e.Path] {
			all = append(all, e)
		}
	}
	return sorted(all)
}

// keepCache makes a directory of the stopped container a cache's new content.
func (r *run) keepCache(ctx context.Context, b *box, u build.Unit, name string) error {
	dir := "cache/" + name
	err := b.take(ctx, path.Join(u.Environment.Home, dir), func(stream io.Reader) error {
		return r.options.cacheFile(name).replace(stream, name, r.cacheBounds())
	})
	if err != nil {
		return fmt.Errorf("%s: what was left in %s: %w", u.Environment.Name, dir, err)
	}
	return nil
}

// cacheDirs are the caches by their directory below the home directory.
func (r *run) cacheDirs() map[string]string {
	return map[string]string{"cache/common": "common", "cache/" + r.plan.Name: r.plan.Name}
}

// maxCacheFiles is how many files a cache may hold.
const maxCacheFiles = 50_000

func (r *run) cacheBounds() bounds { return bounds{maxCacheFiles, r.limits.CacheSize} }

// caches reads the caches' manifests after the last unit.
func (r *run) caches() (err error) {
	if !r.plan.Caches {
		return nil
	}
	if r.result.Cache.Common, err = r.options.cacheFile("common").files(r.cacheBounds()); err != nil {
		return err
	}
	r.result.Cache.Package, err = r.options.cacheFile(r.plan.Name).files(r.cacheBounds())
	return err
}

// logFile is where a phase's output is kept, besides the run's log.
type logFile struct {
	io.Writer
	name string
	file *os.File
}

// maxLog is how much of a phase's output is kept and passed on: 256 MiB.
const maxLog = 256 << 20

func (r *run) openLog(u build.Unit, phase build.Phase) (*logFile, error) {
	dir := filepath.Join(r.options.Output, "logs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, strings.ReplaceAll(u.Environment.Name, "/", "_")+"-"+string(phase)+".log")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &logFile{Writer: &limitedWriter{w: io.MultiWriter(f, r.log), left: maxLog}, name: name, file: f}, nil
}

func (l *logFile) Close() error { return l.file.Close() }
