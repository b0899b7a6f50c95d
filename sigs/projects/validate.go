package projects

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/gverify/gverify/sigs"
)

var (
	projectName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	fingerprint = regexp.MustCompile(`^(?:[0-9A-F]{40}|[0-9A-F]{64})$`)
)

// validate reports what keeps a project from being used.
func (p Project) validate() error {
	if !projectName.MatchString(p.Name) {
		return fmt.Errorf("%q is no project name: want lower-case letters, digits and dashes", p.Name)
	}
	if p.Threshold < 1 {
		return fmt.Errorf("threshold is %d, want at least 1", p.Threshold)
	}
	if len(p.Repositories) == 0 {
		return errors.New("no repositories")
	}
	if err := checkRange(p.Descriptors.Until, ""); err != nil {
		return fmt.Errorf("descriptors: %w", err)
	}
	for i, r := range p.Repositories {
		if err := r.validate(); err != nil {
			return fmt.Errorf("repository %d: %w", i+1, err)
		}
		for _, other := range p.Repositories[:i] {
			if overlap(r, other) {
				return fmt.Errorf("the version ranges of %s and %s overlap", other.URL, r.URL)
			}
		}
	}
	if err := checkNames(p.Names); err != nil {
		return err
	}
	if err := checkReleaseKeys(p.ReleaseKeys); err != nil {
		return err
	}
	return checkPins(p.Pins)
}

func (r Repository) validate() error {
	switch r.Layout {
	case "", sigs.GitianLayout, sigs.ResultLayout, sigs.GuixLayout:
	default:
		return fmt.Errorf("layout is %q, want %s, %s or %s", string(r.Layout), sigs.GitianLayout, sigs.ResultLayout, sigs.GuixLayout)
	}
	if r.URL == "" {
		return errors.New("no url")
	}
	if err := checkRange(r.From, r.Until); err != nil {
		return err
	}
	if err := checkRange(r.Newest, ""); err != nil {
		return fmt.Errorf("newest: %w", err)
	}
	for _, k := range r.Keys {
		if !fs.ValidPath(k.Dir) {
			return fmt.Errorf("keys: %q is no directory of a repository, want a path such as builder-keys", k.Dir)
		}
	}
	if _, err := r.Rules(); err != nil {
		return fmt.Errorf("contributions: %w", err)
	}
	for i, d := range r.Due {
		if err := checkRange(d.From, d.Until); err != nil {
			return fmt.Errorf("due %d: %w", i+1, err)
		}
		if len(d.Platforms) == 0 {
			return fmt.Errorf("due %d: no platforms", i+1)
		}
	}
	return nil
}

// checkRange refuses bounds that are no versions and ranges that hold nothing.
func checkRange(from, until string) error {
	for _, bound := range []string{from, until} {
		if bound != "" && !isVersion(bound) {
			return fmt.Errorf("%q is no version, want digits with dots such as 22.0", bound)
		}
	}
	if from != "" && until != "" && sigs.CompareVersions(from, until) >= 0 {
		return fmt.Errorf("the range from %s until %s holds no version", from, until)
	}
	return nil
}

func overlap(a, b Repository) bool {
	return (a.Until == "" || b.From == "" || sigs.CompareVersions(b.From, a.Until) < 0) &&
		(b.Until == "" || a.From == "" || sigs.CompareVersions(a.From, b.Until) < 0)
}

// checkPins makes sure that a fingerprint and a directory name each lead to one person.
func checkPins(pins []Pin) error {
	keys, names := map[string]string{}, map[string]string{}
	for _, pin := range pins {
		if pin.Name == "" || len(pin.Fingerprints) == 0 {
			return fmt.Errorf("pin %q needs a name and fingerprints", pin.Name)
		}
		for _, f := range pin.Fingerprints {
			if !fingerprint.MatchString(f) {
				return fmt.Errorf("pin %s: %q is no fingerprint of a primary key, want 40 hexadecimal digits", pin.Name, f)
			}
			if other, taken := keys[f]; taken {
				return fmt.Errorf("fingerprint %s is pinned for %s and for %s", f, other, pin.Name)
			}
			keys[f] = pin.Name
		}
		if other, taken := names[pin.Name]; taken {
			return fmt.Errorf("the name %q stands twice, for %s and as a pin", pin.Name, other)
		}
		names[pin.Name] = pin.Name
		for _, alias := range pin.Aliases {
			if other, taken := names[alias]; taken && other != pin.Name {
				return fmt.Errorf("the name %q leads to %s and to %s", alias, other, pin.Name)
			}
			if alias == "" {
				return fmt.Errorf("pin %s has an empty alias", pin.Name)
			}
			names[alias] = pin.Name
		}
	}
	return nil
}
