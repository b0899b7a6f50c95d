package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Options say how much is written and how.
type Options struct {
	Verbose int  // 1: fingerprints, hashes, key provenance, every finding
	Quiet   bool // the verdict line only
	Color   bool // ANSI colours; they never carry meaning alone
	Width   int  // columns, 0: 100
}

type colour string

const (
	bold   colour = "1"
	green  colour = "32"
	red    colour = "31"
	yellow colour = "33"
)

func (o Options) paint(c colour, s string) string {
	if !o.Color {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// writer writes lines and keeps the first error.
type writer struct {
	w   io.Writer
	o   Options
	err error
}

func (w *writer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// columns is the width of a line.
func (w *writer) columns() int {
	if w.o.Width < 40 {
		return 100
	}
	return min(w.o.Width, 140)
}

// Text writes a document for a person: verdict, who made what, what to do about it, what is not proven.
func Text(out io.Writer, d Document, o Options) error {
	w := &writer{w: out, o: o}
	w.verdict(d)
	if o.Quiet {
		return w.err
	}
	w.line("")
	w.matrix(d)
	w.splits(d)
	w.weak(d)
	if o.Verbose > 0 {
		w.details(d)
	}
	w.findings(d)
	w.own(d)
	w.line("not proven   %s", d.NotProven)
	w.line("judged       project %s%s", Quote(d.Project.Name), others(d))
	w.sources(d)
	return w.err
}

// verdict writes the answer in one line.
func (w *writer) verdict(d Document) {
	word, c := strings.ToUpper(d.Outcome.String()), yellow
	switch d.Outcome {
	case verify.Agreed:
		c = green
	case verify.Disputed:
		c = red
	}
	own := ""
	switch d.Own {
	case verify.Matches:
		own = " Your own build matches."
	case verify.Differs:
		own = " " + w.o.paint(red, "YOUR OWN BUILD DIFFERS.")
	}
	w.line("%s %s: %s. %s%s", Quote(d.Project.Title), Quote(d.Version), w.o.paint(c, word), sentence(Quote(d.Grounds)), own)
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func others(d Document) string {
	if len(d.Others) == 0 {
		return ""
	}
	return "; projects that may have such a version too: " + Quote(strings.Join(d.Others, ", ")) + " (--project)"
}

// splits writes, for every disputed platform, which files split and who stands where.
func (w *writer) splits(d Document) {
	for _, p := range d.Platforms {
		if p.Outcome != verify.Disputed || !p.Asked {
			continue
		}
		w.line("%s  %s", w.o.paint(red, "disputed "+platformName(p.Name)), Quote(p.Grounds))
		for _, s := range splitsOf(p) {
			w.line("  %s: %s", count(len(s.paths), "file"), w.fit(shorten(s.paths), 14))
			for _, g := range s.groups {
				names := slices.Concat(g.Voters, g.Others, g.Claims)
				w.line("    %s  %-28s %s", g.Letter, fmt.Sprintf("%s, %d of them trusted", count(len(names), "signer"), len(g.Voters)), w.fit(names, 40))
			}
		}
		w.why(d, p.Name)
		w.line("")
	}
}

// split is artifacts whose signers fall into the same groups.
type split struct {
	paths  []string
	groups []Group
}

// splitsOf gathers a platform's artifacts that have more than one group, by how their signers fall apart.
func splitsOf(p Platform) []split {
	var out []split
	index := map[string]int{}
	for _, a := range p.Artifacts {
		if len(a.Groups) < 2 || a.Outcome != verify.Disputed {
			continue
		}
		var key strings.Builder
		for _, g := range a.Groups {
			fmt.Fprintf(&key, "%q %q %q|", g.Voters, g.Others, g.Claims)
		}
		i, known := index[key.String()]
		if !known {
			i = len(out)
			index[key.String()] = i
			out = append(out, split{groups: a.Groups})
		}
		out[i].paths = append(out[i].paths, a.Path)
	}
	return out
}

// shorten drops what all paths begin with, up to the last dash or slash.
func shorten(paths []string) []string {
	if len(paths) < 2 {
		return paths
	}
	prefix := paths[0]
	for _, p := range paths[1:] {
		for !strings.HasPrefix(p, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	cut := strings.LastIndexAny(prefix, "-/") + 1
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = p[cut:]
	}
	return out
}

// fit lists names within the line, the rest as a count.
func (w *writer) fit(names []string, indent int) string {
	room := w.columns() - indent
	var b strings.Builder
	for i, name := range names {
		text := cell(name, 60)
		if w.o.Verbose == 0 && i > 0 && width(b.String())+width(text)+12 > room {
			fmt.Fprintf(&b, " +%d more", len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text)
	}
	return b.String()
}

// weak writes why platforms are insufficient.
func (w *writer) weak(d Document) {
	n := 0
	for _, p := range d.Platforms {
		if p.Asked && (p.Outcome == verify.Insufficient || p.Outcome == verify.Undecided) {
			w.line("%s  %s", w.o.paint(yellow, "insufficient "+platformName(p.Name)), Quote(p.Grounds))
			n++
		}
	}
	if n > 0 {
		w.line("")
	}
}

// findings writes the numbered findings: one per kind, every single one with -v.
func (w *writer) findings(d Document) {
	shown, hidden := kinds(d.Findings, w.o.Verbose > 0), 0
	const most = 9
	if w.o.Verbose == 0 && len(shown) > most {
		hidden = len(shown) - most
		shown = shown[:most]
	}
	for i, k := range shown {
		mark := map[sigs.Severity]string{sigs.Alarm: w.o.paint(red, "ALARM "), sigs.Warning: "", sigs.Note: "note: "}[k.first.Severity]
		w.line("%2d. %s%s", i+1, mark, w.wrap(w.clip(k.text()), 4))
		if k.first.Next != "" {
			w.line("    next: %s", w.wrap(Quote(k.first.Next), 10))
		}
	}
	if hidden > 0 {
		w.line("    %s: -v", count(hidden, "more finding"))
	}
	if len(shown) > 0 {
		w.line("")
	}
}

// kind is findings of one code.
type kind struct {
	first   sigs.Finding
	n       int
	signers []string
}

// kinds gathers findings by code; notes are left out unless all are wanted, and then nothing is gathered.
func kinds(findings []sigs.Finding, all bool) []kind {
	var out []kind
	index := map[string]int{}
	for _, f := range findings {
		if all {
			out = append(out, kind{first: f, n: 1})
			continue
		}
		if f.Severity == sigs.Note {
			continue
		}
		i, known := index[f.Code]
		if !known {
			i = len(out)
			index[f.Code] = i
			out = append(out, kind{first: f})
		}
		out[i].n++
		if f.Signer != "" && !slices.Contains(out[i].signers, f.Signer) {
			out[i].signers = append(out[i].signers, f.Signer)
		}
	}
	return out
}

// text says what was found, where, and how often.
func (k kind) text() string {
	f := k.first
	if k.n == 1 {
		where := Quote(f.Path)
		if where == "" {
			where = Quote(strings.TrimSpace(f.Release + " " + f.Signer))
		}
		if where != "" {
			where += ": "
		}
		return where + Quote(f.Text)
	}
	who := ""
	if len(k.signers) > 0 {
		names := k.signers
		if len(names) > 6 {
			names = append(slices.Clone(names[:6]), fmt.Sprintf("%d more", len(k.signers)-6))
		}
		who = " by " + Quote(strings.Join(names, ", "))
	}
	return fmt.Sprintf("%s (%d times%s), such as %s: %s", strings.ReplaceAll(Quote(f.Code), "-", " "), k.n, who, Quote(f.Path), Quote(f.Text))
}

// clip keeps one finding from filling the screen: a name can have thousands of characters.
func (w *writer) clip(s string) string {
	if w.o.Verbose > 0 {
		return s
	}
	return cell(s, 600)
}

// wrap breaks text into lines with an indentation.
func (w *writer) wrap(s string, indent int) string {
	room := w.columns() - indent
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(s) {
		n := width(word)
		switch {
		case i == 0:
		case used+1+n > room:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = 0
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// own writes how the user's own build compares, or that there was none.
func (w *writer) own(d Document) {
	if d.Own == verify.NotRun {
		w.line("own build    not run: you trust the signers above. Compare a build of your own with --manifest res.yml")
		return
	}
	for _, p := range d.Platforms {
		if p.Own == verify.NotRun {
			continue
		}
		equal, differ := 0, []string{}
		for _, a := range p.Artifacts {
			switch a.Own {
			case verify.Matches:
				equal++
			case verify.Differs:
				differ = append(differ, a.Path)
			}
		}
		if p.Own == verify.Matches {
			w.line("own: matches %s: %s", platformName(p.Name), count(equal, "file"))
		} else {
			w.line("%s %s: %d match, %d differ: %s", w.o.paint(red, "own: differs"), platformName(p.Name), equal, len(differ), w.fit(differ, 40))
		}
		w.whyOwn(d, p.Name)
	}
}

// sources writes where evidence, keys and policy came from.
func (w *writer) sources(d Document) {
	at := ""
	if d.Repository.Commit != "" {
		at = fmt.Sprintf(" at %.12s (%s)", d.Repository.Commit, d.Repository.Time.UTC().Format(time.DateOnly))
	}
	w.line("attestations %s%s", Quote(d.Repository.Location), at)
	for _, k := range d.Keys {
		switch {
		case k.Problem != "":
			w.line("keys         %s: %s", w.o.paint(red, "not read "+Quote(k.Name)), Quote(k.Problem))
		case k.Commit != "":
			w.line("keys         %s at %.12s: %s", Quote(k.Name), Quote(k.Commit), count(k.Files, "file"))
		default:
			w.line("keys         %s: %s", Quote(k.Name), count(k.Files, "file"))
		}
	}
	if len(d.Keys) == 0 {
		w.line("keys         none: give them with --keys")
	}
	trust := fmt.Sprintf("%d pinned signers, %d must agree", len(d.Policy.Pins), d.Policy.Threshold)
	if d.Policy.AnyGiven {
		trust = fmt.Sprintf("every key you gave counts, %d must agree; nobody vetted these keys", d.Policy.Threshold)
	}
	w.line("policy       %s: %s; keys judged as of %s", Quote(d.Policy.Origin), trust, d.AsOf.UTC().Format(time.DateOnly))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "cy"); ok {
		return fmt.Sprintf("%d %scies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// platformName is a platform's name; old releases have none for linux.
func platformName(name string) string {
	if name == "" {
		return "(no suffix)"
	}
	return cell(name, 30)
}
