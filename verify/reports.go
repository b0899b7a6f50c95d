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
		descriptor := false
		for _, i := range p.Statements {
			s := c.Statements[i]
			dirs, descriptor = appendOnce(dirs, s.Directory.Path), descriptor || s.Directory.Descriptor
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
		if len(dirs) > 1 && descriptor { // of others, the names alone tell that they are one release: sigs.List does
			out = append(out, sigs.Finding{Code: "several-directories", Severity: sigs.Note, Path: dirs[1], Release: dirs[0], Platform: p.Name,
				Text: fmt.Sprintf("%s hold the same version and platform and are judged together: %s", plural(len(dirs), "directory", "directories"), listNames(dirs)),
				Next: "nothing to do"})
		}
	}
	return out
}

// reportPlatform notes how a platform's artifacts split, which are listed by too few or nobody with a vote, and who is silent on
// which.
func (d *decision) reportPlatform(p Platform, v PlatformVerdict, ballots []ballot) {
	scope := d.scopeOf(p)
	note := func(all *bundles, what string, names []string, file string) *bundle {
		b := all.at(fmt.Sprintf("%q %s %q", scope, what, names), 0)
		b.code, b.names, b.release = what, names, cmp.Or(b.release, v.Release)
		b.files, b.words = appendOnce(b.files, file), appendOnce(b.words, v.called())
		return b
	}
	silent := map[string][]string{} // voter → files
	for i, a := range v.Artifacts {
		switch {
		case ballots[i].artifact.Set && len(ballots[i].lists) == 0:
		case parties(a) > 1:
			b := note(&d.splits, "split", sides(a), a.Path)
			b.groups, b.vote = a.Groups, b.vote || a.Outcome == Disputed
		case len(ballots[i].lists) == 0 && len(v.Voters) > 0:
			note(&d.rest, "artifact-without-vote", nil, a.Path)
		case a.Outcome == Insufficient && !a.Counts && len(ballots[i].lists) > 0:
			note(&d.rest, "listed-by-few", d.shown(ballots[i].lists), a.Path)
		}
		if !a.Counts {
			continue
		}
		contradicting := d.shown(ballots[i].split)
		for _, name := range a.Abstained {
			if !slices.Contains(contradicting, name) {
				silent[name] = append(silent[name], a.Path)
			}
		}
	}
	byFiles := map[string][]string{}
	for _, name := range v.Voters {
		key := strings.Join(silent[name], "\n")
		byFiles[key] = append(byFiles[key], name)
	}
	for _, name := range v.Voters {
		key := strings.Join(silent[name], "\n")
		for _, file := range silent[name] {
			note(&d.rest, "abstains", byFiles[key], file)
		}
	}
}

// scopeOf is what findings about artifacts are told once for: a platform, or for guix all of them.
func (d *decision) scopeOf(p Platform) string {
	if len(p.Statements) > 0 && d.c.homes[p.Statements[0]].guix {
		return "guix"
	}
	return "platform " + p.Name
}

// sides is the way an artifact's signers split. Groups of one size stand in the order of their digests, which differs from file
// to file, so the sides are sorted.
func sides(a ArtifactVerdict) []string {
	out := make([]string, len(a.Groups))
	for i, g := range a.Groups {
		out[i] = fmt.Sprintf("%q %q %q", g.Voters, g.Others, g.Claims)
	}
	slices.Sort(out)
	return out
}

// listingFindings are about files that few or no voters list, or that some voters do not list.
func (d *decision) listingFindings() []sigs.Finding {
	var out []sigs.Finding
	for _, b := range d.rest.list {
		f := sigs.Finding{Code: b.code, Severity: sigs.Note, Release: b.release, Platform: b.words[0]}
		files := listNames(b.words) + ": " + countFiles(b.files)
		switch b.code {
		case "listed-by-few":
			f.Text = fmt.Sprintf("%s: listed only by %s, too few of the voting signers to be judged", files, listNames(b.names))
			f.Next = "do not rely on these files; the others may have built fewer targets"
		case "abstains":
			f.Text = fmt.Sprintf("%s: not listed by %s, so not judged by them", files, listNames(b.names))
			f.Next = "nothing to do; they may have built fewer targets"
		default:
			f.Text = fmt.Sprintf("%s: nobody whose voice counts lists this", files)
			f.Next = "do not rely on these files"
		}
		out = append(out, f)
	}
	return out
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
	return d.sameFiles(all)
}

// sameFiles makes one finding of all signers who contradict themselves on the same files.
func (d *decision) sameFiles(all bundles) []sigs.Finding {
	var merged bundles
	for _, b := range all.list {
		m := merged.at(fmt.Sprintf("%t\n%s", b.vote, strings.Join(b.files, "\n")), b.first)
		m.files, m.vote = b.files, b.vote
		m.names = appendOnce(m.names, d.signer(b.first))
	}
	var out []sigs.Finding
	for _, b := range merged.list {
		severity, loss := sigs.Note, ""
		if b.vote {
			severity, loss = sigs.Warning, ", and so without a voice there"
		}
		out = append(out, d.finding(b, "contradicts-itself", severity,
			fmt.Sprintf("%s: given different hashes under one name by %s%s", countFiles(b.files), listNames(b.names), loss), "ask the signers which is right"))
	}
	return out
}
