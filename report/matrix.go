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
			text := place(s, p)
			if text != "" {
				used[strings.Fields(text)[0]] = true
			}
			row += pad(text, columns[i]) + " "
		}
		w.line("%s", row)
	}
	if hidden := uncounted - maxUncounted; hidden > 0 && w.o.Verbose == 0 {
		w.line("%s not counted: -v", count(hidden, "more signer"))
	}
	var legend []string
	for _, l := range []string{"✓ trusted signer", "○ good signature, signer not trusted by this policy", "? not verified", "✗ bad signature", "- says nothing usable"} {
		if used[strings.Fields(l)[0]] {
			legend = append(legend, l)
		}
	}
	w.line("%s%s", pad("", nameWidth+2), strings.Join(legend, " · "))
	w.line("")
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

// place says where a signer stands on a platform: his kind of voice as a glyph, and whether his files are the leading group's.
func place(s Signer, p Platform) string {
	var mine *Attestation
	for i, a := range s.Attestations {
		if a.Platform == p.Name && (mine == nil || a.Votes) {
			mine = &s.Attestations[i]
		}
	}
	if mine == nil {
		return ""
	}
	status := sigs.Missing
	if len(mine.Signatures) > 0 {
		status = mine.Signatures[0].Status
	}
	glyph := "?"
	switch {
	case mine.Votes:
		glyph = "✓"
	case status == sigs.Bad || status == sigs.Malformed || status == sigs.Revoked || status == sigs.ImpossibleTime:
		return "✗ " + word(status)
	case mine.Unparsed != "":
		return "- unreadable"
	case status == sigs.Good || status == sigs.KeyExpiredSince || status == sigs.KeySuperseded:
		glyph = "○"
	}
	same, differ := standing(s.Name, p)
	switch {
	case same == 0 && differ == 0:
		return glyph + " nothing"
	case differ == 0:
		return glyph + " same"
	}
	return fmt.Sprintf("%s ≠ %s", glyph, count(differ, "file"))
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

// standing counts a signer's files that are, and are not, those of the leading group.
func standing(name string, p Platform) (same, differ int) {
	for _, a := range p.Artifacts {
		for i, g := range a.Groups {
			if slices.Contains(g.Voters, name) || slices.Contains(g.Others, name) || slices.Contains(g.Claims, name) {
				if i == 0 {
					same++
				} else {
					differ++
				}
			}
		}
	}
	return same, differ
}

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
				w.line("    %s %s  trusted: %s; others: %s; not verified: %s", g.Letter, g.Digest, w.fitOrNone(g.Voters), w.fitOrNone(g.Others), w.fitOrNone(g.Claims))
			}
			if a.Own != verify.NotRun {
				w.line("    own %s  %s", a.OwnDigest, a.Own)
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
				w.line("    %s %s%s", g.Status, Quote(g.Primary), keyDetails(g))
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
