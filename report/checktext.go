package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// CheckText writes a check for a person: the verdict, who signed the list, a line per file, who made it, what to do about it.
func CheckText(out io.Writer, c Check, o Options) error {
	w := &writer{w: out, o: o}
	w.checkVerdict(c)
	if o.Quiet {
		return w.err
	}
	w.line("")
	if c.List != nil {
		w.listSigners(*c.List)
		w.joined(c)
	}
	for _, f := range c.Files {
		if c.List == nil || f.Digest != "" || f.Outcome != verify.Agreed || o.Verbose > 0 {
			w.file(f, len(c.Files) > 1)
		}
	}
	w.skipped(c.Skipped)
	w.findings(Document{Findings: checkFindings(c)})
	for _, d := range c.Releases {
		w.line("the release  %s %s as a whole is %s: gverify release %s --project %s", Quote(d.Project.Title), Quote(d.Version),
			strings.ToUpper(d.Outcome.String()), Quote(d.Version), Quote(d.Project.Name))
	}
	if len(c.Releases) > 0 && len(c.Releases[0].OwnBuilds) == 0 {
		w.line("own build    not run: you trust the signers above. Compare a build of your own with --manifest res.yml")
	}
	w.line("not proven   %s", c.NotProven)
	for _, d := range c.Releases {
		w.line("judged       project %s, release %s%s", Quote(d.Project.Name), Quote(d.Version), others(d))
		w.sources(d)
	}
	return w.err
}

// checkFindings are those of the check and, where too few or contradicting signers stand behind a file, those of the releases that
// bear on its platforms.
func checkFindings(c Check) []sigs.Finding {
	platforms := map[string]bool{}
	for _, f := range c.Files {
		if f.Counts && f.Outcome != verify.Agreed && (f.Standing == verify.Attested || f.Standing == verify.Renamed) {
			for _, p := range f.Platforms {
				platforms[p] = true
			}
		}
	}
	out := c.Findings
	for _, d := range c.Releases {
		voiceless := !slices.ContainsFunc(d.Signers, func(s Signer) bool { return s.Votes })
		for _, f := range d.Findings {
			if platforms[f.Platform] || f.Platform == "" && (len(platforms) > 0 || voiceless) {
				out = append(slices.Clip(out), f)
			}
		}
	}
	return mergeFindings(out)
}

// checkVerdict writes the answer in one line.
func (w *writer) checkVerdict(c Check) {
	own := ""
	if c.List != nil && !slices.ContainsFunc(c.Files, func(f CheckedFile) bool { return f.Digest != "" }) {
		own = " The list only: none of your files was checked."
	}
	switch c.Own {
	case verify.Matches:
		own += " Your own build matches."
	case verify.Differs:
		own += " " + w.o.paint(red, "YOUR OWN BUILD DIFFERS.")
	}
	w.line("%s (%s): %s. %s%s", subjectOf(c), cell(releasesOf(c), 120), w.o.paint(outcomeColour(c.Outcome), outcomeWord(c)), sentence(cell(deciding(c)+c.Grounds, 600)), own)
	if c.List != nil && c.List.Refuted {
		w.line("%s %s", cell(c.List.Path, 80)+":", w.o.paint(red, "ITS SIGNATURES SPEAK AGAINST THIS LIST."))
	}
}

// subjectOf names what was checked: the file, how many, or the list.
func subjectOf(c Check) string {
	var held []CheckedFile
	for _, f := range c.Files {
		if f.Digest != "" {
			held = append(held, f)
		}
	}
	switch {
	case len(held) == 1 && held[0].Name != "":
		return cell(held[0].Name, 80)
	case len(held) == 1:
		return "standard input"
	case len(held) == 0 && c.List != nil:
		return cell(c.List.Path, 80)
	}
	return count(len(held), "file")
}

// releasesOf names the releases the files were compared with.
func releasesOf(c Check) string {
	var versions []string
	for _, d := range c.Releases {
		versions = append(versions, d.Version)
	}
	return c.Project.Title + " " + strings.Join(versions, ", ")
}

// outcomeWord is the outcome, said more exactly where it is the file or the list that the builders contradict.
func outcomeWord(c Check) string {
	for _, f := range c.Files {
		if c.Outcome == verify.Disputed && f.Counts && f.Outcome == verify.Disputed && f.Standing == verify.Contradicted {
			return "CONTRADICTED"
		}
	}
	return strings.ToUpper(c.Outcome.String())
}

func outcomeColour(o verify.Outcome) colour {
	switch o {
	case verify.Agreed:
		return green
	case verify.Disputed:
		return red
	}
	return yellow
}

// file writes who made a file and who made others in its place; why its verdict is so only where the first line has not said it.
func (w *writer) file(f CheckedFile, why bool) {
	name := f.Name
	if name == "" {
		name = f.Path
	}
	w.line("%s  %s", w.o.paint(bold, cell(name, 120)), w.o.paint(outcomeColour(f.Outcome), fileWord(f)))
	if why {
		w.line("    %s", w.wrap(sentence(w.clip(Quote(f.Grounds))), 4))
	}
	switch {
	case f.Digest != "":
		w.line("    sha256       %s (%s)", Quote(f.Digest), count(int(f.Size), "byte"))
		if f.Differs() {
			w.line("    on the list  %s", Quote(f.Listed))
		}
	default:
		w.line("    on the list  %s", Quote(f.Listed))
	}
	w.attestedAs(f)
	w.people("made by", f.Voters, "")
	w.people("also by", f.Others, " (no vote)")
	w.people("also by", f.Claims, " (not verified)")
	for _, g := range f.Against {
		others := " (no vote)"
		if len(g.Voters) > 0 {
			others = fmt.Sprintf(" (%s)", count(len(g.Voters), "voting signer"))
		}
		w.line("    but          %s%s", g.Digest, others)
		w.people("  made by", append(append(append([]string{}, g.Voters...), g.Others...), g.Claims...), "")
	}
	if len(f.Built) > 0 {
		w.line("    your build   %s: %s", Quote(strings.Join(f.Built, ", ")), map[string]string{"same": "the same bytes", "others": "other bytes"}[builtCell(f)])
	}
	w.line("")
}

// attestedAs says under which name the builders know the file, where that is not its own.
func (w *writer) attestedAs(f CheckedFile) {
	if len(f.Elsewhere) > 0 {
		w.line("    its bytes    are attested as %s", w.fit(f.Elsewhere, 34))
	}
	if len(f.Paths) == 0 || len(f.Paths) == 1 && f.Paths[0] == f.Name {
		return
	}
	why := ""
	if f.Rule {
		why = "; the project publishes it under this name"
	}
	w.line("    attested as  %s%s", w.fit(f.Paths, 17), why)
}

func (w *writer) people(label string, names []string, note string) {
	if len(names) > 0 {
		w.line("    %s%s%s", pad(label, 13), w.fit(names, 17+len(note)), note)
	}
}

// skipped writes what was not checked.
func (w *writer) skipped(all []Skipped) {
	const most = 8
	for i, s := range all {
		if i == most && w.o.Verbose == 0 {
			w.line("not checked  %s: -v", count(len(all)-i, "more file"))
			break
		}
		w.line("not checked  %s: %s", cell(s.Path, 120), cell(s.Why, 120))
	}
	if len(all) > 0 {
		w.line("")
	}
}

// deciding names the file that a list's verdict is about, where one alone decides.
func deciding(c Check) string {
	counted := slices.DeleteFunc(slices.Clone(c.Files), func(f CheckedFile) bool { return !f.Counts })
	if c.List == nil || c.List.Refuted || len(counted) != 1 || subjectOf(c) == cell(counted[0].Name, 80) && counted[0].Digest != "" {
		return ""
	}
	return "of " + counted[0].Name + ": "
}
