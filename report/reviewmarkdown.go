package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/review"
)

// ReviewMarkdown writes a review for a pull request's comment or a job summary, in at most o.Limit bytes, as [Markdown] writes a
// verdict: what comes first is never cut, and text from the repository makes no links, mentions or markup.
func ReviewMarkdown(out io.Writer, d Review, o Options) error {
	blocks := []block{reviewVerdict(d)}
	if !o.Quiet {
		blocks = append(blocks, markdownReviewFindings("Rules that are broken", d, o, true)...)
		blocks = append(blocks, markdownReviewReleases(d), markdownReviewAttestations(d))
		blocks = append(blocks, markdownReviewFindings("Findings", d, o, false)...)
		blocks = append(blocks, markdownReviewSources(d))
	}
	_, err := io.WriteString(out, within(cmp.Or(o.Limit, CommentLimit), blocks))
	return err
}

// reviewMeaning says what to do with a change, for somebody who never saw a review.
func reviewMeaning(d Review) string {
	switch d.Outcome {
	case review.Clean:
		return "Everything was judged with the keys and pins from before this change."
	case review.Broken:
		return "A change may not come in like this, whatever its attestations say. What is to be done stands below."
	case review.Contradicted:
		return "Somebody got other files than those who were verified before. Nobody need be dishonest, but the cause has to be found first."
	case review.Voiceless:
		return "This is no mistake of a new signer's: his word counts once a maintainer has checked whose key it is and pinned its fingerprint."
	}
	return "The change was not judged."
}

func reviewBadge(o review.Outcome) string {
	switch o {
	case review.Clean:
		return "✅"
	case review.Voiceless:
		return "⚠️"
	}
	return "❌"
}

func reviewVerdict(d Review) block {
	return block{head: fmt.Sprintf("## %s %s: %s\n\n%s\n\n%s\n", reviewBadge(d.Outcome), markdownAtMost(d.Project.Title, maxName),
		strings.ToUpper(d.Outcome.String()), markdownText(sentence(d.Grounds)), reviewMeaning(d)), whole: true}
}

func markdownReviewReleases(d Review) block {
	b := block{head: "\n| Release | Before this change | After it |\n|:--|:--|:--|\n", noun: "release"}
	for _, r := range d.Releases {
		b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %s |\n", markdownCode(r.Version), markdownSide(r.Before), markdownSide(r.After)))
	}
	if len(b.rows) == 0 {
		return block{head: "\nNo release is touched.\n", whole: true}
	}
	return b
}

func markdownSide(s ReviewSide) string {
	if !s.Attested {
		return "nobody attests it"
	}
	sign := badge(s.Outcome)
	if s.Outcome == verify.Agreed && len(s.Voters) == 0 {
		sign = badge(verify.Undecided)
	}
	return sign + ", " + count(len(s.Voters), "voting signer")
}

func markdownReviewAttestations(d Review) block {
	b := block{head: "\n| New attestation | Signer | Signature | Votes | Its files |\n|:--|:--|:--|:--|:--|\n", noun: "attestation"}
	for _, a := range d.Attestations {
		votes := "yes"
		if !a.Votes {
			votes = "no: " + markdownAtMost(a.Why, 300)
		}
		b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %s | %s | %s |\n", markdownCode(strings.TrimSpace(a.Version+" "+a.Platform)), markdownCode(a.Signer),
			markdownText(string(a.Status)), votes, markdownStanding(a)))
	}
	if len(b.rows) == 0 {
		return block{head: "\nThere is no new attestation.\n", whole: true}
	}
	return b
}

// markdownStanding is standingText with names as code.
func markdownStanding(a ReviewAttestation) string {
	const most = 6
	switch {
	case a.Verified == review.Same:
		return "the same as " + orNobody(markdownNames(a.Agrees, most))
	case a.Verified == review.Different:
		return fmt.Sprintf("**%s** other than those of %s", count(len(a.Differing), "file"), orNobody(markdownNames(a.Contradicts, most)))
	case len(a.Contradicts) > 0:
		return "others than those of " + markdownNames(a.Contradicts, most) + ", new too"
	case len(a.Agrees) > 0:
		return "first to be verified, the same as " + markdownNames(a.Agrees, most)
	}
	return "nobody else's are verified"
}

func orNobody(names string) string { return cmp.Or(names, "nobody") }

// markdownReviewFindings lists findings, those that break rules or the others.
func markdownReviewFindings(title string, d Review, o Options, breaks bool) []block {
	b := block{head: "\n### " + title + "\n\n", noun: "finding"}
	for i, k := range reviewKinds(d, o.Verbose > 0, breaks) {
		row := fmt.Sprintf("%d. %s (%s)", i+1, markdownText(k.text()), markdownCode(k.first.Code))
		if k.first.Next != "" {
			row += "\\\n   **Next:** " + markdownText(k.first.Next)
		}
		b.rows = append(b.rows, row+"\n")
	}
	if len(b.rows) == 0 {
		return nil
	}
	return []block{b}
}

// reviewKinds gathers the findings that break rules, or the others, by code; every single one where all are wanted.
func reviewKinds(d Review, all, breaks bool) []kind {
	var chosen []sigs.Finding
	for _, f := range d.Findings {
		if f.Breaks != breaks {
			continue
		}
		if f.Severity == sigs.Note {
			f.Severity = sigs.Warning // a review has few notes, and all are about this change
		}
		chosen = append(chosen, f.Finding)
	}
	return kinds(chosen, all)
}

func markdownReviewSources(d Review) block {
	return block{head: fmt.Sprintf("\nJudged: %s (%s) to %s (%s), %s; project %s, keys as of %s. gverify help codes explains every finding.\n\n%s\n",
		markdownCode(shortCommit(d.Base)), d.Base.Time.UTC().Format(time.DateOnly), markdownCode(shortCommit(d.Head)), d.Head.Time.UTC().Format(time.DateOnly),
		markdownText(d.Range), markdownCode(d.Project.Name), d.AsOf.UTC().Format(time.DateOnly), d.NotProven), whole: true}
}
