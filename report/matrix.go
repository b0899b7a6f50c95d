package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// maxUncounted is how many signers without a vote the matrix names before -v.
const maxUncounted = 12

// matrix writes who made what: a row per signer, a column per platform.
func (w *writer) matrix(d Document) {
	platforms := shownPlatforms(d)
	if len(platforms) == 0 || len(d.Signers) == 0 {
		return
	}
	nameWidth := 8
	for _, s := range d.Signers {
		nameWidth = min(max(nameWidth, width(cell(s.Name, 28))), 28)
	}
	columns := make([]int, len(platforms))
	head, foot := pad("", nameWidth+2), pad("", nameWidth+2)
	for i, p := range platforms {
		name := cell(platformName(p.Name), 14)
		columns[i] = max(width(name), 12) + 1
		head += pad(name, columns[i]) + " "
		foot += pad(strings.ToUpper(p.Outcome.String()), columns[i]) + " "
	}
	w.line("%s", w.o.paint(bold, strings.TrimRight(head, " ")))
	w.line("%s", w.o.paint(bold, strings.TrimRight(foot, " ")))
	used := map[string]bool{}
	uncounted := 0
	for _, s := range d.Signers {
		if !s.Votes {
			if uncounted++; uncounted > maxUncounted && w.o.Verbose == 0 {
				continue
			}
		}
		row := pad(cell(s.Name, nameWidth), nameWidth+2)
		for i, p := range platforms {
			at := place(s, p)
			at.use(used)
			row += pad(at.String(), columns[i]) + " "
		}
		w.line("%s", row)
	}
	if hidden := uncounted - maxUncounted; hidden > 0 && w.o.Verbose == 0 {
		w.line("%s not counted: -v", count(hidden, "more signer"))
	}
	w.line("%s%s", pad("", nameWidth+2), legend(used))
	w.line("")
}

// use notes what the legend has to explain.
func (p position) use(used map[string]bool) {
	used[p.glyph] = true
	if p.both > 0 && p.differ == 0 {
		used["unclear:"] = true
	}
}

// legend explains the glyphs that were used.
func legend(used map[string]bool) string {
	var out []string
	for _, l := range []string{"✓ trusted signer", "○ good signature, not counted", "? not verified", "✗ bad signature", "- says nothing usable", "unclear: named twice with different hashes"} {
		if used[strings.Fields(l)[0]] {
			out = append(out, l)
		}
	}
	return strings.Join(out, " · ")
}

// shownPlatforms are the platforms that were asked for, and others that somebody signed.
func shownPlatforms(d Document) []Platform {
	var out []Platform
	for _, p := range d.Platforms {
		if p.Asked || len(p.Artifacts) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// position is where a signer stands on a platform: his kind of voice as a glyph, and his files beside the leading group's.
type position struct {
	glyph  string
	word   string // "same"; what is wrong; nothing where files differ
	differ int    // files that are not the leading group's
	both   int    // files that he names twice, with the leading group's digest and another
}

// String is the position as a cell of the text's matrix.
func (p position) String() string {
	if p.differ > 0 {
		return fmt.Sprintf("%s ≠ %s", p.glyph, count(p.differ, "file"))
	}
	if p.both > 0 {
		return fmt.Sprintf("%s %d unclear", p.glyph, p.both)
	}
	return strings.TrimSpace(p.glyph + " " + p.word)
}

// place finds a signer's position on a platform; the zero position is that of one who has none.
func place(s Signer, p Platform) position {
	var mine *Attestation
	for i, a := range s.Attestations {
		if a.Platform == p.Name && (mine == nil || a.Votes) {
			mine = &s.Attestations[i]
		}
	}
	if mine == nil {
		return position{}
	}
	status := sigs.Missing
	if len(mine.Signatures) > 0 {
		status = mine.Signatures[0].Status
	}
	at := position{glyph: "?", word: "same"}
	switch {
	case mine.Votes:
		at.glyph = "✓"
	case status == sigs.Bad || status == sigs.Malformed || status == sigs.Revoked || status == sigs.ImpossibleTime:
		return position{glyph: "✗", word: word(status)}
	case mine.Unparsed != "":
		return position{glyph: "-", word: "unreadable"}
	case status == sigs.Good || status == sigs.KeyExpiredSince || status == sigs.KeySuperseded:
		at.glyph = "○"
	}
	var same int
	if same, at.differ, at.both = standing(s.Name, p); same+at.differ+at.both == 0 {
		at.word = "nothing"
	}
	return at
}

func word(status sigs.Status) string {
	switch status {
	case sigs.Bad:
		return "bad"
	case sigs.Malformed:
		return "malformed"
	case sigs.Revoked:
		return "revoked"
	}
	return "impossible"
}

// standing counts a signer's files: those that are the leading group's, those that are not, and those that he names twice so
// that they are both.
func standing(name string, p Platform) (same, differ, both int) {
	for _, a := range p.Artifacts {
		leading, other := false, false
		for i, g := range a.Groups {
			if slices.Contains(g.Voters, name) || slices.Contains(g.Others, name) || slices.Contains(g.Claims, name) {
				leading, other = leading || i == 0, other || i > 0
			}
		}
		if !a.Counts && len(a.Groups) == 1 && alone(a.Groups[0]) { // only he lists it: compared with nobody
			continue
		}
		switch {
		case leading && other:
			both++
		case leading:
			same++
		case other:
			differ++
		}
	}
	return same, differ, both
}

// alone reports whether one name only stands behind a group.
func alone(g Group) bool { return len(g.Voters)+len(g.Others)+len(g.Claims) == 1 }

// details writes fingerprints, hashes and what was shared: what -v adds.
func (w *writer) details(d Document) {
	for _, p := range d.Platforms {
		if len(p.Artifacts) == 0 {
			continue
		}
		w.line("%s  %s", w.o.paint(bold, platformName(p.Name)), Quote(p.Grounds))
		for _, a := range p.Artifacts {
			w.line("  %s  %s", Quote(a.Path), a.Outcome)
			for _, g := range a.Groups {
				w.line("    %s %s  trusted: %s; others: %s; not verified: %s", Quote(g.Letter), g.Digest, w.fitOrNone(g.Voters), w.fitOrNone(g.Others), w.fitOrNone(g.Claims))
			}
			if a.Own != verify.NotRun {
				w.line("    own %s  %s", Quote(a.OwnDigest), a.Own)
			}
		}
		for _, s := range p.Shared {
			w.line("  %s: %s", Quote(s.Kind), variety(len(s.Groups)))
			if w.o.Verbose > 1 {
				for _, g := range s.Groups {
					w.line("    %s  %s", Quote(g.Value), w.fitOrNone(g.Signers))
				}
			}
		}
		w.line("")
	}
	for _, s := range d.Signers {
		w.line("%s", w.o.paint(bold, Quote(s.Name)))
		for _, a := range s.Attestations {
			why := "votes"
			if !a.Votes {
				why = "no vote: " + Quote(a.Why)
			}
			w.line("  %s  %s", Quote(a.Path), why)
			for _, g := range a.Signatures {
				w.line("    %s %s%s", Quote(string(g.Status)), Quote(g.Primary), keyDetails(g))
			}
		}
	}
	w.line("")
}

// variety says how many different values the signers recorded.
func variety(n int) string {
	if n == 1 {
		return "the same for all"
	}
	return fmt.Sprintf("%d different ones", n)
}

func (w *writer) fitOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return w.fit(names, 0)
}

func keyDetails(g Signature) string {
	var parts []string
	if g.Fingerprint != "" && g.Fingerprint != g.Primary {
		parts = append(parts, "signed by subkey "+g.Fingerprint)
	}
	if g.Primary == "" && g.KeyID != "" {
		parts = append(parts, "key id "+g.KeyID)
	}
	if !g.Created.IsZero() {
		parts = append(parts, "on "+g.Created.UTC().Format("2006-01-02")+" "+g.Hash+" "+g.Algorithm)
	}
	for _, l := range g.Labels {
		parts = append(parts, string(l))
	}
	if g.Why != "" {
		parts = append(parts, g.Why)
	}
	if len(g.Sources) > 0 {
		parts = append(parts, "key from "+strings.Join(g.Sources, " and "))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + Quote(strings.Join(parts, "; ")) + ")"
}
