package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Options say how much is written and how.
type Options struct {
	Verbose int  // 1: fingerprints, hashes, key provenance, every finding
	Quiet   bool // the verdict line only
	Color   bool // text: ANSI colours; they never carry meaning alone
	Width   int  // text: columns, 0: 100
	Limit   int  // Markdown: bytes, 0: CommentLimit
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

// writer writes lines, which no CI system takes for commands, and keeps the first error.
type writer struct {
	w   io.Writer
	o   Options
	err error
}

func (w *writer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.w, logLine(strings.TrimRight(fmt.Sprintf(format, args...), " ")))
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
	w.line("not proven   %s", w.clip(d.NotProven))
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
		own = " " + ownMatches(d)
	case verify.Differs:
		own = " " + w.o.paint(red, "YOUR OWN BUILD DIFFERS.")
	}
	alarms := ""
	if n := alarmsOf(d); w.o.Quiet && n > 0 {
		alarms = fmt.Sprintf(" (%s: see the whole report)", count(n, "alarm"))
	}
	w.line("%s %s: %s. %s%s%s", Quote(d.Project.Title), Quote(d.Version), w.o.paint(c, word), sentence(Quote(d.Grounds)), own, alarms)
}

func alarmsOf(d Document) int {
	n := 0
	for _, f := range d.Findings {
		if f.Severity == sigs.Alarm {
			n++
		}
	}
	return n
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return capital(s)
	}
	return capital(s) + "."
}

// capital begins with a capital letter; bytes that are no UTF-8 stay as they are.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
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
				w.line("    %s  %-28s %s", cell(g.Letter, 6), fmt.Sprintf("%s, %d of them trusted", count(len(names), "signer"), len(g.Voters)), w.fit(names, 40))
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
	where := Quote(f.Path)
	if where == "" {
		where = Quote(strings.TrimSpace(f.Release + " " + f.Signer))
	}
	if where != "" {
		where += ": "
	}
	if k.n == 1 {
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
	return fmt.Sprintf("%s (%d times%s), such as %s%s", strings.ReplaceAll(Quote(f.Code), "-", " "), k.n, who, where, Quote(f.Text))
}

// clip keeps one finding from filling the screen: a name can have thousands of characters.
func (w *writer) clip(s string) string {
	if w.o.Verbose > 0 {
		return Quote(s)
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
