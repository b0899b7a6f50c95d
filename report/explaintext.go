package report

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/verify"
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
	asked := slices.ContainsFunc(d.Explanation.Platforms, func(p ExplainedPlatform) bool { return len(p.Subjects) > 0 })
	for _, p := range d.Explanation.Platforms {
		switch {
		case !asked:
			w.platform(p, *d.Explanation)
		case len(p.Subjects) > 0:
			w.subjects(p, *d.Explanation)
		}
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
	meant      map[string]bool // causes whose meaning was told
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
	w.line("%s  %s%s", w.o.paint(bold, cell(p.Release, 60)), disagreement(differ, differ+len(p.Agreed), p.Agreed), history)
	if w.o.Quiet {
		w.quiet(p)
		return
	}
	for _, o := range p.Oddities {
		w.oddity(o)
	}
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
		if len(s.Splits) == 0 {
			w.line("%s matches %s", w.member(s.Subject), Quote(p.Release))
		}
	}
	for _, s := range splits {
		for _, pair := range s.Pairs {
			w.line("  %s (%s): %s, %s", count(len(s.Artifacts), "file"), w.against(s, pair), Quote(pair.Causes[0].Title), confidence(pair.Causes[0]))
		}
	}
}

// against names both groups of a pair, the second first: it is the one in question.
func (w *writer) against(s ExplainedSplit, p ExplainedPair) string {
	name := func(letter string) string {
		for _, g := range s.Groups {
			if g.Letter == letter {
				return letter + " " + clipList(strings.Join(each(g.Signers, func(n string) string { return cell(n, 30) }), ", "), 36)
			}
		}
		return letter
	}
	return name(p.B) + " ≠ " + name(p.A)
}

// disagreement says in how many files signers differ.
func disagreement(differ, total int, agreed []string) string {
	switch {
	case total == 0:
		return "nobody's files could be compared"
	case differ == 0:
		return fmt.Sprintf("nothing to explain: all who list them agree on %s", count(total, "file"))
	}
	s := fmt.Sprintf("%d of %s %s", differ, count(total, "file"), verb(differ, "disagrees", "disagree"))
	if 0 < len(agreed) && len(agreed) <= 2 {
		s += fmt.Sprintf(" (%s agrees)", strings.Join(each(agreed, Quote), " and "))
	}
	return s
}

// oddity writes that one assertion does not fit.
func (w *explainer) oddity(o ExplainedOddity) {
	who := w.member(o.Member)
	w.line("%s  %s: %s", w.o.paint(yellow, "odd"), who, Quote(o.Cause.Title))
	for _, e := range o.Cause.Evidence {
		w.field("evidence", Quote(e.Text)+w.namesOf(e))
	}
	for _, a := range o.Cause.Advice {
		w.field("do", w.advice(a))
	}
}

// field writes a labelled text, wrapped under itself.
func (w *explainer) field(label, text string) { w.line("  %s %s", pad(label, 10), w.wrap(text, 13)) }

// split writes who stands where, and why each other group differs from the first.
func (w *explainer) split(s ExplainedSplit) {
	w.field("files", w.fit(shorten(s.Artifacts), 14))
	rows := make([][]string, len(s.Groups))
	for i, g := range s.Groups {
		rows[i] = []string{w.o.paint(bold, g.Letter), count(len(g.Signers), "signer"), w.signers(g), w.environment(s, g)}
	}
	w.groups(rows)
	for _, p := range s.Pairs {
		if p.A != s.Groups[0].Letter && p.B != s.Groups[0].Letter && !w.all { // a build against another odd one
			w.field(p.B+" ≠ "+p.A, fmt.Sprintf("most likely %s, %s", Quote(p.Causes[0].Title), confidence(p.Causes[0])))
			continue
		}
		w.pair(s, p)
	}
}

// groups writes the rows of groups, the age of their packages at the end, or below where names would have to be cut.
func (w *explainer) groups(rows [][]string) {
	counts, names, dates := 0, 0, 0
	for _, r := range rows {
		counts, names, dates = max(counts, width(r[1])), max(names, width(r[2])), max(dates, width(r[3]))
	}
	room := w.columns() - counts - 7
	below := names+2+dates > room
	if below {
		names = room
	}
	for _, r := range rows {
		w.line("  %s  %s  %s", r[0], pad(r[1], counts), pad(clipList(r[2], names), names)+map[bool]string{false: "  " + r[3]}[below])
		if below && r[3] != "" {
			w.line("     %s  %s", strings.Repeat(" ", counts), r[3])
		}
	}
}

// clipList cuts a list of names to a width between two names.
func clipList(s string, columns int) string {
	if width(s) <= columns {
		return s
	}
	tail := ""
	if i := strings.LastIndex(s, " (all "); i >= 0 && strings.HasSuffix(s, ")") {
		s, tail = s[:i], s[i:]
	}
	names := strings.Split(s, ", ")
	for n := len(names) - 1; n > 0; n-- {
		short := fmt.Sprintf("%s +%d%s", strings.Join(names[:n], ", "), len(names)-n, tail)
		if width(short) <= columns {
			return short
		}
	}
	return cell(names[0], columns)
}

// signers names a group's members, the verified first; what was replaced since and what is not verified is marked.
func (w *explainer) signers(g ExplainedGroup) string {
	members := slices.Clone(g.Members)
	slices.SortStableFunc(members, func(a, b Member) int {
		switch {
		case a.Verified != b.Verified:
			return boolOrder(a.Verified)
		case a.Replaced.IsZero() != b.Replaced.IsZero():
			return boolOrder(a.Replaced.IsZero())
		}
		return strings.Compare(strings.ToLower(a.Signer), strings.ToLower(b.Signer))
	})
	var names []string
	for _, m := range members {
		name := w.member(m)
		if g.Earlier {
			name = cell(m.Signer, 40)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	all := strings.Join(names, ", ")
	if g.Earlier {
		all += " (" + ended(members) + ")"
	}
	return all
}

// ended says when assertions that are no more were replaced or removed.
func ended(members []Member) string {
	first, last, removed, replaced := members[0].Replaced, members[0].Replaced, 0, 0
	for _, m := range members {
		if m.Removed {
			removed++
		} else {
			replaced++
		}
		if m.Replaced.Before(first) {
			first = m.Replaced
		}
		if m.Replaced.After(last) {
			last = m.Replaced
		}
	}
	word := "replaced"
	switch {
	case replaced == 0:
		word = "removed"
	case removed > 0:
		word = "replaced or removed"
	}
	if len(members) > 1 {
		word = "all " + word
	}
	if day(first) == day(last) {
		return word + " " + day(first)
	}
	return word + " " + day(first) + " … " + sameYear(first, last)
}

// member names an assertion by its signer.
func (w *explainer) member(m Member) string {
	if m.Own {
		return "your build"
	}
	name := cell(m.Signer, 40)
	if name == "" {
		name = cell(m.Path, 60)
	}
	switch {
	case !m.Replaced.IsZero():
		name += " (" + ended([]Member{m}) + ")"
	case !m.Verified:
		name += "?"
		w.unverified = true
	}
	return name
}

// environment says about when a group's build environment was put together, and how that relates to the first group's.
func (w *explainer) environment(s ExplainedSplit, g ExplainedGroup) string {
	e := g.Environment
	text := ""
	switch {
	case e.Mixed:
		return "packages of very different ages"
	case e.After.IsZero() && e.Before.IsZero():
		return ""
	case e.After.IsZero():
		text = "packages of before " + day(e.Before)
	case e.Before.IsZero():
		text = "packages of after " + day(e.After)
	case day(e.After) == day(e.Before):
		text = "packages of about " + day(e.After)
	default:
		text = "packages of about " + day(e.After) + " … " + sameYear(e.After, e.Before)
	}
	for _, p := range s.Pairs {
		if p.B == g.Letter && p.A == s.Groups[0].Letter {
			text += age(p.DirectionDays)
		}
	}
	return text
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// sameYear leaves the year out where it is that of an earlier day.
func sameYear(from, t time.Time) string {
	if from.Year() == t.Year() {
		return t.UTC().Format("01-02")
	}
	return day(t)
}

// age says how much older an environment is, in words.
func age(days int) string {
	word := "older"
	if days < 0 {
		days, word = -days, "newer"
	}
	switch {
	case days == 0:
		return ""
	case days < 14:
		return fmt.Sprintf(" (%s %s)", count(days, "day"), word)
	case days < 70:
		return fmt.Sprintf(" (%s %s)", count((days+3)/7, "week"), word)
	case days < 700:
		return fmt.Sprintf(" (%s %s)", count((days+15)/30, "month"), word)
	}
	return fmt.Sprintf(" (%s %s)", count((days+182)/365, "year"), word)
}

// pair writes why two groups differ.
func (w *explainer) pair(s ExplainedSplit, p ExplainedPair) {
	first := p.Causes[0]
	label := "most likely"
	if len(s.Pairs) > 1 {
		label = p.B + " ≠ " + p.A + "  most likely"
	}
	w.line("%s  %s  %s", w.o.paint(bold, label), w.o.paint(bold, Quote(first.Title)), confidence(first))
	w.means(first)
	w.cause(first, p)
	w.exonerated(p)
	w.history(p)
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

// toDo is an advice to those who have not followed it yet.
func (w *explainer) toDo(a Advice, p ExplainedPair, first bool) string {
	if p.Later != p.A || len(a.To) == 0 {
		return w.advice(a)
	}
	left := slices.DeleteFunc(slices.Clone(a.To), func(s string) bool { return slices.Contains(p.Resigned, s) })
	if len(left) > 0 {
		a.To = left
		return w.advice(a)
	}
	a.To = nil
	text := "whoever gets the files of " + p.B + " today: " + w.advice(a)
	if first {
		text = "nothing any more; " + text
	}
	return text
}

// meaning says in plain words what a cause is, for a reader who meets it for the first time.
var meaning = map[verify.CauseID]string{
	verify.PackageDrift:     "the distribution updated these packages between the builds; another compiler or tool makes other bytes of the same source",
	verify.Toolchain:        "the tools that compile were not the same, though the recorded packages do not say why",
	verify.StaleCache:       "a builder keeps the libraries it has built and uses them again; these were built before something changed, and should have been built anew",
	verify.PollutedBase:     "the build environment had more installed than the recipe asks for; configure scripts find it and build something else",
	verify.UpstreamArtifact: "this step starts from the files of an earlier one, and those differ already; it cannot come out the same",
	verify.OtherCommit:      "they built different source code",
	verify.OtherDescriptor:  "they followed different recipes",
	verify.InputFile:        "a file that goes into the build is not the same",
	verify.Nondeterminism:   "the build itself gives other bytes each time, by threads, times or addresses that slip in",
	verify.HostEnvironment:  "the kind of machine or container shows in the result",
}

// means says what a cause is, once.
func (w *explainer) means(c Cause) {
	if text := meaning[verify.CauseID(c.ID)]; text != "" && !w.meant[c.ID] {
		w.field("that is", text)
		w.meant[c.ID] = true
	}
}

// compare names the command that shows every difference between the two groups.
func (w *explainer) compare(s ExplainedSplit, p ExplainedPair) {
	a, b := located(s, p.A), located(s, p.B)
	if a != "" && b != "" && (w.all || w.o.Verbose > 0) {
		w.line("  %s gverify diff %s %s", pad("see all", 10), a, b)
	}
}

// located names an assertion of a group as gverify diff takes it: standing ones by path, others by the id of their content.
func located(s ExplainedSplit, letter string) string {
	var best string
	for _, g := range s.Groups {
		if g.Letter != letter {
			continue
		}
		for _, m := range g.Members {
			switch {
			case m.Replaced.IsZero() && m.Path != "" && !strings.ContainsAny(m.Path, " '\"\\$&;|<>`"):
				return Quote(m.Path)
			case best == "" && len(m.Blob) == 40:
				best = m.Blob[:12]
			}
		}
	}
	return best
}

func confidence(c Cause) string {
	s := fmt.Sprintf("%s (%d %%)", c.Word, c.Confidence)
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
				w.field("do", w.advice(a))
			}
		case c.Confidence >= likely:
			w.field("or it is", fmt.Sprintf("%s, %s (%d %%)", Quote(c.Title), c.Word, c.Confidence))
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
	left, doubted := 0, 0
	strongest := c.Evidence[0].Weight
	for _, e := range c.Evidence {
		isDrift := e.Kind == string(verify.PackageEvidence)
		switch {
		case isDrift && !w.all && (len(rows) >= 5 || e.Weight < strongest/8):
			left += len(e.Names)
		case isDrift:
			rows = append(rows, w.drifted(e, p))
			if e.Doubt != "" {
				doubted++
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
	if len(rows) > 0 && doubted < len(rows) {
		texts = append(texts, fmt.Sprintf("%s of these packages %s on both sides", "no version", "stands"))
	}
	if len(texts) > 0 {
		w.field("evidence", strings.Join(texts, "; "))
	}
}

// drifted is the row of an update: its best known package, the versions on both sides, how many packages moved with it.
func (w *explainer) drifted(e Evidence, p ExplainedPair) []string {
	moved := ""
	if n := len(e.Names); n > 1 {
		moved = fmt.Sprintf("%d packages", n)
	}
	if e.Doubt != "" {
		moved = strings.TrimSpace(moved + "   but " + Quote(e.Doubt))
	}
	name := cell(e.Factor, 30)
	return []string{"  " + name, p.A + " " + versions(e.A), p.B + " " + versions(e.B), moved}
}

// versions are the versions of one side.
func versions(all []string) string {
	switch {
	case len(all) == 0 || len(all) == 1 && all[0] == "":
		return "none"
	case len(all) == 1:
		return cell(all[0], 40)
	}
	return fmt.Sprintf("%s … %s", cell(all[0], 24), cell(all[len(all)-1], 24))
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
	var names, others []string
	packages := 0
	for _, e := range p.Exonerated {
		if e.Kind == string(verify.PackageEvidence) {
			packages += len(e.Names)
			names = append(names, Quote(e.Names[0]))
		} else {
			others = append(others, Quote(e.Names[0]))
		}
	}
	most := 3
	if w.all {
		most = len(names) + len(others)
	}
	var parts []string
	if packages > 0 {
		parts = append(parts, fmt.Sprintf("%s that %s too (%s)", count(packages, "package"), verb(packages, "differs", "differ"), firstOf(names, most)))
	}
	if len(others) > 0 {
		parts = append(parts, fmt.Sprintf("%s (%s)", count(len(others), "other difference"), firstOf(others, most)))
	}
	w.field("not guilty", fmt.Sprintf("%s: builders with the same files differ in %s as well", strings.Join(parts, ", and "), verb(packages+len(others), "it", "them")))
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
	w.field("history", fmt.Sprintf("%s built again later and got the files of %s", who, p.Later))
}

// list names signers, cut to what a reader can take in.
func (w *explainer) list(names []string) string {
	shown := each(names, func(s string) string { return cell(s, 40) })
	if len(shown) > 6 && w.o.Verbose == 0 {
		shown = append(slices.Clone(shown[:5]), fmt.Sprintf("%d more", len(names)-5))
	}
	if n := len(shown); n > 1 {
		return strings.Join(shown[:n-1], ", ") + " and " + shown[n-1]
	}
	return strings.Join(shown, "")
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

// yourBuild is what an own build is called among signers.
const yourBuild = "your build"

// subject writes how one build compares with every group.
func (w *explainer) subject(p ExplainedPlatform, s ExplainedSubject) {
	name := w.member(s.Subject)
	if s.Subject.Own {
		name += " " + cell(s.Subject.Path, 60)
	}
	where := cell(p.Release, 60)
	if len(s.Splits) == 0 {
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
	w.field("harmless", "no other builder had its "+strings.Join(names, ", ")+"; the files came out the same, so that did not matter")
}

// notes explain the marks, and what an explanation is not.
func (w *explainer) notes(d Document) {
	if w.unverified {
		w.line("?  not verified: no key that is at hand vouches for it. It helps to explain, it never counts")
	}
	if !d.Explanation.Index {
		w.line("history      not at hand: other releases and the dates of packages could not help")
	}
	w.line("A cause is a lead, not a proof: it is what was recorded and differs without exception.")
}
