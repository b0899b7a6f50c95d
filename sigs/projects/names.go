package projects

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// versionMark stands for the release's version in a name.
const versionMark = "{version}"

// Name says that a project publishes a file under another name than the builders attest. {version} stands for the release's
// version; nothing else in a name is a pattern.
type Name struct {
	Published string `yaml:"published"` // a file name
	Attested  string `yaml:"attested"`  // a path of the builders' manifests
	From      string `yaml:"from"`
	Until     string `yaml:"until"`
}

// AttestedName returns the path under which the builders of a version attest a published file, if a rule of the project names one.
// Version is without a leading v.
func (p Project) AttestedName(published, version string) (path string, ok bool) {
	for _, n := range p.Names {
		if within(version, n.From, n.Until) && published == fill(n.Published, version) {
			return fill(n.Attested, version), true
		}
	}
	return "", false
}

func fill(name, version string) string { return strings.ReplaceAll(name, versionMark, version) }

// checkNames refuses rules that could take one release's file for another's, or that contradict each other.
func checkNames(names []Name) error {
	for i, n := range names {
		if err := n.validate(); err != nil {
			return fmt.Errorf("names %d: %w", i+1, err)
		}
		for _, other := range names[:i] {
			if n.Published == other.Published && overlap(Repository{From: n.From, Until: n.Until}, Repository{From: other.From, Until: other.Until}) {
				return fmt.Errorf("names %d: %q has two attested names in one range of versions", i+1, n.Published)
			}
		}
	}
	return nil
}

func (n Name) validate() error {
	switch {
	case n.Published == "" || strings.ContainsAny(n.Published, `/\`):
		return fmt.Errorf("published is %q, want a file name", n.Published)
	case strings.Count(n.Published, versionMark) != 1:
		return fmt.Errorf("published is %q, want %s in it once: else another release's file could go by this name", n.Published, versionMark)
	case !fs.ValidPath(n.Attested) || n.Attested == ".":
		return fmt.Errorf("attested is %q, want a path of a manifest such as src/example-%s.tar.gz", n.Attested, versionMark)
	case n.Published == n.Attested:
		return errors.New("published and attested are the same")
	}
	if version, ok := sigs.NamesVersion(fill(n.Published, "1.0")); !ok || version != "1.0" {
		return fmt.Errorf("published is %q: gverify cannot read the version out of such a name", n.Published)
	}
	return checkRange(n.From, n.Until)
}
