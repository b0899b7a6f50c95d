package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/verify"
)

// pair writes why two groups differ.
func (w *explainer) pair(s ExplainedSplit, p ExplainedPair) {
	w.explained = true
	first := p.Causes[0]
	label := "most likely"
	if len(s.Pairs) > 1 {
		label = w.letter(p.B) + " ≠ " + w.letter(p.A) + "  most likely"
	}
	title, sure := Quote(first.Title), confidence(first)
	if width(label)+width(title)+width(sure)+4 > w.columns() {
		w.line("%s  %s", w.o.paint(bold, label), w.o.paint(bold, w.wrap(title, width(label)+2)))
		w.field("how sure", sure)
	} else {
		w.line("%s  %s  %s", w.o.paint(bold, label), w.o.paint(bold, title), sure)
	}
	w.means(first, p)
	w.cause(first, p)
	w.exonerated(p)
	w.history(p)
	for _, g := range s.Groups {
		if (g.Letter == p.A || g.Letter == p.B) && !slices.ContainsFunc(g.Members, func(m Member) bool { return !m.Bad }) {
			w.field("note", "the signature of "+g.Letter+" does not match its file: it may have been changed after it was signed, and then there is no other cause")
		}
	}
	if p.OneToOne {
		w.field("note", "one build against one: nothing can be exonerated, and nobody can say which of the two is right")
	}
	w.advise(p)
	w.compare(s, p)
	w.rest(p)
}

// advise writes what to do about a pair: the best advice first. What was put right already is for others to learn from.
func (w *explainer) advise(p ExplainedPair) {
	for i, a := range p.Causes[0].Advice {
		label := "or"
		if i == 0 {
			label = "do"
		}
		w.field(label, w.toDo(a, p, i == 0))
	}
}

// asked words what many others could do, for one whose own build differs, as a question to them: it is not his to decide.
func (w *explainer) asked(a Advice, p ExplainedPair) (string, bool) {
	own := slices.ContainsFunc(p.Causes, func(c Cause) bool {
		return slices.ContainsFunc(c.Advice, func(a Advice) bool { return slices.Contains(a.To, yourBuild) })
	})
	if a.Remedy != string(verify.AskToRebuild) || !own || len(a.To) == 0 || slices.Contains(a.To, yourBuild) {
		return "", false
	}
	return "ask " + w.list(a.To) + " to " + Quote(a.Do), true
}

// toDo is an advice to those who have not followed it yet.
func (w *explainer) toDo(a Advice, p ExplainedPair, first bool) string {
	if text, ok := w.asked(a, p); ok {
		return text
	}
	if p.Later != p.A || len(a.To) == 0 {
		return w.advice(a)
	}
	left := slices.DeleteFunc(slices.Clone(a.To), func(s string) bool { return slices.Contains(p.Resigned, s) })
	if len(left) > 0 {
		a.To = left
		return w.advice(a)
	}
	a.To = nil
	text := "whoever gets the files of " + w.letter(p.B) + " today: " + w.advice(a)
	if first {
		text = "nothing any more; " + text
	}
	return text
}

// meaning says in plain words what a cause is, for a reader who meets it for the first time.
var meaning = map[verify.CauseID]string{
	verify.PackageDrift:     "the distribution updated these packages between the builds; another compiler or tool makes other bytes of the same source",
	verify.PackageFile:      "a package has the same name and version but other contents: it came from another place, or somebody changed it",
	verify.Toolchain:        "the tools that compile were not the same, though the recorded packages do not say why",
	verify.StaleCache:       "a builder keeps the libraries it has built and uses them again; these were built before something changed, and should have been built anew",
	verify.PollutedBase:     "the build environment had more installed than the recipe asks for; configure scripts find it and build something else",
	verify.UpstreamArtifact: "this step starts from a file that an earlier build gave out, and the two did not start from the same one; it cannot come out the same",
	verify.OtherCommit:      "they built different source code",
	verify.OtherDescriptor:  "they followed different recipes",
	verify.InputFile:        "a file that goes into the build is not the same",
	verify.Nondeterminism:   "the build itself gives other bytes each time, by threads, times or addresses that slip in",
	verify.HostEnvironment:  "the kind of machine or container shows in the result",
}

// means says what a cause is, once.
func (w *explainer) means(c Cause, p ExplainedPair) {
	id, text := c.ID, meaning[verify.CauseID(c.ID)]
	if e := c.Evidence[0]; e.Kind == string(verify.PackageEvidence) && id == string(verify.PackageDrift) && w.unlisted(e, p) != "" {
		id, text = id+" none", "one side lists packages that the other does not; without them, or with others in their place, the build makes other bytes"
	}
	if text != "" && !w.meant[id] {
		w.field("that is", text)
		w.meant[id] = true
	}
}

// compare names the command that shows every difference between the two groups.
func (w *explainer) compare(s ExplainedSplit, p ExplainedPair) {
	like := "" // whose packages to take: the command lists them
	for _, a := range p.Causes[0].Advice {
		if a.Remedy == string(verify.RebuildPinned) {
			like = a.Like
		}
	}
	a, b := located(s, p.A, like), located(s, p.B, "")
	if a != "" && b != "" && (w.all || w.o.Verbose > 0 || like != "") {
		w.line("  %s gverify diff %s %s", pad("see all", 10), a, b)
	}
}

func confidence(c Cause) string {
	s := fmt.Sprintf("%s (%d %%)", Quote(c.Word), c.Confidence)
	if c.Claimed {
		s += ", from files that are not verified"
	}
	return s
}

// rest writes the causes after the first.
func (w *explainer) rest(p ExplainedPair) {
	hidden := 0
	for _, c := range p.Causes[1:] {
		switch {
		case w.all:
			w.line("  %s %s  %s", pad("or it is", 10), w.o.paint(bold, Quote(c.Title)), confidence(c))
			w.cause(c, p)
			for _, a := range c.Advice {
				text, ok := w.asked(a, p)
				if !ok {
					text = w.advice(a)
				}
				w.field("do", text)
			}
		case c.Confidence >= likely:
			w.field("or it is", fmt.Sprintf("%s, %s (%d %%)", Quote(c.Title), Quote(c.Word), c.Confidence))
		default:
			hidden++
		}
	}
	if hidden > 0 && w.o.Verbose > 0 {
		w.field("", count(hidden, "less likely cause")+": --all")
	}
}

// cause writes the evidence of a cause: packages as a table, the rest as text.
func (w *explainer) cause(c Cause, p ExplainedPair) {
	var rows [][]string
	var texts []string
	var doubts []string
	left, doubted, gone := 0, 0, 0
	strongest := c.Evidence[0].Weight
	for _, e := range c.Evidence {
		isDrift := e.Kind == string(verify.PackageEvidence)
		switch {
		case isDrift && !w.all && (len(rows) >= 5 || e.Weight < strongest/8):
			left += len(e.Names)
			if e.Doubt != "" {
				doubted++
			}
		case isDrift:
			rows = append(rows, w.drifted(e, p))
			if text := w.unlisted(e, p); text != "" {
				texts, gone = append(texts, text), gone+1
			}
			if e.Doubt != "" {
				doubts = append(doubts, cell(e.Factor, 30)+": "+Quote(e.Doubt))
			}
		default:
			texts = append(texts, about(e)+Quote(e.Text)+w.namesOf(e)+doubt(e))
		}
	}
	w.columnsOf(rows)
	if left > 0 {
		w.line("    and %s of less weight: --all", count(left, "other package"))
	}
	if same := sameWords(p.Same); same != "" {
		texts = append(texts, same)
	}
	if len(rows) > gone {
		texts = append(texts, "no version of these packages stands on both sides")
	}
	if len(texts) > 0 {
		w.field("evidence", strings.Join(texts, "; "))
	}
	if doubted > 0 && len(doubts) > 0 {
		doubts = append(doubts, fmt.Sprintf("and %d of those not shown %s in doubt too: --all", doubted, verb(doubted, "is", "are")))
	}
	if len(doubts) > 0 {
		w.field("but", strings.Join(doubts, "; "))
	}
}

// unlisted says that one side does not list a package at all.
func (w *explainer) unlisted(e Evidence, p ExplainedPair) string {
	none := func(all []string) bool { return !slices.ContainsFunc(all, func(v string) bool { return v != "" }) }
	switch {
	case none(e.B):
		return w.side(p.B) + " lists no " + cell(e.Factor, 30)
	case none(e.A):
		return w.side(p.A) + " lists no " + cell(e.Factor, 30)
	}
	return ""
}

// drifted is the row of an update: its best known package, the versions on both sides, how many packages moved with it.
func (w *explainer) drifted(e Evidence, p ExplainedPair) []string {
	moved := ""
	if n := len(e.Names); n > 1 {
		moved = fmt.Sprintf("%d packages", n)
	}
	return []string{"  " + cell(e.Factor, 30), w.letter(p.A) + " " + versions(e.A), w.letter(p.B) + " " + versions(e.B), moved}
}

// versions are the versions of one side.
func versions(all []string) string {
	if listed := slices.DeleteFunc(slices.Clone(all), func(v string) bool { return v == "" }); len(listed) > 0 && len(listed) < len(all) {
		return "none or " + versions(listed) // some list no such package
	} else if all = listed; len(all) == 0 {
		return "none"
	}
	switch {
	case len(all) == 1:
		return cell(all[0], 40)
	}
	first, last := all[0], all[len(all)-1]
	told := 0 // both begin with it, up to a full stop
	for i := 0; i < min(len(first), len(last)) && first[i] == last[i]; i++ {
		if first[i] == '.' {
			told = i
		}
	}
	last = last[told:]
	return fmt.Sprintf("%s … %s", cell(first, 30), cell(last, 24))
}

// namesOf lists what a piece of evidence is about.
func (w *explainer) namesOf(e Evidence) string {
	names := e.Names
	if len(names) == 0 || len(names) == 1 && strings.Contains(e.Text, names[0]) || !w.all && strings.Contains(e.Text, names[0]) {
		return ""
	}
	if len(names) > 6 && !w.all && w.o.Verbose == 0 {
		return fmt.Sprintf(" (%s, %d more)", strings.Join(each(names[:5], Quote), ", "), len(names)-5)
	}
	return " (" + strings.Join(each(names, Quote), ", ") + ")"
}

// about names the input a piece of evidence is about, where its text does not.
func about(e Evidence) string {
	if e.Kind != string(verify.InputEvidence) || strings.Contains(e.Text, e.Factor) {
		return ""
	}
	return "input " + Quote(e.Factor) + ": "
}

func doubt(e Evidence) string {
	if e.Doubt == "" {
		return ""
	}
	return ", but " + Quote(e.Doubt)
}

func sameWords(same []string) string {
	same = each(same, Quote)
	switch len(same) {
	case 0:
		return ""
	case 1:
		return "both have the same " + same[0]
	}
	return "both have the same " + strings.Join(same[:len(same)-1], ", ") + " and " + same[len(same)-1]
}

// exonerated writes what differs and cannot be the cause.
func (w *explainer) exonerated(p ExplainedPair) {
	if len(p.Exonerated) == 0 {
		return
	}
	by := map[string][]string{} // names by what they are
	number := map[string]int{}
	for _, e := range p.Exonerated {
		what := map[string]string{string(verify.PackageEvidence): "package", string(verify.CacheEvidence): "cached dependency"}[e.Kind]
		names := slices.DeleteFunc(slices.Clone(e.Names), func(n string) bool { return n == "download-stamps" })
		if what == "" {
			what, names = "other difference", e.Names[:1]
		}
		number[what] += len(names)
		if what == "package" && len(names) > 1 {
			names = names[:1]
		}
		by[what] = append(by[what], names...)
	}
	var parts []string
	for _, what := range []string{"other difference", "package", "cached dependency"} {
		if number[what] == 0 {
			continue
		}
		most := 3
		if w.all {
			most = len(by[what])
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", count(number[what], what), firstOf(each(by[what], Quote), most)))
	}
	if len(parts) > 0 {
		w.field("not guilty", strings.Join(parts, ", ")+": they differ too, but builders with the same files differ in them as well")
	}
}

// firstOf lists the first names, the rest as a count.
func firstOf(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " …"
}

// history writes who built again and where he is now.
func (w *explainer) history(p ExplainedPair) {
	if len(p.Resigned) == 0 {
		return
	}
	who := w.list(p.Resigned)
	if p.Later == "" {
		w.field("history", who+" "+verb(len(p.Resigned), "stands", "stand")+" in both, at different times")
		return
	}
	w.field("history", fmt.Sprintf("%s built again later and got the files of %s", who, w.letter(p.Later)))
}

// advice is one imperative sentence with an addressee.
func (w *explainer) advice(a Advice) string {
	s := Quote(a.Do)
	if len(a.To) > 0 && !slices.Equal(a.To, []string{yourBuild}) {
		to := slices.Clone(a.To)
		if i := slices.Index(to, yourBuild); i >= 0 {
			to[i] = "you"
		}
		s = w.list(to) + ": " + s
	}
	if a.About != "" {
		s += fmt.Sprintf("  (gverify explain %s)", Quote(a.About))
	}
	return s
}
