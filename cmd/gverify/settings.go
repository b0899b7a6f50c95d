package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/verify"
)

// maxSettings is the largest configuration or policy file that is read, in bytes.
const maxSettings = 1 << 20

// directories are gverify's places on the user's machine, after the XDG base directory specification.
type directories struct {
	cache, config, state string
}

func findDirectories(getenv func(string) string) (directories, error) {
	home := getenv("HOME")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	at := func(variable, fallback string) (string, error) {
		if dir := getenv(variable); filepath.IsAbs(dir) {
			return filepath.Join(dir, "gverify"), nil
		}
		if home == "" {
			return "", withHint(fmt.Errorf("no home directory: neither %s nor HOME is set", variable), "set %s to a directory of yours", variable)
		}
		return filepath.Join(home, fallback, "gverify"), nil
	}
	var d directories
	var errs [3]error
	d.cache, errs[0] = at("XDG_CACHE_HOME", ".cache")
	d.config, errs[1] = at("XDG_CONFIG_HOME", ".config")
	d.state, errs[2] = at("XDG_STATE_HOME", filepath.Join(".local", "state"))
	return d, errors.Join(errs[:]...)
}

// loadProjects reads the presets and the user's config.yaml over them.
func loadProjects(d directories) (*projects.Set, error) {
	name := filepath.Join(d.config, "config.yaml")
	data, err := readSmall(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	set, err := projects.Load(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", name, err), "gverify help config shows what may stand in it")
	}
	return set, nil
}

// chosenPolicy is a policy and where it came from.
type chosenPolicy struct {
	verify.Policy
	origin string // "preset bitcoin", a file name, "built in"
	pins   string // where the pins came from
}

// loadPolicy returns the policy the user named (a file, or "any"), else his policy.yaml, else the project's preset. A policy
// file without pins takes the project's.
func loadPolicy(flag string, threshold int, d directories, project projects.Project) (chosenPolicy, error) {
	preset := presetPolicy(project)
	p := chosenPolicy{Policy: preset, origin: "preset " + project.Name, pins: "preset " + project.Name}
	name := flag
	if name == "" {
		if own := filepath.Join(d.config, "policy.yaml"); exists(own) {
			name = own
		}
	}
	switch name {
	case "", "preset":
	case "any":
		p.Policy = verify.AnyPolicy(preset.Pins)
		p.origin = "built in: any key you gave counts"
	default:
		data, err := readSmall(name)
		if err != nil {
			return chosenPolicy{}, withHint(err, "--policy takes a policy file, or the word any; gverify help policy shows one")
		}
		parsed, err := verify.ParsePolicy(data)
		if err != nil {
			return chosenPolicy{}, withHint(fmt.Errorf("%s: %w", name, err), "gverify help policy shows what may stand in it")
		}
		p.Policy, p.origin = parsed, name
		if len(parsed.Pins) == 0 && !parsed.AnyGiven {
			p.Pins = preset.Pins
		} else {
			p.pins = name
		}
	}
	if threshold > 0 {
		p.Threshold = threshold
		p.origin += ", threshold from --threshold"
	}
	if err := p.Validate(); err != nil {
		return chosenPolicy{}, fmt.Errorf("%s: %w", p.origin, err)
	}
	return p, nil
}

// presetPolicy is the policy a project ships: its pins and threshold, every other rule at its default.
func presetPolicy(project projects.Project) verify.Policy {
	p := verify.Policy{Name: project.Name, Threshold: project.Threshold}
	for _, pin := range project.Pins {
		p.Pins = append(p.Pins, verify.Pin{Name: pin.Name, Fingerprints: pin.Fingerprints, Aliases: pin.Aliases})
	}
	return p
}

// readSmall reads a regular file of the user's of at most maxSettings bytes.
func readSmall(name string) ([]byte, error) { return readCapped(name, maxSettings) }

// readCapped reads a file of at most limit bytes.
func readCapped(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: %d bytes, at most %d are read", name, info.Size(), limit)
	}
	return os.ReadFile(name)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func dirOf(name string) string { return filepath.Dir(name) }

// parseDate reads --as-of: a day (its end, UTC) or a moment in RFC 3339.
func parseDate(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, usagef("--as-of %q is no date, want 2026-11-22 or 2026-11-22T12:00:00Z", s)
	}
	return day.AddDate(0, 0, 1).Add(-time.Second), nil
}
