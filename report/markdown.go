package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Sizes that GitHub accepts, in bytes. A comment may have 65,536 characters; some room is left for what stands around the
// report. A job summary may have 1 MiB.
const (
	CommentLimit = 65_000
	SummaryLimit = 1 << 20
	MinimalLimit = 32_000 // what is never cut may take as much, where a hostile repository inflates it
)

// Markdown writes a document for a pull request or a job summary, in at most o.Limit bytes: first the verdict, which is never
// cut, the outcome of every platform and the alarms; then who built what and the rest. Where something is left out, its
// number is said. There is no HTML in it, and text from repositories makes no links, mentions or markup.
func Markdown(out io.Writer, d Document, o Options) error {
	blocks := []block{markdownVerdict(d)}
	if !o.Quiet {
		blocks = append(blocks, markdownPlatforms(d))
		blocks = append(blocks, markdownFindings("Alarms", d, o, true)...)
		blocks = append(blocks, markdownOwn(d)...)
		blocks = append(blocks, markdownSigners(d)...)
		blocks = append(blocks, markdownSplits(d)...)
		blocks = append(blocks, markdownFindings("Other findings", d, o, false)...)
		if o.Verbose > 0 {
			blocks = append(blocks, markdownFiles(d)...)
		}
		blocks = append(blocks, markdownSources(d), markdownEnd(d))
	}
	_, err := io.WriteString(out, within(cmp.Or(o.Limit, CommentLimit), blocks))
	return err
}

// badge is an outcome in a sign and a word; neither needs the other. A line never breaks between them.
func badge(o verify.Outcome) string {
	switch o {
	case verify.Agreed:
		return "✅\u00a0agreed"
	case verify.Disputed:
		return "❌\u00a0disputed"
	}
	return "⚠️\u00a0" + o.String()
}

// inPlainWords says what a verdict tells somebody who never heard of one.
func inPlainWords(d Document) string {
	signers := "trusted signers"
	if d.Policy.AnyGiven {
		signers = "signers whose keys you gave, which nobody vetted,"
	}
	switch {
	case d.Outcome == verify.Agreed && d.Own == verify.Differs:
		return "The signers agree with each other, but not with your own build. Find out why before you use either."
	case d.Outcome == verify.Agreed && d.Policy.Threshold > 1:
		return fmt.Sprintf("For each platform judged, at least %d %s built this release, each for themselves, and got the same files, byte for byte: none of them alone can have changed one. Compare the digest of what you downloaded with theirs; `-v` lists them.", d.Policy.Threshold, signers)
	case d.Outcome == verify.Agreed:
		return "The policy asks for the word of a single signer, so this shows no agreement between independent builders."
	case d.Outcome == verify.Disputed:
		return "Each signer below says what came out of building this release from its source. Different files do not mean that somebody is dishonest, but do not use the disputed ones until the signers have found the cause."
	}
	return fmt.Sprintf("Too few %s have signed to tell: the policy asks for %d who got the same files.", signers, d.Policy.Threshold)
}

func markdownVerdict(d Document) block {
	sign, word, _ := strings.Cut(badge(d.Outcome), "\u00a0")
	word = strings.ToUpper(word)
	own := ""
	switch d.Own {
	case verify.Matches:
		own = " **" + ownMatches(d) + "**"
	case verify.Differs:
		sign, word = "❌", word+", BUT YOUR OWN BUILD DIFFERS"
	}
	return block{head: fmt.Sprintf("## %s %s %s: %s\n\n%s%s\n\n%s\n", sign, markdownAtMost(d.Project.Title, maxName),
		markdownAtMost(d.Version, maxName), word, markdownText(sentence(d.Grounds)), own, inPlainWords(d)), whole: true}
}

// markdownPlatforms is the verdict on every platform.
func markdownPlatforms(d Document) block {
	b := block{head: "\n| Platform | Verdict | Grounds |\n|:--|:--|:--|\n", noun: "platform"}
	for _, p := range shownPlatforms(d) {
		verdict := badge(p.Outcome)
		if !p.Asked {
			verdict += ", not counted"
		}
		switch p.Own {
		case verify.Matches:
			verdict += "; own build matches"
		case verify.Differs:
			verdict += "; **own build differs**"
		}
		b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %s |\n", markdownPlatform(p.Name), verdict, markdownAtMost(p.Grounds, 400)))
	}
	if len(b.rows) == 0 {
		b = block{head: "\nNo platform was judged.\n", whole: true}
	}
	return b
}

// markdownPlatform is a platform's name; old releases have none for linux.
func markdownPlatform(name string) string {
	if name == "" {
		return "(no suffix)"
	}
	return markdownCodeAtMost(name, maxCell)
}

// markdownFindings lists the alarms, or all else, one per kind; with -v every single one, and the notes.
func markdownFindings(title string, d Document, o Options, alarms bool) []block {
	b := block{head: "\n### " + title + "\n\n", noun: "finding"}
	notes := 0
	var chosen []sigs.Finding
	for _, f := range d.Findings {
		if (f.Severity == sigs.Alarm) != alarms {
			continue
		}
		chosen = append(chosen, f)
		if f.Severity == sigs.Note {
			notes++
		}
	}
	for i, k := range kinds(chosen, o.Verbose > 0) {
		row := fmt.Sprintf("%d. %s", i+1, markdownText(k.text()))
		if k.first.Next != "" {
			row += "\\\n   **Next:** " + markdownText(k.first.Next)
		}
		b.rows = append(b.rows, row+"\n")
	}
	if notes > 0 && o.Verbose == 0 {
		b.foot = "\n*" + count(notes, "note") + " omitted: `-v` lists notes too.*\n"
	}
	switch {
	case len(b.rows) > 0:
		return []block{b}
	case b.foot != "":
		return []block{{head: b.foot, whole: true}}
	}
	return nil
}

// markdownSources is where evidence, keys and policy came from.
func markdownSources(d Document) block {
	b := block{head: "\n### Where this comes from\n\n", noun: "source"}
	row := func(format string, args ...any) { b.rows = append(b.rows, fmt.Sprintf("* "+format+"\n", args...)) }
	at := ""
	if d.Repository.Commit != "" {
		at = fmt.Sprintf(" at commit %s of %s", markdownCode(cut(d.Repository.Commit, 12)), d.Repository.Time.UTC().Format(time.DateOnly))
	}
	row("Attestations: %s%s", markdownCode(d.Repository.Location), at)
	for _, k := range d.Keys {
		at := ""
		if k.Commit != "" {
			at = " at commit " + markdownCode(cut(k.Commit, 12))
		}
		if k.Problem != "" {
			row("**Keys that could not be read:** %s: %s", markdownCode(k.Name), markdownText(k.Problem))
		} else {
			row("Keys: %s%s, %s", markdownCode(k.Name), at, count(k.Files, "file"))
		}
	}
	if len(d.Keys) == 0 {
		row("Keys: none")
	}
	row("Policy: %s: %s; keys judged as of %s", markdownAtMost(d.Policy.Origin, maxName), trust(d.Policy), d.AsOf.UTC().Format(time.DateOnly))
	own := "compared with the signers' files: " + markdownNames(d.OwnBuilds, 5)
	if d.Own == verify.NotRun {
		own = "not run: you trust the signers above"
	}
	row("Own build: %s", own)
	row("Judged by %s as a release of project %s", markdownAtMost(d.Tool, maxName), markdownCode(d.Project.Name))
	return b
}

// markdownEnd is what no agreement shows.
func markdownEnd(d Document) block {
	return block{head: "\n**Not proven:** " + markdownAtMost(d.NotProven, 300) + "\n", whole: true}
}

// cut is the beginning of a text, in bytes that are whole characters.
func cut(s string, most int) string {
	s, _ = clip(s, most)
	return s
}
