package docker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
)

// environment is a prepared image and what is known of it.
type environment struct {
	image  string
	user   owner
	base   sigs.Base
	reused bool
}

// manifestFile is where an environment keeps its base manifest, next to gverify's mark.
const manifestFile = "/var/lib/gverify/manifest"

// environmentKey is the hash of all that steps make of a base, as far as a plan says it.
func environmentKey(base string, p build.Plan, u build.Unit, steps []build.Step) string {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Why = ""
	}
	data, err := json.Marshal(struct {
		Base, Recipe, Arch, Personality string
		Steps                           []build.Step
	}{base, p.Recipe.Digest.String(), u.Environment.Architecture, u.Environment.Personality, steps})
	if err != nil {
		panic(err) // strings and booleans
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// phaseSteps are the unit's steps of a phase.
func phaseSteps(u build.Unit, phase build.Phase) []build.Step {
	return slices.DeleteFunc(slices.Clone(u.Steps), func(s build.Step) bool { return s.Phase != phase || len(s.Args) == 0 })
}

// prepare returns the unit's environment: one of an earlier build, or a new one.
func (r *run) prepare(ctx context.Context, u build.Unit) (environment, error) {
	base, err := r.baseImage(ctx, u.Environment)
	if err != nil {
		return environment{}, err
	}
	steps := phaseSteps(u, build.PhasePrepare)
	key := environmentKey(base, r.plan, u, steps)
	image, err := r.engine.labelled(ctx, kindEnvironment, labelKey, key)
	if err != nil {
		return environment{}, err
	}
	if image != "" && !r.options.Fresh {
		return r.reuse(ctx, u, image)
	}
	if base, steps, err = r.foundation(ctx, u, base, steps); err != nil {
		return environment{}, err
	}
	return r.install(ctx, u, base, steps, key)
}

// foundation runs the first of the prepare steps, which is the same for every descriptor of a distribution, and keeps what it
// makes: most of the time and of the packages are in it. Later steps bring it up to date. It returns the image to go on from and
// the steps that are left.
func (r *run) foundation(ctx context.Context, u build.Unit, base string, steps []build.Step) (string, []build.Step, error) {
	if len(steps) < 2 {
		return base, steps, nil
	}
	key := environmentKey(base, r.plan, u, steps[:1])
	image, err := r.engine.labelled(ctx, kindFoundation, labelKey, key)
	if err != nil || image != "" && !r.options.Fresh {
		return image, steps[1:], err
	}
	options := r.box(u, build.PhasePrepare, base)
	options.user, options.capabilities = "root", rootCapabilities
	b, err := r.engine.open(ctx, options)
	if err != nil {
		return "", nil, err
	}
	defer b.close()
	if err := r.steps(ctx, b, u, build.PhasePrepare, steps[:1], nil); err != nil {
		return "", nil, err
	}
	tag := fmt.Sprintf("gverify/foundation:%s-%s-%.12s", u.Environment.Suite, u.Environment.Architecture, key)
	image, err = b.commit(ctx, kindFoundation, tag, map[string]string{labelKey: key})
	return image, steps[1:], err
}

// reuse asks an environment that is there for its manifest and user.
func (r *run) reuse(ctx context.Context, u build.Unit, image string) (environment, error) {
	b, err := r.engine.open(ctx, r.box(u, build.PhaseCollect, image))
	if err != nil {
		return environment{}, err
	}
	defer b.close()
	text, err := b.answer(ctx, command{args: []string{"cat", manifestFile}, user: "root"})
	if err != nil {
		return environment{}, fmt.Errorf("the environment kept from an earlier build: %w", err)
	}
	return r.describe(ctx, b, u, environment{image: image, reused: true}, string(text))
}

// install runs prepare steps in a container of an image and keeps it as another.
func (r *run) install(ctx context.Context, u build.Unit, from string, steps []build.Step, key string) (environment, error) {
	options := r.box(u, build.PhasePrepare, from)
	options.user, options.capabilities = "root", rootCapabilities
	b, err := r.engine.open(ctx, options)
	if err != nil {
		return environment{}, err
	}
	defer b.close()
	var manifest bytes.Buffer
	if err := r.steps(ctx, b, u, build.PhasePrepare, steps, &limitedWriter{w: &manifest, left: maxAnswer}); err != nil {
		return environment{}, err
	}
	env, err := r.describe(ctx, b, u, environment{}, manifest.String())
	if err != nil {
		return environment{}, err
	}
	if err := b.send(ctx, "/", owner{}, func(p *packer) error {
		return p.file(strings.TrimPrefix(manifestFile, "/"), 0o644, int64(manifest.Len()), bytes.NewReader(manifest.Bytes()))
	}); err != nil {
		return environment{}, fmt.Errorf("keep the manifest: %w", err)
	}
	tag := fmt.Sprintf("gverify/environment:%s-%.12s", u.Environment.Name, key)
	env.image, err = b.commit(ctx, kindEnvironment, tag, map[string]string{labelKey: key, labelName: r.plan.Name, labelUser: u.Environment.User})
	return env, err
}

// describe reads the manifest and asks for the user's number.
func (r *run) describe(ctx context.Context, b *box, u build.Unit, env environment, manifest string) (environment, error) {
	entries, err := sigs.ParseManifest(manifest)
	if err != nil {
		return environment{}, fmt.Errorf("the base manifest the recipe printed: %w", err)
	}
	if len(entries) == 0 {
		return environment{}, errors.New("the base manifest the recipe printed is empty: apt's archive directory held nothing")
	}
	env.base = sigs.Base{Name: u.Environment.Name, Entries: entries}
	for _, ask := range []struct {
		flag string
		to   *int
	}{{"-u", &env.user.uid}, {"-g", &env.user.gid}} {
		out, err := b.answer(ctx, command{args: []string{"id", ask.flag, u.Environment.User}, user: "root"})
		if err == nil {
			_, err = fmt.Sscan(string(out), ask.to)
		}
		if err != nil {
			return environment{}, fmt.Errorf("the environment's user %s: %w", u.Environment.User, err)
		}
	}
	if env.user.uid == 0 {
		return environment{}, fmt.Errorf("the environment's user %s is root", u.Environment.User)
	}
	return env, nil
}

// steps runs steps of one phase in the box. The manifest step's output goes to manifest besides the log.
func (r *run) steps(ctx context.Context, b *box, u build.Unit, phase build.Phase, steps []build.Step, manifest io.Writer) error {
	log, err := r.openLog(u, phase)
	if err != nil {
		return err
	}
	defer log.Close()
	limit := map[build.Phase]time.Duration{build.PhasePrepare: r.limits.Prepare, build.PhaseFetch: r.limits.Fetch, build.PhaseScript: r.limits.Script}[phase]
	if limit == 0 {
		limit = r.limits.Prepare
	}
	guarded, done := b.guard(ctx, limit, r.limits.Disk)
	defer done()
	for _, s := range steps {
		c := command{args: s.Args, user: s.User, stdout: log, stderr: log, dir: "/", stdin: r.standardInput(s, u)}
		if phase == build.PhasePrepare {
			c.env = []string{"DEBIAN_FRONTEND=noninteractive", "HOME=/root"}
		} else {
			c.env, c.dir = u.Environment.Env, u.Environment.Home
		}
		if s.Manifest() && manifest != nil {
			c.stdout = manifest
		}
		status, err := b.exec(guarded, c)
		if why := (*stopped)(nil); errors.As(err, &why) {
			return &build.FailedError{Unit: u.Environment.Name, Phase: phase, Status: 137, Why: why.why, Log: log.name}
		}
		if err != nil {
			return err
		}
		if status != 0 {
			return &build.FailedError{Unit: u.Environment.Name, Phase: phase, Status: status, Why: b.explain(ctx, status, r.limits), Log: log.name}
		}
	}
	return nil
}

func (r *run) standardInput(s build.Step, u build.Unit) io.Reader {
	switch s.Stdin {
	case build.RecipeInput:
		return strings.NewReader(r.plan.Recipe.Text)
	case build.FetchInput:
		if u.Fetch != nil {
			return strings.NewReader(u.Fetch.Text)
		}
	case build.ScriptInput:
		return strings.NewReader(u.Script.Text)
	}
	return nil
}
