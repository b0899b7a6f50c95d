package docker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// environmentKey is the hash of all that an environment is made from, as far as a plan says it.
func environmentKey(base string, p build.Plan, u build.Unit) string {
	var steps []build.Step
	for _, s := range u.Steps {
		if s.Phase == build.PhasePrepare {
			s.Why = ""
			steps = append(steps, s)
		}
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

// prepare returns the unit's environment: one of an earlier build, or a new one.
func (r *run) prepare(ctx context.Context, u build.Unit) (environment, error) {
	base, err := r.baseImage(ctx, u.Environment)
	if err != nil {
		return environment{}, err
	}
	key := environmentKey(base, r.plan, u)
	image, err := r.engine.labelled(ctx, kindEnvironment, labelKey, key)
	if err != nil {
		return environment{}, err
	}
	if image != "" && !r.options.Fresh {
		return r.reuse(ctx, u, image)
	}
	return r.install(ctx, u, base, key)
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

// install runs the prepare steps in a container of the base and keeps it as an image.
func (r *run) install(ctx context.Context, u build.Unit, base, key string) (environment, error) {
	options := r.box(u, build.PhasePrepare, base)
	options.user, options.capabilities = "root", rootCapabilities
	b, err := r.engine.open(ctx, options)
	if err != nil {
		return environment{}, err
	}
	defer b.close()
	var manifest bytes.Buffer
	if err := r.steps(ctx, b, u, build.PhasePrepare, &limitedWriter{w: &manifest, left: maxAnswer}); err != nil {
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
	env.image, err = b.commit(ctx, kindEnvironment, tag, map[string]string{labelKey: key, labelName: r.plan.Name})
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

// steps runs a unit's steps of one phase in the box. The manifest step's output goes to manifest besides the log.
func (r *run) steps(ctx context.Context, b *box, u build.Unit, phase build.Phase, manifest io.Writer) error {
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
	for _, s := range u.Steps {
		if s.Phase != phase || len(s.Args) == 0 {
			continue
		}
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
