package build

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
)

// MaxPlan is the largest saved plan that is read, in bytes.
const MaxPlan = 16 << 20

// WriteJSON saves a plan. [ReadPlan] reads it back as it is.
func (p Plan) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(p)
}

// ReadPlan reads a saved plan and holds it against everything a plan made here promises, so that one from elsewhere can do no
// more than a descriptor could: unknown schemas and fields, texts that are not of their digest, names that lead out of a
// directory, root commands that are not the recipe's are errors.
func ReadPlan(data []byte) (Plan, error) {
	if len(data) > MaxPlan {
		return Plan{}, fmt.Errorf("%d bytes, at most %d are read", len(data), MaxPlan)
	}
	var head struct{ Schema string }
	if err := json.Unmarshal(data, &head); err != nil {
		return Plan{}, fmt.Errorf("not a plan: %w", err)
	}
	if head.Schema != PlanSchema {
		return Plan{}, fmt.Errorf("schema %q, want %q", head.Schema, PlanSchema)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("not a plan: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Plan{}, errors.New("something stands behind the plan")
	}
	p.fill()
	return p, p.sound()
}

// Check reports why a plan cannot be run: what is not looked up, not there, or not named by its content. Each is one line.
func (p Plan) Check() error {
	if err := p.sound(); err != nil {
		return err
	}
	var missing []error
	for i, s := range p.Inputs.Remotes {
		if s.Commit == "" {
			missing = append(missing, fmt.Errorf("the commit of %s is not known", s.Dir))
		}
		if i == len(p.Inputs.Remotes)-1 && p.Units[0].lacksTime() {
			missing = append(missing, fmt.Errorf("the author date of %s is not known", s.Dir))
		}
	}
	for _, f := range p.Inputs.Files {
		if f.Digest == nil {
			missing = append(missing, fmt.Errorf("input file %s is not there", f.Name))
		}
	}
	for _, u := range p.Units {
		if !u.Environment.Base.Pinned() {
			missing = append(missing, fmt.Errorf("%s: the base %s is not named by its content", u.Environment.Name, u.Environment.Base.Image))
		}
	}
	return errors.Join(missing...)
}

// In is what goes in, as in_manifest has it.
func (p Plan) In() In {
	in := In{Files: []sigs.Entry{p.Descriptor}}
	for _, f := range p.Inputs.Files {
		if f.Digest != nil {
			in.Files = append(in.Files, sigs.Entry{Path: f.Name, Digest: *f.Digest})
		}
	}
	for _, s := range p.Inputs.Remotes {
		in.Commits = append(in.Commits, sigs.Commit{Dir: s.Dir, Hash: s.Commit})
	}
	return in
}

func (u Unit) lacksTime() bool {
	return strings.Contains(u.Script.Text, "\nREFERENCE_DATETIME='"+unknownTime+"'\n")
}

// sound holds a plan against what [Descriptor.Plan] promises of every plan.
func (p Plan) sound() error {
	if p.Schema != PlanSchema {
		return fmt.Errorf("schema %q, want %q", p.Schema, PlanSchema)
	}
	if err := checkName(p.Name); err != nil {
		return fmt.Errorf("name %s %w", quote(p.Name), err)
	}
	if p.Descriptor.Path != p.Name+"-desc.yml" {
		return fmt.Errorf("descriptor %s of plan %s", quote(p.Descriptor.Path), quote(p.Name))
	}
	if err := p.Recipe.sound("recipe"); err != nil {
		return err
	}
	if err := p.Inputs.sound(); err != nil {
		return err
	}
	if len(p.Units) == 0 {
		return errors.New("no units")
	}
	for i, u := range p.Units {
		if err := u.sound(); err != nil {
			return fmt.Errorf("unit %d: %w", i+1, err)
		}
		if slices.ContainsFunc(p.Units[:i], func(o Unit) bool { return o.Environment.Name == u.Environment.Name }) {
			return fmt.Errorf("two units are called %s", u.Environment.Name)
		}
	}
	for _, c := range p.Sudo.Commands {
		if !absolute.MatchString(c) {
			return fmt.Errorf("sudo: %s is no command", quote(c))
		}
	}
	return p.Limits.sound()
}

func (s Script) sound(what string) error {
	if script(s.Text).Digest != s.Digest {
		return fmt.Errorf("%s: its text is not that of its digest: somebody changed one of them", what)
	}
	return nil
}

func (in Inputs) sound() error {
	for _, f := range in.Files {
		if err := checkName(f.Name); err != nil {
			return fmt.Errorf("file %s %w", quote(f.Name), err)
		}
	}
	for _, s := range in.Remotes {
		if err := checkName(s.Dir); err != nil {
			return fmt.Errorf("remote %s %w", quote(s.Dir), err)
		}
		if err := checkURL(s.URL, true); err != nil {
			return fmt.Errorf("remote %s: %w", s.Dir, err)
		}
		if s.Commit != "" && !commitHash.MatchString(s.Commit) {
			return fmt.Errorf("remote %s: %s is no commit", s.Dir, quote(s.Commit))
		}
		if s.AuthorDate != "" {
			if _, err := time.Parse(referenceLayout, s.AuthorDate); err != nil {
				return fmt.Errorf("remote %s: author date %s is no moment", s.Dir, quote(s.AuthorDate))
			}
		}
	}
	return nil
}

func (u Unit) sound() error {
	e := u.Environment
	for _, one := range []struct{ what, value string }{{"name", e.Name}, {"distro", e.Distro}, {"suite", e.Suite}, {"user", e.User},
		{"hostname", e.Hostname}, {"architecture", e.Architecture}, {"personality", e.Personality}} {
		if err := checkName(one.value); err != nil {
			return fmt.Errorf("%s %s %w", one.what, quote(one.value), err)
		}
	}
	if e.Home != "/home/"+e.User || e.User == "root" {
		return fmt.Errorf("the script would run as %s in %s", quote(e.User), quote(e.Home))
	}
	if err := u.Script.sound("script"); err != nil {
		return err
	}
	if u.Fetch != nil {
		if err := u.Fetch.sound("fetch script"); err != nil {
			return err
		}
	}
	for _, s := range u.Steps {
		if err := s.sound(u); err != nil {
			return fmt.Errorf("step %s: %w", quote(strings.Join(s.Args, " ")), err)
		}
	}
	return nil
}

// sound wants a step of one of the kinds [Descriptor.Plan] makes: root runs the recipe and nothing else.
func (s Step) sound(u Unit) error {
	if len(s.Args) == 0 || slices.ContainsFunc(s.Args, func(a string) bool { return strings.ContainsRune(a, 0) }) {
		return errors.New("no command")
	}
	switch {
	case s.Phase == PhasePrepare && s.User == "root" && s.Stdin == RecipeInput && len(s.Args) > 3 && slices.Equal(s.Args[:3], []string{"sh", "-s", "--"}):
		return nil
	case s.User != u.Environment.User:
		return fmt.Errorf("would run as %s", quote(s.User))
	case s.Phase == PhaseInputs && !s.Network && s.Stdin == NoInput && s.Args[0] == "mkdir" && !slices.ContainsFunc(s.Args[1:], path.IsAbs):
		return nil
	case s.Phase == PhaseFetch && s.Stdin == FetchInput && u.Fetch != nil, s.Phase == PhaseScript && s.Stdin == ScriptInput:
		return nil
	}
	return errors.New("is no step gverify plans")
}

func (l Limits) sound() error {
	if l.Jobs < 1 || l.Memory < 1 || l.Processes < 1 || l.Disk < 1 || l.OutBytes < 1 || l.OutFiles < 1 || l.CacheSize < 1 ||
		l.Prepare < 1 || l.Fetch < 1 || l.Script < 1 {
		return errors.New("a limit is not above zero")
	}
	return nil
}
