package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/build/docker"
	sources "github.com/gverify/gverify/build/source"
	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
)

// executeOptions say how plans are run.
type executeOptions struct {
	output string
	inputs []string
	scope  string // builds of one scope share the common cache: a project's name

	fresh, emulate, keepFailed, log, offline bool
}

const (
	defaultOutput = "result"
	outputMark    = ".gverify-result" // in a directory of results, so that no other is ever emptied
)

func (o *executeOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.output, "output", defaultOutput, "directory for out/, NAME-res.yml and logs/; emptied first, if gverify made it")
	f.BoolVar(&o.fresh, "fresh", false, "prepare the environments anew, with the newest packages, even if there are some")
	f.BoolVar(&o.emulate, "emulate", false, "let the engine's emulator run another architecture")
	f.BoolVar(&o.keepFailed, "keep-failed", false, "keep the container of a failed script, for gverify shell --failed")
	f.BoolVar(&o.log, "log", false, "print what the phases print, as it comes")
}

// execute runs plans in order. What one makes is an input of the next where its plan says so. Results are left in o.output, and
// their hashes printed as gbuild prints them.
func execute(ctx context.Context, w world, plans []build.Plan, o executeOptions) ([]build.Result, error) {
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return nil, err
	}
	engine, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	for i := range plans {
		if err := pinBases(ctx, engine, &plans[i], w); err != nil {
			return nil, err
		}
		if err := ready(plans[i]); err != nil {
			return nil, err
		}
	}
	if err := emptyOutput(o.output); err != nil {
		return nil, err
	}
	var results []build.Result
	for _, p := range plans {
		for _, r := range results {
			if err := take(&p, r, o.output); err != nil {
				return results, err
			}
		}
		result, err := executeOne(ctx, w, engine, dirs, p, o)
		if err != nil {
			return results, err
		}
		results = append(results, result)
	}
	return results, nil
}

// ready is Plan.Check without the files that an earlier plan makes.
func ready(p build.Plan) error {
	p.Inputs.Files = slices.DeleteFunc(slices.Clone(p.Inputs.Files), func(f build.File) bool { return f.From != "" && f.Digest == nil })
	if err := p.Check(); err != nil {
		return withHint(fmt.Errorf("%s can't be built yet: %w", p.Name, err), "gverify build --plan shows everything the build wants; input files are looked for in --inputs")
	}
	return nil
}

// take fills in the files of a plan that a build before it made. One that is wanted under a name without a version is copied to
// that name, where the runner looks for inputs.
func take(p *build.Plan, r build.Result, output string) error {
	p.Inputs.Files = slices.Clone(p.Inputs.Files)
	for i, f := range p.Inputs.Files {
		if f.Digest != nil || f.From != r.Name {
			continue
		}
		made, err := build.MatchOutput(f.Name, r.Out)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		p.Inputs.Files[i].Digest = &made.Digest
		if made.Path != f.Name {
			if err := copyInside(output, path.Join("out", made.Path), path.Join(handedOver, f.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// handedOver is where, in a directory of results, files lie that one build made for the next.
const handedOver = "inputs"

func copyInside(dir, from, to string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	in, err := root.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := root.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// pinBases replaces bases that are only named by what the engine has under that name.
func pinBases(ctx context.Context, engine *docker.Engine, p *build.Plan, w world) error {
	p.Units = slices.Clone(p.Units)
	for i := range p.Units {
		env := &p.Units[i].Environment
		if env.Base.Pinned() {
			continue
		}
		id, err := engine.Find(ctx, env.Base.Image)
		if err != nil {
			return withHint(fmt.Errorf("%s: there is no base to build in: %w", env.Name, err),
				"gverify base --suite %s --arch %s makes one from signed packages; --base-image names an image you trust", env.Suite, env.Architecture)
		}
		env.Base.ID = id
		fmt.Fprintf(w.Err, "gverify: %s starts from %s, which is %s here\n", env.Name, report.Quote(env.Base.Image), id)
	}
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f sigs.Finding) bool { return f.Code == "base-unpinned" })
	return nil
}

// emptyOutput makes the directory of results, empty. A directory that gverify did not make is not touched, unless it is empty.
func emptyOutput(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if marked := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == outputMark }); len(entries) > 0 && !marked {
		return withHint(usagef("%s is not empty, and gverify did not make what is in it", dir), "name another directory for the results: --output DIR")
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, outputMark), []byte("Results of gverify build; the next one empties this directory.\n"), 0o644)
}

func executeOne(ctx context.Context, w world, engine *docker.Engine, dirs directories, p build.Plan, o executeOptions) (build.Result, error) {
	set, err := loadProjects(dirs)
	if err != nil {
		return build.Result{}, err
	}
	watch := newWatch(w, o.log, p.Name)
	defer watch.stop()
	scope := o.scope
	if scope == "" && len(p.Inputs.Remotes) > 0 {
		scope = p.Inputs.Remotes[len(p.Inputs.Remotes)-1].URL
	}
	runner := engine.Runner(docker.Options{
		Output: o.output, Inputs: append(slices.Clone(o.inputs), filepath.Join(o.output, "out"), filepath.Join(o.output, handedOver)),
		Sources:  mirrored{sources.Store{Dir: filepath.Join(dirs.cache, "sources"), Offline: o.offline}, set.Rewrite},
		OpenBase: baseStore(dirs).Open, CacheDir: filepath.Join(dirs.cache, "builds"), CacheScope: scope,
		Fresh: o.fresh, Emulate: o.emulate, KeepFailed: o.keepFailed, Phase: watch.phase,
	})
	result, err := runner.Run(ctx, p, watch)
	watch.stop()
	if err != nil {
		return result, failure(err, o)
	}
	return result, writeResults(w, engine, p, result, o.output)
}

// mirrored takes sources from where the user's configuration says.
type mirrored struct {
	docker.Sources
	rewrite func(url string) string
}

// Pack implements [docker.Sources].
func (m mirrored) Pack(ctx context.Context, s build.Source, dir string, add func(name string, mode fs.FileMode, size int64, content io.Reader) error) error {
	s.URL = m.rewrite(s.URL)
	return m.Sources.Pack(ctx, s, dir, add)
}

// failure says where to look when a build failed.
func failure(err error, o executeOptions) error {
	var failed *build.FailedError
	if errors.As(err, &failed) {
		next := "gverify build --keep-failed keeps the container, to look into with gverify shell --failed"
		if o.keepFailed {
			next = "gverify shell --failed opens it as it was left"
		}
		if tail := lastLogLines(failed.Log, 10); tail != "" {
			err = fmt.Errorf("%w; %s ends:\n%s", err, failed.Log, tail)
		}
		return withHint(err, "%s", next)
	}
	return fitting(err)
}

// record is what is worth knowing of a build besides its res.yml.
type record struct {
	Engine   string         `json:"engine"`
	Phases   []build.Timing `json:"phases"`
	Fetched  []sigs.Entry   `json:"fetched"`
	Findings []sigs.Finding `json:"findings"`
}

// writeResults leaves res.yml, the plan as it was run and a record, and prints the hashes as gbuild does.
func writeResults(w world, engine *docker.Engine, p build.Plan, r build.Result, dir string) error {
	res := filepath.Join(dir, build.ResultFile(r.Name))
	files := []struct {
		name  string
		write func(io.Writer) error
	}{
		{res, func(f io.Writer) error { return build.WriteResult(f, r) }},
		{filepath.Join(dir, r.Name+"-plan.json"), p.WriteJSON},
		{filepath.Join(dir, r.Name+"-record.json"), func(f io.Writer) error {
			enc := json.NewEncoder(f)
			enc.SetIndent("", "  ")
			return enc.Encode(record{engine.String(), r.Phases, r.Fetched, r.Findings})
		}},
	}
	for _, f := range files {
		if err := writeOutput(w, f.name, f.write); err != nil {
			return err
		}
	}
	for _, t := range r.Phases {
		note := ""
		if t.Note != "" {
			note = " (" + t.Note + ")"
		}
		fmt.Fprintf(w.Err, "gverify: %s %s took %.1f s%s\n", t.Unit, t.Phase, t.Took.Seconds(), note)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w.Err, "gverify: %s: %s\n", f.Severity, report.Quote(f.Text))
	}
	for _, e := range r.Out {
		fmt.Fprintf(w.Out, "%s  %s\n", e.Digest, e.Path)
	}
	sum, err := sumFile(res)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "%s  %s\n", sum[len("sha256:"):], filepath.Base(res))
	return nil
}

// lastLogLines returns the end of a log.
func lastLogLines(name string, n int) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	const most = 4096
	data := make([]byte, min(most, info.Size()))
	if _, err := f.ReadAt(data, info.Size()-int64(len(data))); err != nil && err != io.EOF {
		return ""
	}
	return lastLines(data, n)
}
