package projects

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// MaxConfig is the largest configuration file that is read, in bytes.
const MaxConfig = 256 << 10

//go:embed presets/*.yaml
var presets embed.FS

// Load returns the presets with the user's configuration over them, as [ConfigHelp] describes it; nil is no configuration.
// Errors name the line.
func Load(config []byte) (*Set, error) {
	s := &Set{projects: map[string]Project{}}
	files, err := fs.Glob(presets, "presets/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := s.addPreset(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	if len(config) > MaxConfig {
		return nil, fmt.Errorf("the configuration has %d bytes, at most %d are read", len(config), MaxConfig)
	}
	if err := s.configure(config); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) addPreset(file string) error {
	data, err := presets.ReadFile(file)
	if err != nil {
		return err
	}
	var p Project
	if err := strict(data, &p); err != nil {
		return err
	}
	if _, taken := s.projects[p.Name]; taken {
		return fmt.Errorf("project %s stands in two files", p.Name)
	}
	if err := p.validate(); err != nil {
		return err
	}
	s.projects[p.Name] = p
	return nil
}

// configuration is the user's config.yaml. It is decoded twice: strictly into known fields, which finds mistakes on their
// lines, then project by project over what is known already, which keeps the fields that are left out.
type configuration struct {
	Mirrors  map[string]string  `yaml:"mirrors"`
	Projects map[string]Project `yaml:"projects"`
}

func (s *Set) configure(config []byte) (err error) {
	defer func() {
		if r := recover(); r != nil { // yaml.v3 has panicked on crafted input before
			err = fmt.Errorf("not a YAML file that can be read: %v", r)
		}
	}()
	var c configuration
	if err := strict(config, &c); err != nil {
		return err
	}
	var overlay struct {
		Mirrors  yaml.Node            `yaml:"mirrors"`
		Projects map[string]yaml.Node `yaml:"projects"`
	}
	if err := strict(config, &overlay); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(overlay.Projects)) {
		node := overlay.Projects[name]
		if err := s.override(name, &node); err != nil {
			return fmt.Errorf("projects: %s: %w", name, err)
		}
	}
	return s.mirror(c.Mirrors)
}

// override replaces the fields of a project that the node names, or adds the project.
func (s *Set) override(name string, node *yaml.Node) error {
	p, known := s.projects[name]
	if !known {
		p.Threshold, p.Title = DefaultThreshold, name
	}
	p.Name = name
	if node.Kind != 0 { // nothing at all behind the name
		if err := node.Decode(&p); err != nil {
			return plain(err)
		}
	}
	if p.Name != name {
		return fmt.Errorf("its name is given as %q", p.Name)
	}
	for i, pin := range p.Pins {
		for j, f := range pin.Fingerprints {
			p.Pins[i].Fingerprints[j] = asPrinted(f)
		}
	}
	for i, k := range p.ReleaseKeys {
		p.ReleaseKeys[i].Fingerprint = asPrinted(k.Fingerprint)
	}
	if err := p.validate(); err != nil {
		return err
	}
	s.projects[name] = p
	return nil
}

// asPrinted reads a fingerprint as GnuPG prints it.
func asPrinted(fingerprint string) string {
	return strings.ToUpper(strings.TrimPrefix(strings.ReplaceAll(fingerprint, " ", ""), "0x"))
}

// mirror takes the user's map of URL prefixes.
func (s *Set) mirror(mirrors map[string]string) error {
	for prefix, replacement := range mirrors {
		if prefix == "" || replacement == "" {
			return fmt.Errorf("mirrors: %q: %q: an empty URL", prefix, replacement)
		}
		s.mirrors = append(s.mirrors, mirror{prefix, replacement})
	}
	slices.SortFunc(s.mirrors, func(a, b mirror) int { // the most precise one serves
		return cmp.Or(cmp.Compare(len(b.prefix), len(a.prefix)), strings.Compare(a.prefix, b.prefix))
	})
	return nil
}

// strict decodes one YAML document and refuses fields it does not know. No document at all leaves the value as it is.
func strict(data []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return plain(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("more than one YAML document")
	}
	return nil
}

// plain says what is wrong without naming Go's types.
func plain(err error) error {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " in type projects.")
		line, _, _ = strings.Cut(line, " into ")
		lines[i] = strings.Replace(line, "cannot unmarshal", "this field does not take", 1)
	}
	return errors.New(strings.Join(lines, "; "))
}
