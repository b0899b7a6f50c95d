// Package projects says what is known of each project from the start: where its attestations and keys are, which platforms a
// release owes, and which signers' fingerprints it published itself. It holds no keys and no attestations.
package projects

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gverify/gverify/sigs"
)

// Default is the project meant where none is named.
const Default = "bitcoin"

//go:embed presets/*.yaml
var presets embed.FS

// Project is what is known of one project.
type Project struct {
	Name         string       `yaml:"name"`  // as in --project
	Title        string       `yaml:"title"` // as people call it
	Threshold    int          `yaml:"threshold"`
	Source       string       `yaml:"source"` // source repository
	Tag          string       `yaml:"tag"`    // of a release; {version} stands for it
	Descriptors  Descriptors  `yaml:"descriptors"`
	Repositories []Repository `yaml:"repositories"` // ranges do not overlap
	Pins         []Pin        `yaml:"pins"`
}

// Descriptors are where a project's Gitian recipes lie in its source.
type Descriptors struct {
	Dir                string            `yaml:"dir"`
	Until              string            `yaml:"until"` // first version without them; empty: all have them
	Files              map[string]string `yaml:"files"` // by platform
	DetachedSignatures string            `yaml:"detached_signatures"`
}

// Repository is an attestation repository and the versions it covers: from From (inclusive) until Until (exclusive), candidates
// counted with their release. Empty is open.
type Repository struct {
	URL    string      `yaml:"url"`
	Layout sigs.Layout `yaml:"layout"`
	From   string      `yaml:"from"`
	Until  string      `yaml:"until"`
	Keys   []KeySource `yaml:"keys"`
	Due    []Due       `yaml:"due"`
}

// KeySource is a directory of public keys.
type KeySource struct {
	URL string `yaml:"url"` // git repository; empty: the attestation repository itself
	Dir string `yaml:"dir"`
}

// Due is platforms that every release of a range owes.
type Due struct {
	From       string   `yaml:"from"`
	Until      string   `yaml:"until"`
	Platforms  []string `yaml:"platforms"`
	FinalsOnly bool     `yaml:"finals_only"` // candidates often lack them
}

// Pin is a signer whose fingerprints the project published.
type Pin struct {
	Name         string   `yaml:"name"`
	Fingerprints []string `yaml:"fingerprints"` // primary keys, 40 upper-case hexadecimal digits
	Aliases      []string `yaml:"aliases"`      // other directory names of the same person
	Published    []string `yaml:"published"`    // where
}

// Set is all projects known, the user's included.
type Set struct {
	projects map[string]Project
	mirrors  []mirror
}

type mirror struct{ prefix, replacement string }

// Load returns the presets with the user's configuration over them; nil is no configuration.
func Load(config []byte) (*Set, error) {
	s := &Set{projects: map[string]Project{}}
	files, err := fs.Glob(presets, "presets/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		data, err := presets.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var p Project
		if err := strict(data, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := p.validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		s.projects[p.Name] = p
	}
	if len(bytes.TrimSpace(config)) == 0 {
		return s, nil
	}
	return s, s.override(config)
}

// configuration is the user's config.yaml.
type configuration struct {
	Mirrors  map[string]string    `yaml:"mirrors"`
	Projects map[string]yaml.Node `yaml:"projects"`
}

// override applies the user's config.yaml: a project's fields replace those of the preset of the same name, one by one.
func (s *Set) override(config []byte) error {
	var c configuration
	if err := strict(config, &c); err != nil {
		return err
	}
	for prefix, replacement := range c.Mirrors {
		if prefix == "" || replacement == "" {
			return errors.New("mirrors: an empty URL")
		}
		s.mirrors = append(s.mirrors, mirror{prefix, replacement})
	}
	slices.SortFunc(s.mirrors, func(a, b mirror) int { // longest first, so that the most precise one serves
		if len(a.prefix) != len(b.prefix) {
			return len(b.prefix) - len(a.prefix)
		}
		return strings.Compare(a.prefix, b.prefix)
	})
	for name, node := range c.Projects {
		p := s.projects[name]
		p.Name = name
		data, err := yaml.Marshal(&node)
		if err != nil {
			return fmt.Errorf("projects: %s: %w", name, err)
		}
		if err := strict(data, &p); err != nil {
			return fmt.Errorf("projects: %s: %w", name, err)
		}
		if p.Name != name {
			return fmt.Errorf("projects: %s: its name is given as %q", name, p.Name)
		}
		if p.Title == "" {
			p.Title = name
		}
		if p.Threshold == 0 {
			p.Threshold = 3
		}
		if err := p.validate(); err != nil {
			return fmt.Errorf("projects: %s: %w", name, err)
		}
		s.projects[name] = p
	}
	return nil
}

// strict decodes one YAML document and refuses fields it does not know.
func strict(data []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("more than one YAML document")
	}
	return nil
}

var (
	projectName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	fingerprint = regexp.MustCompile(`^[0-9A-F]{40}$`)
)

func (p Project) validate() error {
	if !projectName.MatchString(p.Name) {
		return fmt.Errorf("%q is no project name: lower-case letters, digits and dashes", p.Name)
	}
	if len(p.Repositories) == 0 {
		return errors.New("no repositories")
	}
	if p.Threshold < 1 {
		return fmt.Errorf("threshold %d: at least 1", p.Threshold)
	}
	for i, r := range p.Repositories {
		if r.URL == "" {
			return fmt.Errorf("repository %d has no url", i+1)
		}
		for _, other := range p.Repositories[:i] {
			if overlap(r, other) {
				return fmt.Errorf("the version ranges of %s and %s overlap", other.URL, r.URL)
			}
		}
	}
	owner := map[string]string{}
	for _, pin := range p.Pins {
		if pin.Name == "" || len(pin.Fingerprints) == 0 {
			return fmt.Errorf("pin %q needs a name and fingerprints", pin.Name)
		}
		for _, f := range pin.Fingerprints {
			if !fingerprint.MatchString(f) {
				return fmt.Errorf("pin %s: %q is no fingerprint: 40 upper-case hexadecimal digits", pin.Name, f)
			}
			if other, taken := owner[f]; taken {
				return fmt.Errorf("fingerprint %s is pinned for %s and for %s", f, other, pin.Name)
			}
			owner[f] = pin.Name
		}
	}
	return nil
}

func overlap(a, b Repository) bool {
	return (a.Until == "" || b.From == "" || sigs.CompareVersions(b.From, a.Until) < 0) &&
		(b.Until == "" || a.From == "" || sigs.CompareVersions(a.From, b.Until) < 0)
}

// Find returns the project of a name.
func (s *Set) Find(name string) (Project, bool) {
	p, ok := s.projects[name]
	return p, ok
}

// Names returns the names of all projects, sorted.
func (s *Set) Names() []string {
	var out []string
	for name := range s.projects {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Rewrite applies the user's mirrors to a URL: the longest matching prefix is replaced.
func (s *Set) Rewrite(url string) string {
	for _, m := range s.mirrors {
		if rest, ok := strings.CutPrefix(url, m.prefix); ok {
			return m.replacement + rest
		}
	}
	return url
}

// Knowing returns the projects that could have a version: one of their repositories covers it and owes platforms for it.
func (s *Set) Knowing(version string) []string {
	var out []string
	for _, name := range s.Names() {
		if len(s.projects[name].Due(version)) > 0 {
			out = append(out, name)
		}
	}
	return out
}

var candidateMark = regexp.MustCompile(`-?(?:rc|beta|alpha)\.?\d+$`)

// within reports whether a version lies in a range; a candidate counts as its release.
func within(version, from, until string) bool {
	release := candidateMark.ReplaceAllString(strings.TrimPrefix(version, "v"), "")
	return (from == "" || sigs.CompareVersions(release, from) >= 0) && (until == "" || sigs.CompareVersions(release, until) < 0)
}

// RepositoryFor returns the repository that covers a version.
func (p Project) RepositoryFor(version string) (Repository, bool) {
	for _, r := range p.Repositories {
		if within(version, r.From, r.Until) {
			return r, true
		}
	}
	return Repository{}, false
}

// Due returns the platforms that a release of this version owes, sorted.
func (p Project) Due(version string) []string {
	r, ok := p.RepositoryFor(version)
	if !ok {
		return nil
	}
	var out []string
	for _, d := range r.Due {
		if within(version, d.From, d.Until) && (!d.FinalsOnly || !candidateMark.MatchString(version)) {
			out = append(out, d.Platforms...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
