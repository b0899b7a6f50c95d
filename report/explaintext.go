package report

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// likely is how many per cent of confidence a cause needs to be named beside the first.
const likely = 10

// ExplainText writes why the signers of a release differ, for a person: per set of files who stands where, the most likely cause,
// what speaks for it and what does not, and what to do. With all every cause is written.
func ExplainText(out io.Writer, d Document, all bool, o Options) error {
	w := &explainer{writer: &writer{w: out, o: o}, all: all, meant: map[string]bool{}}
	if d.Explanation == nil {
		w.line("Nothing was explained.")
		return w.err
	}
	told := map[string]bool{}
	asked := slices.ContainsFunc(d.Explanation.Platforms, func(p ExplainedPlatform) bool { return len(p.Subjects) > 0 })
	for _, p := range d.Explanation.Platforms {
		switch {
		case !asked && len(p.Agreed)+len(p.Splits) == 0 && told[p.Release]: // guix: its files were told with another one's
		case !asked:
			w.platform(p, *d.Explanation)
		case len(p.Subjects) > 0:
			w.subjects(p, *d.Explanation)
		}
		told[p.Release] = true
	}
	if o.Quiet {
		return w.err
	}
	w.notes(d)
	return w.err
}

// explainer writes explanations.
type explainer struct {
	*writer
	all        bool
	unverified bool            // a ? was written
	explained  bool            // a cause was
	meant      map[string]bool // causes whose meaning was told
	you        string          // letter of the group that is one's own build alone, in the split being written
}

func (w *explainer) platform(p ExplainedPlatform, e Explained) {
	differ := 0
	for _, s := range p.Splits {
		differ += len(s.Artifacts)
	}
	history := ""
	if e.History {
		history = ", replaced attestations included"
	}
	w.line("%s  %s%s", w.o.paint(bold, p.title()), disagreement(differ, differ+len(p.Agreed), p.Agreed)+misfits(p), history)
	if w.o.Quiet {
		w.quiet(p)
		return
	}
	w.oddities(p.Oddities)
	for i, s := range p.Splits {
		if len(p.Splits) > 1 {
			w.line("")
			w.line("%s %d of %d: %s", w.o.paint(bold, "difference"), i+1, len(p.Splits), count(len(s.Artifacts), "file"))
		}
		w.split(s)
	}
	w.line("")
}

// subjects writes how what was asked about compares with every group of a platform; how the others differ among each other is
// another question.
func (w *explainer) subjects(p ExplainedPlatform, e Explained) {
	if w.o.Quiet {
		w.quiet(p)
		return
	}
	for _, s := range p.Subjects {
		w.subject(p, s)
	}
	if len(p.Splits) > 0 {
		differ := 0
		for _, s := range p.Splits {
			differ += len(s.Artifacts)
		}
		w.field("others", fmt.Sprintf("the signers differ from each other as well, in %d of %s:  gverify explain %s", differ, count(differ+len(p.Agreed), "file"), Quote(path.Base(p.Release))))
	}
	w.line("")
}

// quiet writes one line per pair of groups.
func (w *explainer) quiet(p ExplainedPlatform) {
	splits := p.Splits
	if len(p.Subjects) > 0 {
		splits = nil
	}
	for _, s := range p.Subjects {
		splits = append(splits, s.Splits...)
		switch {
		case len(s.Splits) > 0:
		case len(s.Oddities) > 0:
			w.line("%s matches %s in part: %s", w.member(s.Subject), Quote(p.Release), Quote(s.Oddities[0].Title))
		default:
			w.line("%s matches %s", w.member(s.Subject), Quote(p.Release))
		}
	}
	for _, s := range splits {
		for _, pair := range s.Pairs {
			w.line("  %s (%s): %s, %s", count(len(s.Artifacts), "file"), w.against(s, pair), Quote(pair.Causes[0].Title), confidence(pair.Causes[0]))
		}
	}
}

// disagreement says in how many files signers differ.
func disagreement(differ, total int, agreed []string) string {
	switch {
	case total == 0:
		return "nobody's files could be compared"
	case differ == 0:
		return fmt.Sprintf("all who list them agree on %s", count(total, "file"))
	}
	s := fmt.Sprintf("%d of %s %s", differ, count(total, "file"), verb(total, "disagrees", "disagree"))
	if 0 < len(agreed) && len(agreed) <= 2 {
		s += fmt.Sprintf(" (%s %s)", strings.Join(each(agreed, Quote), " and "), verb(len(agreed), "agrees", "agree"))
	}
	return s
}

// misfits says that nothing, or only what does not fit, is left to explain where everybody agrees.
func misfits(p ExplainedPlatform) string {
	n := len(p.Oddities)
	switch {
	case len(p.Splits) > 0:
		return ""
	case n == 0:
		return ": nothing to explain"
	}
	return fmt.Sprintf(", but %s %s not fit", count(n, "attestation"), verb(n, "does", "do"))
}

// title is the release directory, and the platform where several share one.
func (p ExplainedPlatform) title() string {
	title := cell(p.Release, 60)
	if p.Platform != "" && !strings.Contains(p.Release, p.Platform) {
		title += " " + cell(p.Platform, 30)
	}
	return title
}

// oddities writes the assertions that do not fit. Without all, those of one signer with one fault count as one, and of many only
// the first are written: anybody may publish thousands.
func (w *explainer) oddities(all []ExplainedOddity) {
	type fault struct {
		signer, id, title string
		replaced          bool
	}
	faultOf := func(o ExplainedOddity) fault {
		return fault{o.Member.Signer, o.Cause.ID, o.Cause.Title, !o.Member.Replaced.IsZero()}
	}
	number := map[fault]int{}
	for _, o := range all {
		number[faultOf(o)]++
	}
	written, left := 0, 0
	for _, o := range all {
		n := number[faultOf(o)]
		switch {
		case w.all:
			w.oddity(o)
		case n == 0: // counted with the first
		case written == mostLines:
			left += n
		default:
			w.oddity(o)
			if n > 1 {
				w.field("and", fmt.Sprintf("%s of %s with this fault: --all", count(n-1, "more attestation"), cell(o.Member.Signer, 40)))
			}
			written++
		}
		number[faultOf(o)] = 0
	}
	if left > 0 {
		w.line("%s  %s that %s not fit: --all", w.o.paint(yellow, "odd"), count(left, "more attestation"), verb(left, "does", "do"))
	}
}

// oddity writes that one assertion does not fit.
func (w *explainer) oddity(o ExplainedOddity) {
	w.explained = true
	who := w.member(o.Member)
	w.line("%s  %s: %s", w.o.paint(yellow, "odd"), who, Quote(o.Cause.Title))
	for _, e := range o.Cause.Evidence {
		w.field("evidence", Quote(e.Text)+w.namesOf(e))
	}
	if !o.Member.Replaced.IsZero() {
		return // nobody has to do anything about it any more
	}
	for _, a := range o.Cause.Advice {
		w.field("do", w.advice(a))
	}
}

// field writes a labelled text, wrapped under itself.
func (w *explainer) field(label, text string) { w.line("  %s %s", pad(label, 10), w.wrap(text, 13)) }

// subject writes how one build compares with every group.
func (w *explainer) subject(p ExplainedPlatform, s ExplainedSubject) {
	name := w.member(s.Subject)
	if s.Subject.Own {
		name += " " + cell(s.Subject.Path, 60)
	}
	where := p.title()
	if len(s.Splits) == 0 && len(s.Oddities) > 0 {
		w.line("%s  %s: in %s that most signers list too", where, w.o.paint(yellow, name+" matches in part"), count(len(s.Matches), "file"))
		w.harmless(s.Harmless)
	} else if len(s.Splits) == 0 {
		w.line("%s  %s: all %s are those of most signers", where, w.o.paint(green, name+" matches"), count(len(s.Matches), "file"))
		w.harmless(s.Harmless)
	} else {
		differ := 0
		for _, x := range s.Splits {
			differ += len(x.Artifacts)
		}
		w.line("%s  %s: %d of %s", where, w.o.paint(red, name+" differs"), differ, count(differ+len(s.Matches), "file"))
	}
	for _, c := range s.Oddities {
		w.oddity(ExplainedOddity{s.Subject, c})
	}
	for _, x := range s.Splits {
		w.split(x)
	}
}

// harmless writes the differences of a build that matches: they turned out not to matter.
func (w *explainer) harmless(all []Evidence) {
	if len(all) == 0 {
		return
	}
	var names []string
	for _, e := range all {
		names = append(names, Quote(e.Factor))
	}
	if len(names) > 8 && !w.all {
		names = append(names[:8:8], fmt.Sprintf("%d more", len(all)-8))
	}
	w.field("harmless", "most builders with the same files had another "+strings.Join(names, ", ")+", or none; the files came out the same, so that did not matter")
}

// notes explain the marks, and what an explanation is not.
func (w *explainer) notes(d Document) {
	for _, f := range d.Findings { // about the history, not about the release
		if f.Severity != sigs.Note && (strings.HasPrefix(f.Code, "history-") || strings.HasPrefix(f.Code, "repository-")) {
			mark := map[sigs.Severity]string{sigs.Alarm: w.o.paint(red, "ALARM") + " "}[f.Severity]
			w.line("%s%s", mark, w.wrap(Quote(f.Text), 0))
			w.line("  next: %s", w.wrap(Quote(f.Next), 8))
		}
	}
	remark := func(label, text string) { w.line("%s  %s", label, w.wrap(text, width(label)+2)) }
	if w.unverified {
		remark("?", "not verified: no key that is at hand vouches for it. It helps to explain, it never counts")
	}
	if !d.Explanation.Index {
		remark("history", "not at hand: other releases and the dates of packages could not help")
	}
	if w.explained {
		remark("note", "a cause is a lead, not a proof: it is what was recorded and differs without exception")
	}
}
