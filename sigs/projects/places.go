package projects

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// Contributions are the places of a repository in which somebody who attests a release adds files. They are path templates:
// {release} stands for a name that carries a version, {version} for a version alone (29.0rc1, no v and no capitals), {signer} and {name} for a part of
// a name, {a|b} for one of several words. A list that is left out is that of the layout.
type Contributions struct {
	Assertions []string `yaml:"assertions"` // {release}/{signer}/{name}-build.assert
	Signatures []string `yaml:"signatures"` // what is added to an assertion's name: .sig
	Keys       []string `yaml:"keys"`       // builder-keys/{signer}.gpg
}

// Part says what a file of an attestation repository is there for.
type Part string

const (
	AssertionPart Part = "assertion"
	SignaturePart Part = "signature"
	KeyPart       Part = "key"
	CheckPart     Part = "check"     // a definition of the checks that run on changes: .github/, .gitlab-ci.yml, CODEOWNERS
	OtherPart     Part = "other"     // documentation and the like: judged by nobody
	MisplacedPart Part = "misplaced" // among the attestations or keys, and not where or named as one is due
)

// Place is what a path says about a file.
type Place struct {
	Part    Part
	Release string // release directory's name, empty: the path has none
	Signer  string // by directory or key file name
	Want    string // of a misplaced file: what is due there
}

// Rules say which place a path is. Make one with [Repository.Rules].
type Rules struct {
	assertions, keys []template
	signatures       []string
	keyDirs          []string
}

// layoutContributions are the places of each layout; those of an empty layout are all of them.
func layoutContributions(layout sigs.Layout) Contributions {
	switch layout {
	case sigs.GitianLayout:
		return Contributions{Assertions: []string{"{release}/{signer}/{name}-build.assert"}, Signatures: []string{".sig", ".asc"}}
	case sigs.GuixLayout:
		return Contributions{Assertions: []string{"{version}/{signer}/{noncodesigned|codesigned|all}.SHA256SUMS"}, Signatures: []string{".asc"}}
	case sigs.ResultLayout:
		return Contributions{Assertions: []string{"{release}/{signer}/{name}.yml"}, Signatures: []string{".sig", ".asc"}}
	}
	var all Contributions
	for _, l := range []sigs.Layout{sigs.GitianLayout, sigs.GuixLayout, sigs.ResultLayout} {
		all.Assertions = append(all.Assertions, layoutContributions(l).Assertions...)
	}
	all.Signatures = []string{".sig", ".asc"}
	return all
}

// Rules returns the rules of a repository: its contributions, and where it gives none those of its layout and key sources.
func (r Repository) Rules() (Rules, error) {
	c, preset := r.Contributions, layoutContributions(r.Layout)
	if len(c.Assertions) == 0 {
		c.Assertions = preset.Assertions
	}
	if len(c.Signatures) == 0 {
		c.Signatures = preset.Signatures
	}
	if len(c.Keys) == 0 {
		for _, k := range r.Keys {
			if k.URL == "" {
				c.Keys = append(c.Keys, path.Join(k.Dir, "{signer}.{gpg|asc|pgp}"))
			}
		}
	}
	var rules Rules
	var err error
	if rules.assertions, err = templates(c.Assertions); err != nil {
		return Rules{}, fmt.Errorf("assertions: %w", err)
	}
	if rules.keys, err = templates(c.Keys); err != nil {
		return Rules{}, fmt.Errorf("keys: %w", err)
	}
	for _, ending := range c.Signatures {
		if len(ending) < 2 || ending[0] != '.' || strings.Contains(ending, "/") {
			return Rules{}, fmt.Errorf("signatures: %q is no ending of a name, want one such as .sig", ending)
		}
	}
	rules.signatures = c.Signatures
	for _, k := range rules.keys {
		rules.keyDirs = append(rules.keyDirs, path.Dir(k.text))
	}
	return rules, nil
}

// Place says what a file is there for, from its path alone.
func (r Rules) Place(name string) Place {
	if p, ok := find(r.assertions, name); ok {
		p.Part = AssertionPart
		return p
	}
	for _, ending := range r.signatures {
		if signed, ok := strings.CutSuffix(name, ending); ok {
			if p, ok := find(r.assertions, signed); ok {
				p.Part = SignaturePart
				return p
			}
		}
	}
	if p, ok := find(r.keys, name); ok {
		p.Part = KeyPart
		return p
	}
	return r.elsewhere(name)
}

// find matches a path against templates.
func find(all []template, name string) (Place, bool) {
	for _, t := range all {
		if p, ok := t.match(name); ok {
			return p, true
		}
	}
	return Place{}, false
}

// elsewhere places a file that no template is for: documentation, or one that stands where it should not.
func (r Rules) elsewhere(name string) Place {
	base := path.Base(name)
	first, _, below := strings.Cut(name, "/")
	switch {
	case isCheck(first, name, below):
		return Place{Part: CheckPart}
	case isDocument(base):
		return Place{Part: OtherPart}
	}
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if slices.Contains(r.keyDirs, dir) {
			return Place{Part: MisplacedPart, Want: texts(r.keys)}
		}
		if _, _, ok := sigs.SplitRelease(path.Base(dir)); ok {
			return Place{Part: MisplacedPart, Release: path.Base(dir), Want: r.due()}
		}
	}
	if _, _, ok := sigs.SplitRelease(base); ok && !below || looksAttested(base) {
		return Place{Part: MisplacedPart, Want: r.due()}
	}
	if looksLikeKey(base) {
		return Place{Part: MisplacedPart, Want: texts(r.keys)}
	}
	return Place{Part: OtherPart}
}

// due says how attestations are called.
func (r Rules) due() string {
	return texts(r.assertions) + ", its signature with " + strings.Join(r.signatures, " or ") + " behind it"
}

func texts(all []template) string {
	if len(all) == 0 {
		return "no such file in this repository"
	}
	var out []string
	for _, t := range all {
		out = append(out, t.text)
	}
	return strings.Join(out, " or ")
}

// isCheck reports files that say what is run on a change, who must look at it, or what a checkout makes of it: whatever they are
// called, everything below a hidden directory; CODEOWNERS and git's attributes anywhere.
func isCheck(first, name string, below bool) bool {
	base := strings.ToLower(path.Base(name))
	switch {
	case base == "codeowners" || base == ".gitattributes" || base == ".gitmodules":
		return true
	case strings.HasPrefix(first, "."):
		return below || !isDocument(base)
	}
	return false
}

// isDocument reports files that stand anywhere and are read by nobody.
func isDocument(base string) bool {
	switch base {
	case ".gitignore", ".mailmap", ".editorconfig", ".gitkeep":
		return true
	}
	return strings.HasPrefix(strings.ToLower(base), "readme")
}

// looksAttested reports whether a name is an assertion's or a signature's.
func looksAttested(base string) bool {
	for _, ending := range []string{".assert", ".sig", ".asc", "SHA256SUMS", "-res.yml", "-res.yaml"} {
		if strings.HasSuffix(base, ending) {
			return true
		}
	}
	return false
}

func looksLikeKey(base string) bool { return sigs.IsKeyFile(base) }
