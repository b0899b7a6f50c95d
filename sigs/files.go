package sigs

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// assertionName returns the assertion's name and layout if a file name is an assertion's. A .yml file is one only where other
// things than its name say so, see [lister.assertions].
func assertionName(file string) (name string, layout Layout) {
	if name, ok := strings.CutSuffix(file, ".assert"); ok && name != "" {
		return name, GitianLayout
	}
	if file == "SHA256SUMS" {
		return file, GuixLayout
	}
	if name, ok := strings.CutSuffix(file, ".SHA256SUMS"); ok && name != "" {
		return name, GuixLayout
	}
	for _, extension := range []string{".yml", ".yaml"} {
		if name, ok := strings.CutSuffix(file, extension); ok && name != "" && !strings.HasSuffix(name, "-desc") {
			return strings.TrimSuffix(name, "-res"), ResultLayout
		}
	}
	return "", ""
}

// ParseFile reads an assertion as what its file's name says it is: SHA256SUMS, or gitian's YAML.
func ParseFile(name string, data []byte) (Assertion, error) {
	if _, layout := assertionName(path.Base(name)); layout == GuixLayout {
		return ParseSums(data)
	}
	return ParseAssertion(data)
}

// MayBeAttestation reports whether a file's name could be that of an assertion or of a signature over one: others need not be
// looked at. Whether it is one, the names around it tell: see [List].
func MayBeAttestation(name string) bool {
	base := path.Base(name)
	_, layout := assertionName(base)
	return layout != "" || signed(base) != ""
}

// isAssertionName reports whether a name alone says that a file is an assertion.
func isAssertionName(file string) bool {
	_, layout := assertionName(file)
	return layout == GitianLayout || layout == GuixLayout || strings.HasSuffix(file, "-res.yml") || strings.HasSuffix(file, "-res.yaml")
}

// signed returns the name of the file that a signature file belongs beside, "" where a name is no signature's.
func signed(file string) string {
	switch extension := path.Ext(file); extension {
	case ".sig", ".asc", ".gpg", ".pgp":
		return strings.TrimSuffix(file, extension)
	}
	return ""
}

// files sorts the files of one directory into assertions and their signatures; everything left over is a finding.
func (l *lister) files(d *Directory, dir, signer string, names []string) {
	found := l.assertions(dir, signer, names)
	for _, file := range names {
		target := signed(file)
		if target == "" {
			if !slices.ContainsFunc(found, func(a AssertionFile) bool { return path.Base(a.Path) == file }) {
				l.unrecognised(path.Join(dir, file))
			}
			continue
		}
		if i := slices.IndexFunc(found, func(a AssertionFile) bool { return path.Base(a.Path) == target }); i >= 0 {
			found[i].Signatures = append(found[i].Signatures, path.Join(dir, file))
		} else if i := misnamed(found, target); i >= 0 {
			l.note(Warning, "misnamed-signature", path.Join(dir, file), fmt.Sprintf("the signature is not named after its file; going by the rest of the name it is judged as that of %s", path.Base(found[i].Path)),
				"ask the signer to rename it to "+path.Base(found[i].Path)+path.Ext(file))
			found[i].Signatures = append(found[i].Signatures, path.Join(dir, file))
		} else {
			l.orphan(dir, file, found)
		}
	}
	for i := range found {
		l.oddities(found[i])
	}
	if n := len(found); n > 1 && !slices.ContainsFunc(found, isSums) {
		l.note(Note, "several-assertions", dir, fmt.Sprintf("%d assertion files stand in one signer's directory; all are read, and he is still one voice", n), "")
	}
	d.Files = append(d.Files, found...)
}

// assertions picks the assertions out of a directory's file names. A .yml file is one in a signer's directory, if it is called
// -res.yml, is named like a build (bitcoin-linux-0.14.1.yml) or has a signature beside it.
func (l *lister) assertions(dir, signer string, names []string) []AssertionFile {
	var out []AssertionFile
	for _, file := range names {
		name, layout := assertionName(file)
		if layout == "" {
			continue
		}
		if layout == ResultLayout && !isAssertionName(file) {
			_, _, isBuild := splitInfix(name)
			hasSignature := slices.ContainsFunc(names, func(other string) bool { return signed(other) == file })
			if signer == "" || !isBuild && !hasSignature {
				continue
			}
		}
		out = append(out, AssertionFile{Path: path.Join(dir, file), Signer: signer, Name: name})
	}
	return out
}

func isSums(f AssertionFile) bool { return strings.HasSuffix(f.Path, "SHA256SUMS") }

// misnamed finds the one assertion that a signature was meant for if its own name lacks the assertion's extension, such as
// x-build.sig for x-build.assert; -1 where there is none or more than one.
func misnamed(found []AssertionFile, target string) int {
	match := -1
	for i, a := range found {
		base := path.Base(a.Path)
		stem := strings.TrimSuffix(base, path.Ext(base))
		if target != stem && target != a.Name {
			continue
		}
		if match >= 0 {
			return -1
		}
		match = i
	}
	return match
}

// oddities notes what is unusual about one assertion and its signatures.
func (l *lister) oddities(a AssertionFile) {
	if a.Signer == "" {
		l.note(Warning, "assertion-without-signer", a.Path, "the assertion lies directly in the release directory: no name says who made it",
			"go by the fingerprint of its signature; ask the repository's maintainers to move it into the signer's directory")
	}
	if len(a.Signatures) > 1 {
		l.note(Note, "several-signatures", a.Path, fmt.Sprintf("%d signature files stand beside it; all are judged, the best decides who speaks", len(a.Signatures)), "")
	}
	for _, p := range a.Signatures {
		if extension := path.Ext(p); extension == ".gpg" || extension == ".pgp" {
			l.note(Note, "unusual-signature-name", p, "a signature is usually called .sig or .asc; files called "+extension+" have been whole signed messages, which are no signature of the file beside them",
				"if it is judged malformed, ask the signer for one made with gpg --detach-sign")
		}
	}
}

// orphan notes a signature without an assertion, and names the unsigned ones it may have been made for.
func (l *lister) orphan(dir, file string, found []AssertionFile) {
	p := path.Join(dir, file)
	target := signed(file)
	if !isAssertionName(target) && !strings.HasSuffix(target, "-build") && !strings.HasSuffix(target, "-res") {
		l.unrecognised(p)
		return
	}
	text := fmt.Sprintf("a signature without the file %s that it should stand beside; it proves nothing", target)
	if i := slices.IndexFunc(found, func(a AssertionFile) bool { return path.Base(a.Path) != target }); i >= 0 {
		text += fmt.Sprintf(". It may have been made for %s, under another name", path.Base(found[i].Path))
	}
	l.note(Warning, "orphan-signature", p, text, "ask the signer to add the assertion, or to name the signature after the one it signs")
}

// unrecognised notes a file of a release directory that nobody reads.
func (l *lister) unrecognised(p string) {
	if base := path.Base(p); !strings.HasPrefix(base, ".") && !isReadme(base) {
		l.note(Note, "unrecognised-file", p, "neither an assertion nor a signature: it is not read", "")
	}
}

func isReadme(name string) bool { return strings.HasPrefix(strings.ToLower(name), "readme") }
