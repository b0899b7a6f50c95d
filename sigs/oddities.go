package sigs

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"
)

// maxFindings is the most findings one listing has; a hostile tree could have millions.
const maxFindings = 10_000

func (l *lister) note(severity Severity, code, p, text, next string) {
	switch n := len(l.out.Findings); {
	case n < maxFindings:
		l.out.Findings = append(l.out.Findings, Finding{Code: code, Severity: severity, Path: p, Text: text, Next: next})
	case n == maxFindings:
		l.out.Findings = append(l.out.Findings, Finding{Code: "too-many-findings", Severity: Alarm,
			Text: fmt.Sprintf("the names of this repository have more than %d oddities; the others are not listed", maxFindings),
			Next: "make sure that this is an attestation repository"})
	}
}

// irregular notes a symbolic link, a submodule or the like.
func (l *lister) irregular(p string, mode fs.FileMode) {
	what := "a special file"
	switch {
	case mode&fs.ModeSymlink != 0:
		what = "a symbolic link"
	case mode&fs.ModeIrregular != 0:
		what = "a submodule"
	}
	l.note(Warning, "not-a-regular-file", p, what+" where a file or directory is due; it is not followed, and what it points to is not read",
		"ask the repository's maintainers to replace it by the files themselves")
}

func (l *lister) tooDeep(p string) {
	l.note(Warning, "too-deep", p, fmt.Sprintf("the directory lies more than %d levels down and is not read", maxLevels), "ask the repository's maintainers to move it up")
}

// outside notes a directory whose assertions belong to no release.
func (l *lister) outside(dir, file string) {
	l.note(Warning, "outside-release", path.Join(dir, file), "an assertion that lies in no release directory (none of the names above it carries a version): it is not read, nor are others beside it",
		"ask the repository's maintainers to move it into the release's directory")
}

// oddName notes a name that is shown or typed as something else than it is.
func (l *lister) oddName(p, what, name string) {
	var why string
	switch {
	case len(name) > maxName:
		why = fmt.Sprintf("has %d bytes, more than file systems allow", len(name))
	case strings.HasPrefix(name, "-"):
		why = "begins with a dash, which programs take for an option"
	case strings.HasPrefix(name, "."):
		why = "begins with a dot, which hides it"
	case strings.HasSuffix(name, ".") || strings.TrimSpace(name) != name:
		why = "begins or ends with a dot or space, which is easily overlooked and which some systems drop"
	case strings.ContainsAny(name, "\\:"):
		why = "has a sign that separates directories on some systems"
	case strings.ContainsFunc(name, isInvisible):
		why = "has signs that are not shown, or that turn the text around"
	default:
		return
	}
	l.note(Warning, "odd-name", p, fmt.Sprintf("the %s's name %q %s", what, name, why), "go by the fingerprint, not by the name")
}

// isInvisible reports control and format characters (bidi, zero width) and odd spaces.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Zs, r) && r != ' '
}

// strangers notes assertions whose names speak of another version or platform than their directory: copied to the wrong
// place, most likely. What they hold is judged by their contents, not by this.
func (l *lister) strangers(d *Directory) {
	for _, f := range d.Files {
		build := strings.TrimSuffix(f.Name, "-build")
		if version, _, ok := splitInfix(build); ok && !isPrefixVersion(version, d.Version) && !isCommit(d.Version) {
			l.note(Warning, "other-version-name", f.Path, fmt.Sprintf("the assertion's name speaks of version %s, its directory of %s", version, d.Version),
				"see whether it was copied from another release: its contents decide")
		}
		has, want := families(build), families(d.Platform)
		if len(has) == 1 && len(want) == 1 && has[0] != want[0] {
			l.note(Warning, "other-platform-name", f.Path, fmt.Sprintf("the assertion's name speaks of %s, its directory of %s", has[0], want[0]),
				"see whether it was copied from another release: its contents decide")
		}
	}
}

// families returns the operating systems that the words of a name stand for, each once.
func families(name string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		if f := family(word); f != "" && (len(out) == 0 || out[len(out)-1] != f) {
			out = append(out, f)
		}
	}
	return out
}
