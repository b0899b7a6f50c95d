package verify

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gverify/gverify/sigs"
)

// weighUpstream weighs an input that is another build's output. It reports whether it is one.
func (w *pairing) weighUpstream(d difference, origins map[string][]origin) bool {
	a, b := w.madeIn(d.a, origins), w.madeIn(d.b, origins)
	if len(a)+len(b) == 0 {
		return false
	}
	weight := float64(upstreamWeight)
	if len(w.signers(w.inA)) > 1 {
		weight /= 1 + 3*float64(len(d.a)-1)
	}
	if d.gone() {
		weight *= oneSided
	}
	e := Evidence{Kind: InputEvidence, Factor: d.name, A: shown(d.a), B: shown(d.b), Weight: weight}
	e.Text = fmt.Sprintf("%s used %s, %s used %s", w.called(w.a), w.source(d.a, origins), w.called(w.b), w.source(d.b, origins))
	w.candidates++
	title, advice := w.upstreamAdvice(a, b)
	w.add(UpstreamArtifact, title, e, advice...)
	return true
}

// upstreamAdvice tells whose input is the wrong one. Only where the earlier build itself came out in several ways is that build to
// be explained; where the sides took the outputs of different releases, one of them took the wrong file.
func (w *pairing) upstreamAdvice(a, b []origin) (title string, advice []Advice) {
	for _, o := range slices.Concat(w.ofThisVersion(b), w.ofThisVersion(a), b, a) {
		split, still := w.index.disagreed(o)
		if split && (len(a) == 0 || len(b) == 0 || inDirectory(a, o.directory) && inDirectory(b, o.directory)) {
			first := "explain that one first"
			if !still {
				first += ", with --history: what differed there was replaced since"
			}
			return "inherited from an earlier build: " + o.directory, []Advice{{Remedy: ExplainOther, Do: first, About: o.directory},
				{Remedy: Rebuild, To: w.concerned(), Do: "when the earlier build agrees, run this step again with its output"}}
		}
	}
	again := func(members []int, o origin) Advice {
		return Advice{Remedy: Rebuild, To: w.signers(members), Do: "take the file that " + o.directory + " gave out and run this step again"}
	}
	rightA, rightB := w.ofThisVersion(a), w.ofThisVersion(b)
	switch {
	case len(rightA) > 0 && len(rightB) == 0:
		return "the file of another build in " + w.called(w.b) + otherThan(b), []Advice{again(w.inB, rightA[0])}
	case len(rightB) > 0 && len(rightA) == 0:
		return "the file of another build in " + w.called(w.a) + otherThan(a), []Advice{again(w.inA, rightB[0])}
	}
	return "files of different builds to start from", []Advice{{Remedy: Investigate,
		Do: "find out which build's file belongs into this step, and have everybody run it again with that one"}}
}

// otherThan names the build whose file was taken.
func otherThan(from []origin) string {
	if len(from) == 0 {
		return ", one that nobody published"
	}
	return ": " + from[0].directory
}

// madeIn returns where values are outputs, but for the release's own directory.
func (w *pairing) madeIn(values []value, origins map[string][]origin) []origin {
	var out []origin
	for _, v := range values {
		for _, o := range origins[v.shown] {
			if o.directory != w.directory {
				out = append(out, o)
			}
		}
	}
	return out
}

// ofThisVersion keeps the origins in directories of the version that is explained.
func (w *pairing) ofThisVersion(from []origin) []origin {
	own := ""
	for _, i := range slices.Concat(w.inA, w.inB) {
		own = cmp.Or(own, w.members[i].Directory.Version)
	}
	return slices.DeleteFunc(slices.Clone(from), func(o origin) bool {
		version, _, ok := sigs.SplitRelease(o.release)
		return !ok || !sigs.SameVersion(version, own)
	})
}

func inDirectory(from []origin, directory string) bool {
	return slices.ContainsFunc(from, func(o origin) bool { return o.directory == directory })
}

// source says which build a file is of, one of this version if it can be: "laanwj's 0.10.0rc4-osx-unsigned".
func (w *pairing) source(values []value, origins map[string][]origin) string {
	var parts []string
	for _, v := range values {
		from := origins[v.shown]
		if own := w.ofThisVersion(from); len(own) > 0 {
			from = own
		}
		if len(from) == 0 {
			parts = append(parts, "one that nobody published")
			continue
		}
		var signers []string
		for _, o := range from {
			if o.directory == from[0].directory {
				signers = appendOnce(signers, o.signer)
			}
		}
		whose := signers[0] + "'s"
		if len(signers) > 1 {
			whose = fmt.Sprintf("the one of %d signers (%s …) of", len(signers), signers[0])
		}
		parts = append(parts, whose+" "+from[0].directory)
	}
	return join(parts)
}
