package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// comparisonFindings are those that need no policy: leftovers and platforms spread over several directories.
func comparisonFindings(c Comparison) []sigs.Finding {
	var out []sigs.Finding
	for _, p := range c.Platforms {
		var dirs []string
		for _, i := range p.Statements {
			s := c.Statements[i]
			dirs = appendOnce(dirs, s.Directory.Path)
			var left []string
			for _, e := range s.Assertion.Out {
				if isLeftover(s, e.Path, c.Version) {
					left = appendOnce(left, e.Path)
				}
			}
			if len(left) > 0 {
				out = append(out, sigs.Finding{Code: "leftover", Severity: sigs.Note, Path: s.Path, Release: s.Directory.Path, Platform: p.Name, Signer: s.Signer,
					Text: fmt.Sprintf("the manifest also lists what earlier builds for other platforms or versions left in the output directory: %s; set aside", countFiles(left)),
					Next: "nothing to do"})
			}
		}
		if len(dirs) > 1 {
			out = append(out, sigs.Finding{Code: "several-directories", Severity: sigs.Note, Path: dirs[1], Release: dirs[0], Platform: p.Name,
				Text: fmt.Sprintf("%s hold the same version and platform and are judged together: %s", plural(len(dirs), "directory", "directories"), listNames(dirs)),
				Next: "nothing to do"})
		}
	}
	return out
}

// reportPlatform notes how a platform's artifacts split, and which are listed by too few or nobody with a vote.
func (d *decision) reportPlatform(v PlatformVerdict, ballots []ballot) {
	var few bundles
	var voteless []string
	for i, a := range v.Artifacts {
		switch {
		case parties(a) > 1:
			d.noteSplit(v, a)
		case a.Counts || ballots[i].artifact.Set:
		case len(a.Groups[0].Voters) == 0 && len(ballots[i].lists) == 0:
			voteless = append(voteless, a.Path)
		case a.Outcome == Insufficient:
			b := few.at(strings.Join(d.shown(ballots[i].lists), ", "), 0)
			b.files = append(b.files, a.Path)
		}
	}
	add := func(code, text, next string) {
		d.findings = append(d.findings, sigs.Finding{Code: code, Severity: sigs.Note, Release: v.Release, Platform: v.Name, Text: text, Next: next})
	}
	for _, b := range few.list {
		add("listed-by-few", fmt.Sprintf("%s: listed only by %s, too few of the %d voting signers to be judged", countFiles(b.files), b.key, len(v.Voters)),
			"do not rely on these files; the others may have built fewer targets")
	}
	if len(voteless) > 0 && len(v.Voters) > 0 {
		add("artifact-without-vote", fmt.Sprintf("%s: nobody whose voice counts lists this", countFiles(voteless)), "do not rely on these files")
	}
	d.noteAbsences(v)
}

// noteAbsences reports voters whose manifests lack files that count.
func (d *decision) noteAbsences(v PlatformVerdict) {
	var lacks bundles
	for _, a := range v.Artifacts {
		if !a.Counts {
			continue
		}
		for _, name := range a.Abstained {
			b := lacks.at(name, 0)
			b.files = append(b.files, a.Path)
		}
	}
	for _, b := range lacks.list {
		d.findings = append(d.findings, sigs.Finding{Code: "abstains", Severity: sigs.Note, Release: v.Release, Platform: v.Name, Signer: b.key,
			Text: fmt.Sprintf("%s has no say on %s of %s, which other voting signers list", b.key, countFiles(b.files), v.called()),
			Next: "nothing to do; the signer may have built fewer targets"})
	}
}

// noteSplit collects a disputed artifact under the way its signers split.
func (d *decision) noteSplit(v PlatformVerdict, a ArtifactVerdict) {
	scope := v.Name
	for _, p := range d.c.Platforms {
		if p.Name == v.Name && len(p.Statements) > 0 && platformOf(d.c.Statements[p.Statements[0]]).guix {
			scope = "guix"
		}
	}
	key := scope
	for _, g := range a.Groups {
		key += fmt.Sprintf("\n%q %q %q", g.Voters, g.Others, g.Claims)
	}
	b := d.splits.at(key, 0)
	b.files = appendOnce(b.files, a.Path)
	b.words = appendOnce(b.words, v.called())
	b.groups, b.vote = a.Groups, b.vote || a.Outcome == Disputed
	b.release = cmp.Or(b.release, v.Release)
}

// splitFindings tells each distinct way in which the signers split once, with the files that split so.
func (d *decision) splitFindings() []sigs.Finding {
	var out []sigs.Finding
	for _, b := range d.splits.list {
		f := sigs.Finding{Code: "disputed", Severity: sigs.Alarm, Release: b.release, Platform: b.words[0],
			Next: "do not use these files until the signers have found the cause; being fewer does not make a group wrong"}
		if !b.vote {
			f.Code, f.Severity, f.Next = "overruled", sigs.Warning, "the policy lets the majority decide; ask the others for the cause"
		}
		var made []string
		for i, g := range b.groups {
			if i == 0 {
				made = append(made, plural(g.size(), "signer", "signers")+" made one form")
				continue
			}
			made = append(made, fmt.Sprintf("%d another (%s)", g.size(), listNames(slices.Concat(g.Voters, g.Others, g.Claims))))
		}
		voting := make([]string, len(b.groups))
		for i, g := range b.groups {
			voting[i] = itoa(len(g.Voters))
		}
		split := "splits its signers:"
		if len(b.files) > 1 {
			split = "split their signers the same way:"
		}
		f.Text = fmt.Sprintf("%s: %s %s %s; %s of them voting", listNames(b.words), countFiles(b.files), split, join(made), join(voting))
		out = append(out, f)
	}
	return out
}

// contradictionFindings name signers who give one file several hashes.
func (d *decision) contradictionFindings() []sigs.Finding {
	var all bundles
	for _, p := range d.c.Platforms {
		for _, a := range p.Artifacts {
			answers := map[string]sigs.Digest{}
			for _, g := range a.Groups {
				for _, i := range slices.Concat(g.Statements, g.Claims) {
					if isLeftover(d.c.Statements[i], a.Path, d.c.Version) {
						continue
					}
					who := cmp.Or(d.speakers[i].person, "path "+d.c.Statements[i].Path)
					if before, ok := answers[who]; ok && before != g.Digest {
						b := all.at(who, i)
						b.files = appendOnce(b.files, a.Path)
						b.vote = b.vote || d.speakers[i].Votes
					}
					answers[who] = g.Digest
				}
			}
		}
	}
	var out []sigs.Finding
	for _, b := range all.list {
		severity, loss := sigs.Note, ""
		if b.vote {
			severity, loss = sigs.Warning, ", so this signer has no voice there"
		}
		out = append(out, d.finding(b, "contradicts-itself", severity,
			fmt.Sprintf("%s gives different hashes for the same name, %s%s", d.signer(b.first), countFiles(b.files), loss), "ask the signer which is right"))
	}
	return out
}
