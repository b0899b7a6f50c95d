package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// home is the platform a statement is judged for. What was signed outweighs the directory it lies in: anyone who can write to a
// repository can copy or move a file, nobody but the signer can change what is in it.
type home struct {
	platformKey
	moved bool // it lies in the directory, or under the assertion name, of another platform
	stray bool // its files are of another system than the directory says, and nothing in it says which: no vote
}

// guixNames are the assertion names of guix.sigs, in the order in which they are made.
var guixNames = []string{"noncodesigned", "codesigned", "all"}

// homesOf finds the home of every statement.
func homesOf(statements []*sigs.Statement) []home {
	out := make([]home, len(statements))
	for i, s := range statements {
		if s.Directory.Layout == sigs.GuixLayout {
			out[i] = home{platformKey: platformKey{s.Name, true}}
		} else {
			out[i] = homeOf(s)
		}
	}
	joinCopies(statements, out)
	return out
}

// joinCopies judges a file that one signer signed, and that stands under several assertion names of a guix release, under one of
// them: copied, it would vouch for a stage nobody built.
func joinCopies(statements []*sigs.Statement, homes []home) {
	type content struct {
		signer string
		sum    sigs.Digest
	}
	names := map[content][]string{}
	key := func(s *sigs.Statement) content { return content{cmp.Or(s.Best().Primary, s.Signer), s.Sum} }
	for i, s := range statements {
		if homes[i].guix && s.Unparsed == "" {
			names[key(s)] = appendOnce(names[key(s)], s.Name)
		}
	}
	for i, s := range statements {
		if !homes[i].guix || len(names[key(s)]) < 2 {
			continue
		}
		if name := originalName(s, names[key(s)]); name != s.Name {
			homes[i].name, homes[i].moved = name, true
		}
	}
}

// originalName chooses among the assertion names that one content stands under: "all" lists the signatures that were attached,
// else the earliest stage, whose name promises least.
func originalName(s *sigs.Statement, names []string) string {
	signed := slices.ContainsFunc(s.Assertion.Out, func(e sigs.Entry) bool { return strings.Contains(e.Path, "codesignatures") })
	order := slices.Clone(guixNames)
	if signed {
		slices.Reverse(order)
	}
	for _, name := range order {
		if slices.Contains(names, name) {
			return name
		}
	}
	return slices.Min(names)
}

// homeOf finds the home of a statement in the gitian and result layouts, from the directory's name, the signed release: field
// and the operating systems that the artifacts' names speak of. Real signers have labelled every platform "linux" for months, so
// the artifacts decide where they tell the two apart.
func homeOf(s *sigs.Statement) home {
	here := home{platformKey: platformKey{s.Directory.Platform, false}}
	if s.Unparsed != "" {
		return here
	}
	want := systemOfPlatform(here.name)
	if s.Assertion.Format == sigs.ResultFormat { // its output directory is never emptied: the descriptor tells
		built := systemOfBuild(s.Assertion)
		here.stray = built != "" && want != "" && built != want
		return here
	}
	made := systemsOf(s.Assertion.Out)
	wrong := here.name != "" && want != "" && len(made) > 0 && !slices.Contains(made, want) // releases of old held every system's files
	label := labelOf(s)
	system := systemOfPlatform(label)
	there := home{platformKey: platformKey{label, false}, moved: true}
	switch {
	case label == "" || label == here.name:
		here.stray = wrong
	case system == "": // the label is no platform
		here.stray = wrong
	case system == want: // the same system: another stage at most
		if a, b := stageOf(here.name), stageOf(label); a != "" && b != "" && a != b && stageOfFiles(s.Assertion.Out) == b {
			return there
		}
		here.stray = wrong
	case want != "" && slices.Contains(made, want): // mislabelled
	case len(made) == 0 || slices.Contains(made, system):
		return there
	default:
		here.stray = true
	}
	return here
}

// labelOf returns the platform that the signed release: field names beside the directory's version, empty where it names none.
func labelOf(s *sigs.Statement) string {
	version, ok := releaseVersion(s.Assertion.Release)
	if !ok || !sigs.SameVersion(version, s.Directory.Version) {
		return ""
	}
	_, platform, _ := sigs.SplitRelease(s.Assertion.Release)
	return platform
}

// systemOfPlatform returns the operating system of a platform; old releases have no suffix for linux.
func systemOfPlatform(platform string) string {
	if platform == "" {
		return "linux"
	}
	return systemOf(platform)
}

// systemsOf returns the operating systems that artifacts' names speak of, each once.
func systemsOf(m sigs.Manifest) []string {
	var out []string
	for _, e := range m {
		if system := systemOf(e.Path); system != "" {
			out = appendOnce(out, system)
		}
	}
	return out
}

// stageOf returns "signed" or "unsigned" where a platform says which it is.
func stageOf(platform string) string {
	for _, word := range strings.FieldsFunc(platform, func(r rune) bool { return r == '-' || r == '_' }) {
		if word == "signed" || word == "unsigned" {
			return word
		}
	}
	return ""
}

// stageOfFiles tells the unsigned stage by the names of what it leaves for the signing one.
func stageOfFiles(m sigs.Manifest) string {
	if slices.ContainsFunc(m, func(e sigs.Entry) bool { return strings.Contains(e.Path, "unsigned") }) {
		return "unsigned"
	}
	return "signed"
}
