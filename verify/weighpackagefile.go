package verify

import "fmt"

// addFile enters packages whose versions are the same on both sides and whose files are not. No update makes that.
func (w *pairing) addFile(e event) {
	best := e.best()
	digests := func(values []value) (out []string) {
		for _, v := range values {
			out = appendOnce(out, v.digest)
		}
		return out
	}
	evidence := Evidence{Kind: DebEvidence, Factor: best.name, Suite: e.suite, A: digests(best.a), B: digests(best.b), Names: e.names(), Doubt: e.doubt, Weight: e.weight}
	evidence.Text = fmt.Sprintf("%s is of the same version (%s) on both sides, but another file", best.name, shown(best.b)[0])
	if len(best.a) == 1 && len(best.b) == 1 {
		a, b := value{shown: best.a[0].digest}, value{shown: best.b[0].digest}
		length := tellingLength(difference{a: []value{a}, b: []value{b}})
		evidence.Text += fmt.Sprintf(": %s has %s, %s has %s", w.called(w.a), shortList([]value{a}, length), w.called(w.b), shortList([]value{b}, length))
	}
	w.add(PackageFile, e.kind.called()+" of the same version but with other contents in "+w.called(w.b), evidence,
		Advice{Remedy: Investigate, To: w.signers(w.inB), Do: "compare the package's SHA-256 with the one the distribution signed; use nothing of this build before you know where the file came from"},
		Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "make a fresh base from the distribution's own mirror and rebuild"})
}
