package verify

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/gverify/gverify/sigs"
)

// elsewhereFindings are about files that voters give one digest on one platform and another one on the next, where no platform
// on its own is disputed: each is judged by itself, and a dissent filed as another platform's would be heard by nobody.
func (d *decision) elsewhereFindings(v Verdict) []sigs.Finding {
	type answer struct {
		digest   sigs.Digest
		platform string
		voters   []string
	}
	answers := map[string][]answer{}
	var order []string
	split := map[string]bool{} // told already
	for _, p := range v.Platforms {
		for _, a := range p.Artifacts {
			split[a.Path] = split[a.Path] || parties(a) > 1
			for _, g := range a.Groups {
				if len(g.Voters) == 0 {
					continue
				}
				if answers[a.Path] == nil {
					order = append(order, a.Path)
				}
				answers[a.Path] = append(answers[a.Path], answer{g.Digest, p.called(), g.Voters})
			}
		}
	}
	var all bundles
	for _, file := range order {
		first := answers[file][0]
		for _, other := range answers[file] {
			if other.digest == first.digest || split[file] {
				continue
			}
			b := all.at(fmt.Sprintf("%q %q %q", first.platform, other.platform, other.voters), 0)
			b.words, b.names = []string{first.platform, other.platform}, other.voters
			b.files = appendOnce(b.files, file)
		}
	}
	var out []sigs.Finding
	for _, b := range all.list {
		out = append(out, sigs.Finding{Code: "differs-elsewhere", Severity: sigs.Alarm, Platform: b.words[1],
			Text: fmt.Sprintf("%s: what %s attested as %s has other contents than the file of that name as %s", countFiles(b.files), listNames(b.names), b.words[1], b.words[0]),
			Next: "do not use these files until the signers have found the cause"})
	}
	return out
}

// twinFindings are about files whose names differ so little from a file that counts that a person would take one for the other, or
// only in their directory: a dissent under such a name would be compared with nothing.
func (d *decision) twinFindings(v Verdict) []sigs.Finding {
	var out []sigs.Finding
	for _, p := range v.Platforms {
		counted, based := map[string]string{}, map[string][]ArtifactVerdict{}
		for _, a := range p.Artifacts {
			if a.Counts {
				counted[plainName(a.Path)] = a.Path
				based[plainName(path.Base(a.Path))] = append(based[plainName(path.Base(a.Path))], a)
			}
		}
		for _, a := range p.Artifacts {
			if a.Counts {
				continue
			}
			twin := counted[plainName(a.Path)]
			if twin == "" {
				twin = elsewhereTwin(a, based[plainName(path.Base(a.Path))])
			}
			if twin == "" || twin == a.Path {
				continue
			}
			var by []string
			for _, g := range a.Groups {
				by = append(by, slices.Concat(g.Voters, g.Others, g.Claims)...)
			}
			out = append(out, sigs.Finding{Code: "similar-name", Severity: sigs.Warning, Release: p.Release, Platform: p.Name,
				Text: fmt.Sprintf("%s, listed by %s, can be taken for %s but is another name, so the two were not compared", a.Path, listNames(by), twin),
				Next: "compare their digests yourself (-v); ask the signer about the name"})
		}
	}
	return out
}

// elsewhereTwin is a file that counts, of the same name in another directory, none of whose contents a file has; empty where there is none
// or where one of that name has them.
func elsewhereTwin(a ArtifactVerdict, counted []ArtifactVerdict) string {
	for _, g := range a.Groups {
		twin := ""
		for _, c := range counted {
			if slices.ContainsFunc(c.Groups, func(o GroupVerdict) bool { return o.Digest == g.Digest }) {
				twin = ""
				break
			}
			twin = c.Path
		}
		if twin != "" {
			return twin
		}
	}
	return ""
}

// plainName is a name without what the eye passes over: case, spaces, signs between words, and everything that is not shown.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
