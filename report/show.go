package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
)

// Shown is one file to be explained: an assertion, or the signatures of a signature file.
type Shown struct {
	Path       string
	Assertion  *sigs.Assertion
	Signatures []sigs.Signature
}

// Show explains one file: what came out, then what went in, then the environment, and what each means for a comparison.
func Show(out io.Writer, s Shown, o Options) error {
	w := &writer{w: out, o: o}
	if s.Assertion == nil {
		w.showSignatures(s)
		return w.err
	}
	a := *s.Assertion
	w.line("%s is %s.", Quote(s.Path), map[sigs.Format]string{
		sigs.GitianFormat: "an assertion: what one signer says one Gitian build took in and gave out",
		sigs.ResultFormat: "a build result (res.yml): what one Gitian build took in and gave out",
		sigs.SumsFormat:   "a list of files and their SHA-256 digests"}[a.Format])
	if a.Release != "" || a.Name != "" {
		w.line("It says it is release %q, built from the descriptor %q.", Quote(a.Release), Quote(a.Name))
	}
	version, several := carriedVersions(a.Out)
	switch {
	case len(several) > 1:
		w.line("Its files carry several versions in their names: %s. A build directory that is never emptied collects them.", Quote(strings.Join(several, ", ")))
	case version != "" && a.Release == "":
		w.line("Its files are called %s; a release of another number may have been built under that name.", Quote(version))
	}
	w.line("")
	w.list("OUT", "the files the build made; this alone decides. Equal digests under equal names: the same bytes", a.Out)
	if a.Format == sigs.SumsFormat {
		return w.err
	}
	w.line("%s  what the build was made from. If OUT differs, look here first: another commit or input explains it at once", w.o.paint(bold, "IN"))
	for _, c := range a.Commits {
		hash := c.Hash
		if hash == "" {
			hash = "(the file names no commit)"
		}
		w.line("  source %s at commit %s", Quote(c.Dir), hash)
	}
	for _, e := range a.In {
		w.line("  %s  %s%s", w.digest(e.Digest), Quote(e.Path), role(e.Path, a))
	}
	w.line("")
	w.bases(a)
	if len(a.CacheCommon)+len(a.CachePackage) > 0 {
		w.list("CACHE", "downloaded sources and dependencies built before. A stale one changes OUT although IN is equal", append(append(sigs.Manifest{}, a.CacheCommon...), a.CachePackage...))
	}
	if version == "" {
		version = "VERSION"
	}
	w.line("Compare it with everybody who signed that release:  gverify release %s --manifest %s", Quote(version), Quote(s.Path))
	return w.err
}

// carriedVersions returns the version that all files' names carry, empty where they carry none or several, and all of them in order.
func carriedVersions(m sigs.Manifest) (one string, all []string) {
	for _, e := range m {
		version, ok := sigs.NamesVersion(e.Path)
		if ok && !slices.ContainsFunc(all, func(v string) bool { return sigs.SameVersion(v, version) }) {
			all = append(all, version)
		}
	}
	slices.SortFunc(all, sigs.CompareVersions)
	if len(all) == 1 {
		one = all[0]
	}
	return one, all
}

func role(path string, a sigs.Assertion) string {
	if strings.HasSuffix(path, "-desc.yml") {
		return "   (the descriptor, the build's recipe)"
	}
	return ""
}

// digest is shortened unless all is wanted.
func (w *writer) digest(d sigs.Digest) string {
	if w.o.Verbose > 0 {
		return d.String()
	}
	return d.String()[:16] + "…"
}

// list writes a manifest under its title, cut to a screen.
func (w *writer) list(title, meaning string, m sigs.Manifest) {
	const most = 24
	w.line("%s  %s", w.o.paint(bold, title), meaning)
	for i, e := range m {
		if i == most && w.o.Verbose == 0 {
			w.line("  %d more: -v", len(m)-i)
			break
		}
		w.line("  %s  %s", w.digest(e.Digest), Quote(e.Path))
	}
	if len(m) == 0 {
		w.line("  nothing")
	}
	w.line("")
}

// bases writes the build environments.
func (w *writer) bases(a sigs.Assertion) {
	w.line("%s  packages of the build environment. They differ between nearly all signers and seldom matter;", w.o.paint(bold, "BASE"))
	w.line("      if OUT differs although IN is equal, a compiler or library among them is the usual suspect:")
	w.line("      rebuild with the packages the others used, or ask them to rebuild with the newer ones")
	for _, b := range a.Bases {
		noise := ""
		if len(b.Noise) > 0 {
			noise = fmt.Sprintf(", and %s that name no package (console output that was signed along)", count(len(b.Noise), "line"))
		}
		w.line("  %s: %s%s", Quote(b.Name), count(len(b.Entries), "package file"), noise)
		if w.o.Verbose > 0 {
			for _, e := range b.Entries {
				w.line("    %s  %s", e.Digest, Quote(e.Path))
			}
		}
	}
	if len(a.Bases) == 0 {
		w.line("  nothing recorded")
	}
	w.line("")
}

func (w *writer) showSignatures(s Shown) {
	w.line("%s holds %s.", Quote(s.Path), count(len(s.Signatures), "OpenPGP signature"))
	for i, g := range s.Signatures {
		w.line("%2d. %s%s", i+1, w.o.paint(bold, string(g.Status)), because(g.Why))
		if g.KeyID != "" {
			w.line("    key        %s", Quote(strings.TrimSpace(g.KeyID+"  "+g.Fingerprint)))
		}
		if g.Primary != "" {
			w.line("    belongs to %s  %s", g.Primary, Quote(strings.Join(g.UserIDs, ", ")))
		}
		if !g.Created.IsZero() {
			w.line("    made       %s (as the signer claims), %s, %s", g.Created.UTC().Format(time.DateTime), g.Hash, g.Algorithm)
		}
		for _, l := range g.Labels {
			w.line("    %s", l)
		}
		if g.Status == sigs.UnknownKey {
			w.line("    next: get this key, check whose it is, and give it with --keys")
		}
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + Quote(why)
}
