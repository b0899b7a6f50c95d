package main

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// compare judges the release of every result with the result as own build, and refuses to go on where the signers agree on
// something else.
func (o signOptions) compare(ctx context.Context, w world, listing sigs.Listing, all []signing) error {
	refused := false
	for _, s := range all {
		if len(listing.Find(s.version))+len(listing.Candidates(s.version)) == 0 {
			fmt.Fprintf(w.Err, "gverify: nobody has attested %s yet: there is nothing to compare with\n", report.Quote(s.version))
			continue
		}
		r := o.request
		r.version = s.version
		j, err := judge(ctx, r, w, w.progress(false))
		if err != nil {
			if o.dissent && ctx.Err() == nil {
				fmt.Fprintf(w.Err, "gverify: not compared with the signers: %s\n", quoteLines(err.Error()))
				continue
			}
			return unjudged(err)
		}
		differs, err := o.against(w, j, s)
		j.close()
		if err != nil {
			return err
		}
		refused = refused || differs
	}
	if refused && !o.dissent {
		fmt.Fprintln(w.Out, "Nothing was signed. If you are sure of your build, say so publicly: --dissent signs it all the same.")
		return errDiffers
	}
	return nil
}

// against compares one result with a judged release and explains a contradiction.
func (o signOptions) against(w world, j *judged, s signing) (differs bool, err error) {
	if !shareFiles(j.comparison, s.assertion) {
		fmt.Fprintf(w.Err, "gverify: nobody has attested a file of %s yet: there is nothing to compare with\n", report.Quote(s.result))
		return false, nil
	}
	own := []verify.OwnBuild{{Name: s.result, Assertion: s.assertion}}
	if j.verdict, err = j.policy.Decide(j.comparison, verify.Question{Due: j.due, Own: own}); err != nil {
		return false, err
	}
	if _, problem := exitFor(j.verdict, j.keys); problem != nil && !o.dissent {
		return false, unjudged(problem)
	}
	for _, p := range j.verdict.Platforms {
		for _, a := range p.Artifacts {
			if a.Outcome != verify.Agreed || a.Own != verify.Differs {
				continue
			}
			if !differs {
				fmt.Fprintf(w.Out, "%s contradicts what the signers of %s agree on:\n", report.Quote(s.result), report.Quote(s.version))
			}
			differs = true
			fmt.Fprintf(w.Out, "  %s\n    yours    %s\n    theirs   %s  (%s)\n", report.Quote(a.Path), a.OwnDigest, a.Groups[0].Digest, report.Quote(strings.Join(a.Groups[0].Voters, ", ")))
		}
	}
	if differs {
		for _, line := range whatDiffers(s.assertion, likest(j, s)) {
			fmt.Fprintf(w.Out, "  %s\n", report.Quote(line))
		}
		fmt.Fprintf(w.Out, "  The whole comparison: gverify release %s --manifest %s --sigs %s\n", report.Quote(s.version), report.Quote(s.result), report.Quote(o.sigs))
	}
	return differs, nil
}

// shareFiles reports whether a build has a file under a name that somebody attested.
func shareFiles(c verify.Comparison, own sigs.Assertion) bool {
	for _, p := range c.Platforms {
		for _, a := range p.Artifacts {
			if len(own.Out.Digests(a.Path)) > 0 {
				return true
			}
		}
	}
	return false
}

// place tells what the policy makes of the key: it refuses one under a name that the policy pins to another key, and says so
// where the key has no vote.
func (o signOptions) place(w world, version, fingerprint string) error {
	r := o.request
	r.version = version
	c, err := prepare(r, w, nil)
	if err != nil {
		return err
	}
	for _, pin := range c.policy.Pins {
		known := slices.Contains(pin.Fingerprints, fingerprint)
		if known {
			return nil
		}
		if pin.Name == o.signer || slices.Contains(pin.Aliases, o.signer) {
			return withHint(fmt.Errorf("%s is somebody whom the policy (%s) knows by another key than %s; nothing was stored", o.signer, c.policy.origin, fingerprint),
				"sign with that key (--gpg-key), or under a name of your own")
		}
	}
	fmt.Fprintf(w.Err, "gverify: note: the policy (%s) does not know your key: your attestation is shown, and has no vote\n", report.Quote(c.policy.origin))
	return nil
}

// likest is the voting statement of the release directory that came from the inputs most like ours.
func likest(j *judged, s signing) *sigs.Statement {
	var best *sigs.Statement
	least := -1
	for _, v := range j.verdict.Voices {
		st := j.comparison.Statements[v.Statement]
		if !v.Votes || path.Clean(st.Directory.Path) != s.new.Release {
			continue
		}
		if n := len(whatDiffers(s.assertion, st)); least < 0 || n < least {
			best, least = st, n
		}
	}
	return best
}

// whatDiffers says which inputs of two builds differ, the likeliest reason first.
func whatDiffers(own sigs.Assertion, other *sigs.Statement) []string {
	if other == nil {
		return nil
	}
	a := other.Assertion
	var out []string
	for _, c := range own.Commits {
		for _, d := range a.Commits {
			if c.Dir == d.Dir && c.Hash != d.Hash {
				out = append(out, fmt.Sprintf("Source %s: yours is commit %s, that of %s is %s.", c.Dir, c.Hash, other.Signer, d.Hash))
			}
		}
	}
	for _, e := range own.In {
		if theirs := a.In.Digests(e.Path); len(theirs) > 0 && !slices.Contains(theirs, e.Digest) {
			what := "Input " + e.Path
			if strings.HasSuffix(e.Path, "-desc.yml") {
				what = "The descriptor"
			}
			out = append(out, fmt.Sprintf("%s is another file than that of %s.", what, other.Signer))
		}
	}
	for _, b := range own.Bases {
		i := slices.IndexFunc(a.Bases, func(o sigs.Base) bool { return o.Name == b.Name })
		if i < 0 {
			out = append(out, fmt.Sprintf("You built in %s, %s did not.", b.Name, other.Signer))
			continue
		}
		if names := onlyIn(b.Entries, a.Bases[i].Entries); len(names) > 0 {
			shown := names[:min(5, len(names))]
			more := ""
			if len(names) > len(shown) {
				more = fmt.Sprintf(" and %d more", len(names)-len(shown))
			}
			out = append(out, fmt.Sprintf("In %s your build had packages that %s did not have: %s%s.", b.Name, other.Signer, strings.Join(shown, ", "), more))
		}
	}
	if len(out) == 0 {
		out = append(out, fmt.Sprintf("Nothing in the manifests tells why: source, inputs and packages are those of %s.", other.Signer))
	}
	return out
}

// onlyIn lists the names of entries that a manifest has and another lacks.
func onlyIn(m, other sigs.Manifest) []string {
	var out []string
	for _, e := range m {
		if !slices.Contains(other.Digests(e.Path), e.Digest) {
			out = append(out, e.Path)
		}
	}
	return out
}
