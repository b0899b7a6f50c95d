package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/review"
)

// ReviewText writes a review for a person: what is wrong, what changes, what is new, what to do.
func ReviewText(out io.Writer, d Review, o Options) error {
	w := &writer{w: out, o: o}
	c := yellow
	switch d.Outcome {
	case review.Clean:
		c = green
	case review.Broken, review.Contradicted:
		c = red
	}
	w.line("%s, change %s: %s. %s", Quote(d.Project.Title), Quote(shortCommit(d.Head)), w.o.paint(c, strings.ToUpper(d.Outcome.String())), sentence(w.clip(d.Grounds)))
	if o.Quiet {
		return w.err
	}
	w.line("")
	w.reviewReleases(d)
	w.reviewAttestations(d)
	w.reviewFindings(d)
	w.line("not proven   %s", d.NotProven)
	w.line("change       %s (%s) to %s (%s), %s: %s added, %d changed, %d removed", Quote(shortCommit(d.Base)), d.Base.Time.UTC().Format(time.DateOnly),
		Quote(shortCommit(d.Head)), d.Head.Time.UTC().Format(time.DateOnly), Quote(d.Range), count(d.Files.Added, "file"), d.Files.Changed, d.Files.Removed)
	w.line("judged       project %s, by the rules of %s, with keys and pins from before the change", Quote(d.Project.Name), Quote(d.Rules))
	w.sources(Document{Repository: Repository{Location: d.Location}, Keys: d.Keys, Policy: d.Policy, AsOf: d.AsOf})
	return w.err
}

// shortCommit is what a commit is called in reports.
func shortCommit(r Revision) string { return fmt.Sprintf("%.12s", r.Commit) }

// reviewReleases writes the verdict on each touched version before and after.
func (w *writer) reviewReleases(d Review) {
	var rows [][]string
	for _, r := range d.Releases {
		rows = append(rows, []string{r.Version, sideText(r.Before), sideText(r.After)})
	}
	w.rows([]string{"release", "before", "after"}, rows, 12)
}

// sideText is a verdict in a few words.
func sideText(s ReviewSide) string {
	switch {
	case !s.Attested:
		return "nobody attests it"
	case s.Outcome == verify.Undecided:
		return "UNDECIDED"
	}
	return fmt.Sprintf("%s, %s", strings.ToUpper(s.Outcome.String()), count(len(s.Voters), "voting signer"))
}

// reviewAttestations writes a row for each new attestation.
func (w *writer) reviewAttestations(d Review) {
	var rows [][]string
	for _, a := range d.Attestations {
		votes := "votes"
		if !a.Votes {
			votes = "no vote"
		}
		rows = append(rows, []string{strings.TrimSpace(a.Version + " " + a.Platform), a.Signer, string(a.Status), votes, standingText(a)})
	}
	w.rows([]string{"new", "signer", "signature", "", "its files"}, rows, 16)
	said := map[string]bool{}
	for _, a := range d.Attestations {
		if why := a.Signer + a.Why; !a.Votes && !said[why] && len(said) < 6 {
			said[why] = true
			key := ""
			if a.Fingerprint != "" {
				key = " (key " + Quote(a.Fingerprint) + ")"
			}
			w.line("no vote for %s%s: %s", cell(a.Signer, 40), key, w.wrap(w.clip(a.Why), 4))
		}
	}
	if len(said) > 0 {
		w.line("")
	}
}

// standingText says how an attestation stands to what was verified.
func standingText(a ReviewAttestation) string {
	switch a.Verified {
	case review.Same:
		return "the same as " + names(a.Agrees)
	case review.Different:
		return fmt.Sprintf("%s other than those of %s", count(len(a.Differing), "file"), names(a.Contradicts))
	}
	if len(a.Contradicts) > 0 {
		return "others than those of " + names(a.Contradicts) + ", new too"
	}
	if len(a.Agrees) > 0 {
		return "first to be verified, the same as " + names(a.Agrees)
	}
	return "nobody else's are verified"
}

// names lists a few names and counts the rest.
func names(all []string) string {
	const most = 4
	switch n := len(all); {
	case n == 0:
		return "nobody"
	case n <= most:
		return strings.Join(all, ", ")
	default:
		return fmt.Sprintf("%s +%d more", strings.Join(all[:most], ", "), n-most)
	}
}

// rows writes a table of at most so many rows; all of them with -v.
func (w *writer) rows(header []string, rows [][]string, most int) {
	if len(rows) == 0 || w.err != nil {
		return
	}
	left := 0
	if w.o.Verbose == 0 && len(rows) > most {
		rows, left = rows[:most], len(rows)-most
	}
	w.err = Table(w.w, header, rows, w.o)
	if left > 0 {
		w.line("%d more: -v", left)
	}
	w.line("")
}

// reviewFindings writes what is wrong, numbered; one line per kind unless all is wanted.
func (w *writer) reviewFindings(d Review) {
	n := 0
	for _, breaks := range []bool{true, false} {
		for _, k := range reviewKinds(d, w.o.Verbose > 0, breaks) {
			mark := ""
			switch {
			case breaks:
				mark = w.o.paint(red, "RULE BROKEN") + " "
			case k.first.Severity == sigs.Alarm:
				mark = w.o.paint(red, "ALARM") + " "
			}
			n++
			w.line("%2d. %s%s [%s]", n, mark, w.wrap(w.clip(k.text()), 4), Quote(k.first.Code))
			if k.first.Next != "" {
				w.line("    next: %s", w.wrap(Quote(k.first.Next), 10))
			}
		}
	}
	if n > 0 {
		w.line("")
	}
}
