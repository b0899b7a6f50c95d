package verify

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/verify/deb"
)

// weighSources weighs downloaded sources that lie in the cache with other contents, where all of a agree on them. A cache is never
// emptied: a source counts only if everybody has it and nobody's build has outgrown it.
func (w *pairing) weighSources() {
	if len(w.signers(w.inA)) < 2 {
		return
	}
	used := w.usedSources()
	for _, d := range w.apart(SourceEvidence) {
		if len(d.a) != 1 || !used[d.name] {
			continue
		}
		w.candidates++
		w.add(InputFile, "another source file in "+w.called(w.b)+"'s cache: "+d.name,
			Evidence{Kind: SourceEvidence, Factor: d.name, A: shown(d.a), B: shown(d.b), Weight: sourceWeight, Text: "the downloaded source has other contents"},
			Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "delete " + d.name + " from the cache, so that it is downloaded again, and rebuild"})
	}
}

// usedSources returns the sources that every member of both groups with a cache has, the highest version of each only.
func (w *pairing) usedSources() map[string]bool {
	count, n := map[string]int{}, 0
	for _, i := range slices.Concat(w.inA, w.inB) {
		any := false
		for k := range w.facts[i].values {
			if k.kind == SourceEvidence && !strings.HasSuffix(k.name, ".hash") && !strings.Contains(k.name, "/") {
				count[k.name]++
				any = true
			}
		}
		if any {
			n++
		}
	}
	highest := map[string]string{} // stem: version
	for name, c := range count {
		stem, version := splitSource(name)
		if c == n && (highest[stem] == "" || deb.Compare(version, highest[stem]) > 0) {
			highest[stem] = version
		}
	}
	out := map[string]bool{}
	for name, c := range count {
		stem, version := splitSource(name)
		out[name] = c == n && (version == "" || highest[stem] == version)
	}
	return out
}

// splitSource cuts a source file's name before its version: "openssl" and "1.0.1k.tar.gz". The version is empty where there is none.
func splitSource(name string) (stem, version string) {
	for i := 1; i+1 < len(name); i++ {
		if (name[i] == '-' || name[i] == '_') && '0' <= name[i+1] && name[i+1] <= '9' {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}
