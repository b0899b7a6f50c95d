package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Of reviews a change.
func Of(c Change) Review {
	r := reviewer{change: c, touched: map[string]bool{}, misnamed: map[string]bool{}, seen: map[sigs.Finding]bool{}}
	for _, f := range c.Files {
		if f.Kind != Removed {
			r.touched[f.Path] = true
		}
	}
	r.compare()
	for _, release := range c.Releases {
		r.release(release)
	}
	r.files()
	r.keyFiles()
	r.passOn()
	r.strangers()
	r.sort()
	r.conclude()
	return r.out
}

// reviewer is one run of [Of].
type reviewer struct {
	change   Change
	touched  map[string]bool // files added or edited
	fresh    []sigs.Finding  // of other packages, that were not there before the change
	misnamed map[string]bool // paths of those among them that are about names
	seen     map[sigs.Finding]bool
	out      Review
}

// note adds a finding, once.
func (r *reviewer) note(breaks bool, f sigs.Finding) {
	if r.seen[f] {
		return
	}
	r.seen[f] = true
	r.out.Findings = append(r.out.Findings, Finding{f, breaks})
}

// strangers notes that nobody at all who attested the touched releases has a vote: the project may be the wrong one.
func (r *reviewer) strangers() {
	if len(r.out.Attestations) == 0 {
		return
	}
	before := 0
	for _, release := range r.change.Releases {
		before += len(release.Before.Comparison.Statements)
		if slices.ContainsFunc(release.After.Verdict.Voices, func(v verify.Voice) bool { return v.Votes }) {
			return
		}
	}
	switch {
	case len(r.change.Pins) == 0 && !r.change.AnyGiven:
		r.note(false, sigs.Finding{Code: "no-pins", Severity: sigs.Warning, Text: "no signer is pinned for this project, so nobody's voice counts, before this change or after it",
			Next: "gverify policy init writes a policy to fill in; --policy any counts every key you give with --keys"})
	case before > 0:
		r.note(false, sigs.Finding{Code: "nobody-known", Severity: sigs.Warning, Text: "nobody who attested these releases, before this change or with it, has a vote",
			Next: "make sure that it is the right project (--project) and that the keys are at hand (--keys)"})
	}
}

// conclude sums up. A broken rule comes before a contradiction: whatever the files say, they may not come in like this.
func (r *reviewer) conclude() {
	broken, contradicting, voting := 0, 0, 0
	var first Finding
	for _, f := range r.out.Findings {
		if f.Breaks {
			if broken++; broken == 1 {
				first = f
			}
		}
		if slices.Contains(contradictions, f.Code) {
			contradicting++
		}
	}
	for _, a := range r.out.Attestations {
		if a.Votes {
			voting++
		}
	}
	n := len(r.out.Attestations)
	switch {
	case broken > 0:
		r.out.Outcome = Broken
		r.out.Grounds = fmt.Sprintf("%s broken, first: %s", plural(broken, "rule is", "rules are"), about(first))
		if taken := r.takenAway(); broken > 1 && taken == broken {
			r.out.Grounds = fmt.Sprintf("%d public keys are taken away: signatures of %d people could not be verified after it", taken, taken)
		}
	case contradicting > 0:
		r.out.Outcome, r.out.Grounds = Contradicted, r.contradiction()
	case n == 0:
		r.out.Outcome, r.out.Grounds = Clean, r.untouched()
	case voting == 0:
		r.out.Outcome, r.out.Grounds = Voiceless, fmt.Sprintf("nothing is wrong, but %s: %s", noVote(n), r.out.Attestations[0].Why)
	case voting < n:
		r.out.Outcome, r.out.Grounds = Clean, fmt.Sprintf("%d of %d new attestations vote, and none contradicts what was verified", voting, n)
	default:
		r.out.Outcome, r.out.Grounds = Clean, "the new attestation votes, and contradicts nothing that was verified"
		if n > 1 {
			r.out.Grounds = fmt.Sprintf("%d new attestations vote, and contradict nothing that was verified", n)
		}
	}
}

// takenAway counts the key files whose removal breaks a rule.
func (r *reviewer) takenAway() int {
	n := 0
	for _, f := range r.out.Findings {
		if f.Breaks && f.Code == "key-removed" {
			n++
		}
	}
	return n
}

func about(f Finding) string {
	if f.Path == "" {
		return f.Text
	}
	return f.Path + ": " + f.Text
}

// contradictions are the findings that say so.
var contradictions = []string{"contradicts-verified", "new-attestations-disagree", "differs-elsewhere"}

func noVote(n int) string {
	if n == 1 {
		return "the new attestation cannot vote yet"
	}
	return fmt.Sprintf("none of %d new attestations can vote yet", n)
}

// contradiction says who contradicts whom.
func (r *reviewer) contradiction() string {
	for _, a := range r.out.Attestations {
		if a.Verified == Different {
			return fmt.Sprintf("the new attestation of %s differs from the verified group in %s (%s made another)", a.Signer, files(a.Differing), list(a.Contradicts))
		}
	}
	for _, f := range r.out.Findings {
		if slices.Contains(contradictions, f.Code) {
			return f.Text
		}
	}
	return "the new attestations contradict each other"
}

// untouched says what a change without new attestations touches.
func (r *reviewer) untouched() string {
	keys, checks := 0, 0
	for _, f := range r.change.Files {
		switch f.Part {
		case KeyPart:
			keys++
		case CheckPart:
			checks++
		}
	}
	switch {
	case checks > 0:
		return "no attestation is touched, but the checks themselves are changed: read them"
	case len(r.change.Files) == 0:
		return "the change touches no file"
	case keys > 0:
		return fmt.Sprintf("no attestation is touched; %s", plural(keys, "key file is", "key files are"))
	}
	return fmt.Sprintf("no attestation and no key is touched, only %s that nobody judges", plural(len(r.change.Files), "file", "files"))
}

// sort puts what breaks rules first, then alarms, warnings, notes; the order of discovery otherwise.
func (r *reviewer) sort() {
	rank := map[sigs.Severity]int{sigs.Alarm: 0, sigs.Warning: 1, sigs.Note: 2}
	slices.SortStableFunc(r.out.Findings, func(a, b Finding) int {
		if a.Breaks != b.Breaks {
			if a.Breaks {
				return -1
			}
			return 1
		}
		return cmp.Compare(rank[a.Severity], rank[b.Severity])
	})
}

const maxNamed = 6

// list joins names: "a, b and 3 more".
func list(names []string) string {
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	case n <= maxNamed:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), n-maxNamed)
	}
}

// files names one file, or counts them.
func files(paths []string) string {
	if len(paths) == 1 {
		return paths[0]
	}
	if len(paths) == 0 {
		return "file"
	}
	return fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
