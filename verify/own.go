package verify

import (
	"fmt"
	"path"
	"slices"

	"github.com/gverify/gverify/sigs"
)

// ownFiles are the user's own builds merged, and what was noticed while merging.
type ownFiles struct {
	builds []OwnBuild
	files  map[string][]ownFile // by path
	extra  map[string]bool      // paths that nobody's statement lists
}

// ownFile is one line of an own build.
type ownFile struct {
	digest sigs.Digest
	system string // operating system the build is for, "" where it says none
	stale  bool   // the file's name is for another one: an earlier build left it in the output directory
}

// OwnError is an own build that has nothing to be compared with the release.
type OwnError struct {
	Name    string // of the file
	Problem string
	Version string // that its artifacts' names carry, empty where they carry none
}

func (e *OwnError) Error() string { return e.Name + ": " + e.Problem }

// versionOf returns the first version that artifacts' names carry.
func versionOf(m sigs.Manifest) string {
	for _, e := range m {
		if version, ok := sigs.NamesVersion(e.Path); ok {
			return version
		}
	}
	return ""
}

// readOwn merges own builds. A build that lists nothing, or nothing that the release has, is an [OwnError]: it is the wrong file.
func readOwn(c Comparison, builds []OwnBuild) (ownFiles, error) {
	o := ownFiles{builds: builds, files: map[string][]ownFile{}, extra: map[string]bool{}}
	released := map[string]bool{}
	for _, p := range c.Platforms {
		for _, a := range p.Artifacts {
			released[a.Path] = true
		}
	}
	for _, b := range builds {
		if len(b.Assertion.Out) == 0 {
			return o, &OwnError{b.Name, "the manifest lists no files", ""}
		}
		if !slices.ContainsFunc(b.Assertion.Out, func(e sigs.Entry) bool { return released[e.Path] }) {
			return o, &OwnError{b.Name, fmt.Sprintf("%s, none of which is a file of %s%s", plural(len(b.Assertion.Out), "file", "files"), c.Version, exampleOf(c)),
				versionOf(b.Assertion.Out)}
		}
		system := systemOfBuild(b.Assertion)
		for _, e := range b.Assertion.Out {
			if !released[e.Path] {
				o.extra[e.Path] = true
				continue
			}
			o.files[e.Path] = append(o.files[e.Path], ownFile{e.Digest, system, isOtherSystem(e.Path, system)})
		}
	}
	return o, nil
}

// on returns the lines about a path that bear on a platform: those of builds for its system; where there are none, what a build
// for another system holds of a file that is this one's by its name. A file without a system in its name (the source archive)
// that another system's build made says nothing about this platform.
func (o ownFiles) on(file, platform string) []ownFile {
	system := systemOf(platform)
	var own, stale []ownFile
	for _, f := range o.files[file] {
		switch {
		case f.stale:
			stale = append(stale, f)
		case system == "" || f.system == "" || f.system == system:
			own = append(own, f)
		}
	}
	if len(own) > 0 {
		return own
	}
	return stale
}

// systemOfBuild returns the operating system an own build is for, from its descriptor's name, "" where it says none.
func systemOfBuild(a sigs.Assertion) string {
	names := []string{a.Name, a.Release}
	for _, e := range a.In {
		if isDescriptor(e.Path) {
			names = append(names, path.Base(e.Path))
		}
	}
	for _, name := range names {
		if system := systemOf(name); system != "" {
			return system
		}
	}
	return ""
}

// exampleOf names a file of the release, for the reader of an error.
func exampleOf(c Comparison) string {
	for _, p := range c.Platforms {
		if len(p.Artifacts) > 0 {
			return fmt.Sprintf(" (it has %q and others)", p.Artifacts[0].Path)
		}
	}
	return ""
}

// against compares the own build with the artifact's first group: the decided one, else the one with most voters, else the one
// with most signers. An own build that has the artifact in several forms matches only if all of them are that group's.
func (o ownFiles) against(a ArtifactVerdict, platform string) (Own, sigs.Digest) {
	mine := o.on(a.Path, platform)
	if len(mine) == 0 || len(a.Groups) == 0 {
		return NotRun, sigs.Digest{}
	}
	for _, f := range mine {
		if f.digest != a.Groups[0].Digest {
			return Differs, f.digest
		}
	}
	return Matches, mine[0].digest
}

// vouched reports whether anybody with a vote stands behind an artifact. Where nobody does, the comparison with the own build is
// shown but not summed up: else anyone could make an own build differ.
func vouched(a ArtifactVerdict) bool { return len(a.Groups) > 0 && len(a.Groups[0].Voters) > 0 }

// sumOwn sums the own comparisons up, per platform and for those that count. Files nobody with a vote stands behind are left out,
// unless nobody votes at all: then no outcome hangs on it, and it is all there is to tell.
func sumOwn(v *Verdict) {
	anyone := slices.ContainsFunc(v.Platforms, func(p PlatformVerdict) bool { return len(p.Voters) > 0 })
	for i := range v.Platforms {
		p := &v.Platforms[i]
		for _, a := range p.Artifacts {
			if vouched(a) || !anyone {
				p.Own = p.Own.and(a.Own)
			}
		}
		if p.Asked || !anyone {
			v.Own = v.Own.and(p.Own)
		}
	}
}

// ownFindings says what the own comparison cannot: files on one side only, and files without a voter behind them.
func (d *decision) ownFindings(v Verdict) []sigs.Finding {
	if len(d.own.builds) == 0 {
		return nil
	}
	var differs, stale, unvouched, several []string
	for _, p := range v.Platforms {
		for _, a := range p.Artifacts {
			switch {
			case a.Own == NotRun:
			case !vouched(a):
				unvouched = appendOnce(unvouched, a.Path)
			case a.Own == Differs:
				differs = appendOnce(differs, a.Path)
			}
			mine := d.own.on(a.Path, p.Name)
			if a.Own == Differs && mine[0].stale {
				stale = appendOnce(stale, a.Path)
			}
			if slices.ContainsFunc(mine, func(f ownFile) bool { return f.digest != mine[0].digest }) {
				several = appendOnce(several, a.Path)
			}
		}
	}
	var out []sigs.Finding
	add := func(code string, severity sigs.Severity, files []string, text, next string) {
		if len(files) > 0 {
			out = append(out, sigs.Finding{Code: code, Severity: severity, Path: d.own.builds[0].Name, Text: fmt.Sprintf(text, countFiles(files)), Next: next})
		}
	}
	add("own-differs", sigs.Warning, differs, "your build has other contents in %s", "build again in a clean environment; compare the inputs with those of the signers")
	add("own-leftover", sigs.Note, stale, "%s differ but stand in the manifest of a build for another system: an earlier build may have left them in the output directory", "give the manifest of the build that made them, or empty the output directory and build again")
	add("own-contradicts-itself", sigs.Warning, several, "your manifests give several hashes for %s", "give only the manifests of one run")
	add("own-without-voters", sigs.Note, unvouched, "your build was compared with signers whose voice does not count in %s", "find keys you trust for these signers")
	add("own-extra", sigs.Note, sortedNames(d.own.extra), "your build lists %s that no signer lists", "nothing to do if they come from other builds; else compare the build's name and version")
	add("own-partial", sigs.Note, d.ownMissing(v), "your build lacks %s of the platforms it was compared with", "build the rest to compare them too")
	return out
}

// ownMissing returns the counted artifacts that the own build lacks on platforms of which it has some.
func (d *decision) ownMissing(v Verdict) []string {
	var out []string
	for _, p := range v.Platforms {
		if p.Own == NotRun {
			continue
		}
		for _, a := range p.Artifacts {
			if a.Own == NotRun && a.Counts {
				out = appendOnce(out, a.Path)
			}
		}
	}
	return out
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func sortedNames(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
