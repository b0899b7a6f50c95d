package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/verify"
)

// maxColumns is how many platforms the table of signers has, and how many have tables of their own.
const maxColumns = 12

// markdownOwn names the files in which the user's own build differs.
func markdownOwn(d Document) []block {
	return markdownPerPlatform(d, func(p Platform) (block, bool) {
		if p.Own != verify.Differs {
			return block{}, false
		}
		b := block{head: fmt.Sprintf("\n### Your own build differs: %s\n\n| File | Yours | Signers' |\n|:--|:--|:--|\n", markdownPlatform(p.Name)), noun: "file"}
		for _, a := range p.Artifacts {
			if a.Own == verify.Differs {
				theirs := "(nobody's)"
				if len(a.Groups) > 0 {
					theirs = markdownDigest(a.Groups[0].Digest.String())
				}
				b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %s |\n", markdownCode(a.Path), markdownDigest(a.OwnDigest), theirs))
			}
		}
		return b, true
	})
}

// markdownPerPlatform makes blocks of those platforms that have something to say, of the first maxColumns of them, and counts
// the others: even the notes about what is left out must not fill the report.
func markdownPerPlatform(d Document, blockOf func(Platform) (block, bool)) []block {
	var out []block
	omitted := 0
	for _, p := range d.Platforms {
		switch b, ok := blockOf(p); {
		case !ok:
		case len(out) == maxColumns:
			omitted++
		default:
			out = append(out, b)
		}
	}
	if omitted > 0 {
		out = append(out, block{head: "\n*" + count(omitted, "more such platform") + " omitted.*\n", whole: true})
	}
	return out
}

// markdownDigest is the beginning of a digest.
func markdownDigest(digest string) string {
	if len(digest) <= 16 {
		return markdownCode(digest)
	}
	return markdownCode(digest[:16]) + "…"
}

// markdownSigners is who built what: a row per signer, a column per platform.
func markdownSigners(d Document) []block {
	platforms := shownPlatforms(d)
	if len(platforms) == 0 || len(d.Signers) == 0 {
		return nil
	}
	omitted := 0
	if len(platforms) > maxColumns {
		omitted = len(platforms) - maxColumns
		platforms = platforms[:maxColumns]
	}
	b := block{head: "\n### Who built what\n\n| Signer |", noun: "signer"}
	for _, p := range platforms {
		b.head += " " + markdownPlatform(p.Name) + " |"
	}
	b.head += "\n|:--|" + strings.Repeat(":--|", len(platforms)) + "\n"
	used := map[string]bool{}
	for _, s := range d.Signers {
		row := "| " + markdownCodeAtMost(s.Name, maxCell) + " |"
		for _, p := range platforms {
			at := place(s, p)
			at.use(used)
			row += " " + markdownPosition(at) + " |"
		}
		b.rows = append(b.rows, row+"\n")
	}
	b.foot = "\n" + legend(used) + " · empty: signed nothing for it. The same or different: compared with the largest group.\n"
	if omitted > 0 {
		b.foot += "\n*" + count(omitted, "more platform") + " omitted from this table.*\n"
	}
	return []block{b}
}

// markdownPosition is a position as a table cell.
func markdownPosition(p position) string {
	switch {
	case p.differ > 0:
		return fmt.Sprintf("%s **%s differ%s**", p.glyph, count(p.differ, "file"), map[bool]string{true: "s"}[p.differ == 1])
	case p.both > 0:
		return fmt.Sprintf("%s **%s unclear**", p.glyph, count(p.both, "file"))
	case p.glyph == "✗":
		return fmt.Sprintf("%s **%s**", p.glyph, p.word)
	}
	return strings.TrimSpace(p.glyph + " " + p.word)
}

// markdownSplits says of every disputed platform which files split, and who stands where.
func markdownSplits(d Document) []block {
	return markdownPerPlatform(d, func(p Platform) (block, bool) {
		if p.Outcome != verify.Disputed || !p.Asked {
			return block{}, false
		}
		b := block{head: fmt.Sprintf("\n### Disputed on %s\n\n| Files | Group | Trusted signers | Others, not counted |\n|:--|:--|:--|:--|\n", markdownPlatform(p.Name)), noun: "disputed group"}
		for _, s := range splitsOf(p) {
			files := count(len(s.paths), "file") + ": " + markdownNames(s.paths, 3)
			for _, g := range s.groups {
				b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %s | %s |\n", files, markdownCode(g.Letter), markdownCounted(g.Voters), markdownCounted(slices.Concat(g.Others, g.Claims))))
				files = ""
			}
		}
		return b, true
	})
}

// markdownCounted is a number of names and the names.
func markdownCounted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %s", len(names), markdownNames(names, 12))
}

// markdownFiles lists the digests of all files: what -v adds.
func markdownFiles(d Document) []block {
	b := block{head: "\n### Files\n\n| Platform | File | Verdict | Group | SHA-256 |\n|:--|:--|:--|:--|:--|\n", noun: "digest"}
	for _, p := range d.Platforms {
		for _, a := range p.Artifacts {
			for _, g := range a.Groups {
				b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %s | %s | `%s` |\n", markdownPlatform(p.Name), markdownCode(a.Path), badge(a.Outcome), markdownCode(g.Letter), g.Digest))
			}
		}
	}
	if len(b.rows) == 0 {
		return nil
	}
	return []block{b}
}
