package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

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

// split writes who stands where, and why each other group differs from the first.
func (w *explainer) split(s ExplainedSplit) {
	w.field("files", w.fit(shorten(s.Artifacts), 14))
	s, groups := w.shown(s)
	w.you = ""
	for _, g := range s.Groups {
		if len(g.Members) == 1 && g.Members[0].Own {
			w.you = g.Letter
		}
	}
	rows := make([][]string, len(s.Groups))
	for i, g := range s.Groups {
		rows[i] = []string{w.letter(g.Letter), count(len(g.Signers), "signer"), w.signers(g), w.environment(s, g)}
	}
	w.groups(rows)
	if groups > 0 {
		w.field("", fmt.Sprintf("and %s with other files: --all", count(groups, "more group")))
	}
	if w.o.Verbose > 0 {
		for _, g := range s.Groups {
			w.details(s, g)
		}
	}
	for _, p := range s.Pairs {
		if p.A != s.Groups[0].Letter && p.B != s.Groups[0].Letter && !w.all { // a build against another odd one
			w.field(w.letter(p.B)+" ≠ "+w.letter(p.A), fmt.Sprintf("most likely %s, %s", Quote(p.Causes[0].Title), confidence(p.Causes[0])))
			continue
		}
		w.pair(s, p)
	}
}

// shown leaves out the groups after the first ones, and what tells them apart, unless all are wanted or few pairs are asked for.
func (w *explainer) shown(s ExplainedSplit) (_ ExplainedSplit, left int) {
	if w.all || len(s.Groups) <= mostLines {
		return s, 0
	}
	s.Pairs = s.Pairs[:min(len(s.Pairs), mostLines-1)]
	total, i := len(s.Groups), -1
	s.Groups = slices.DeleteFunc(slices.Clone(s.Groups), func(g ExplainedGroup) bool {
		i++
		return i >= mostLines && !slices.ContainsFunc(s.Pairs, func(p ExplainedPair) bool { return g.Letter == p.A || g.Letter == p.B })
	})
	return s, total - len(s.Groups)
}

// groups writes the rows of groups, the age of their packages at the end, or below where names would have to be cut.
func (w *explainer) groups(rows [][]string) {
	letters, counts, names, dates := 0, 0, 0, 0
	for _, r := range rows {
		letters, counts, names, dates = max(letters, width(r[0])), max(counts, width(r[1])), max(names, width(r[2])), max(dates, width(r[3]))
	}
	room := w.columns() - letters - counts - 6
	below := names+2+dates > room
	if below {
		names = room
	}
	for _, r := range rows {
		w.line("  %s  %s  %s", w.o.paint(bold, r[0])+strings.Repeat(" ", letters-width(r[0])), pad(r[1], counts), pad(clipList(r[2], names), names)+map[bool]string{false: "  " + r[3]}[below])
		if below && r[3] != "" {
			w.line("    %s  %s", strings.Repeat(" ", letters+counts), r[3])
		}
	}
}

// details writes what is left out for a first look: digests, each assertion with its git id, and which packages date a group.
func (w *explainer) details(s ExplainedSplit, g ExplainedGroup) {
	for i, digest := range g.Digests {
		if i < len(s.Artifacts) {
			w.line("     %s  %s  %s", g.Letter, Quote(digest), Quote(s.Artifacts[i]))
		}
	}
	for _, m := range g.Members {
		came, blob := "", ""
		if len(m.Blob) == 40 {
			blob = "  content " + Quote(m.Blob[:12])
		}
		if !m.Came.IsZero() {
			came = "  came " + day(m.Came)
		}
		w.line("     %s  %s%s%s  %s", g.Letter, w.member(m), blob, came, Quote(m.Path))
	}
	if b := g.Environment.AfterBy; b != nil {
		w.line("     %s  has %s %s, seen first on %s: its packages are not older", g.Letter, cell(b.Package, 40), cell(b.Version, 40), day(b.Seen))
	}
	if b := g.Environment.BeforeBy; b != nil {
		w.line("     %s  has %s %s, and %s was seen on %s: they are not newer", g.Letter, cell(b.Package, 40), cell(b.Version, 40), cell(b.Successor, 40), day(b.Seen))
	}
}

// clipList cuts a list of names to a width between two names.
func clipList(s string, columns int) string {
	if width(s) <= columns {
		return s
	}
	tail := ""
	if i := max(strings.LastIndex(s, " (all "), strings.LastIndex(s, " (both ")); i >= 0 && strings.HasSuffix(s, ")") {
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
	switch {
	case len(members) == 2:
		word = "both " + word
	case len(members) > 2:
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
	case m.Bad:
		name += " (bad signature)"
	case !m.Verified:
		name += "?"
		w.unverified = true
	}
	return name
}

// environment says about when a group's oldest build environment was put together, and its newest where that is another time, and
// how that relates to the first group's.
func (w *explainer) environment(s ExplainedSplit, g ExplainedGroup) string {
	if g.Environment.Mixed {
		return "packages of very different ages"
	}
	text := window(g.Environment)
	if text == "" {
		return ""
	}
	text = "packages of " + text
	if newest := window(g.Newest); newest != "" && newest != window(g.Environment) {
		text += ", the newest of " + newest
	}
	for _, p := range s.Pairs {
		if p.B == g.Letter && p.A == s.Groups[0].Letter {
			text += age(p.DirectionDays)
		}
	}
	return text
}

// window writes about when one environment was put together, empty where that is not known.
func window(e Environment) string {
	switch {
	case e.Mixed || e.After.IsZero() && e.Before.IsZero():
		return ""
	case e.After.IsZero():
		return "before " + day(e.Before)
	case e.Before.IsZero():
		return "after " + day(e.After)
	case day(e.After) == day(e.Before):
		return "about " + day(e.After)
	}
	return "about " + day(e.After) + " … " + sameYear(e.After, e.Before)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// sameYear leaves the year out where it is that of an earlier day.
func sameYear(from, t time.Time) string {
	if from.Year() == t.Year() {
		return t.UTC().Format("01-02")
	}
	return day(t)
}

// age says about how much older a group's environments are, in words.
func age(days int) string {
	word := "older"
	if days < 0 {
		days, word = -days, "newer"
	}
	about := func(per int, noun string) string {
		return fmt.Sprintf(" (about %s %s)", count((days+per/2)/per, noun), word)
	}
	switch {
	case days == 0:
		return ""
	case days < 14:
		return about(1, "day")
	case days < 70:
		return about(7, "week")
	case days < 700:
		return about(30, "month")
	}
	return about(365, "year")
}

// located names an assertion of a group as gverify diff takes it: standing ones by path, others by the id of their content. That of
// the signer who is asked for goes first.
func located(s ExplainedSplit, letter, signer string) string {
	var best, path string
	for _, g := range s.Groups {
		if g.Letter != letter {
			continue
		}
		for _, m := range g.Members {
			switch {
			case m.Replaced.IsZero() && m.Path != "" && !strings.ContainsAny(m.Path, " '\"\\$&;|<>`"):
				if m.Signer == signer || signer == "" {
					return Quote(m.Path)
				}
				path = cmp.Or(path, Quote(m.Path))
			case best == "" && len(m.Blob) == 40:
				best = m.Blob[:12]
			}
		}
	}
	return cmp.Or(path, best)
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

// letter is what a group is called: its letter, "you" where one's own build stands in it alone.
func (w *explainer) letter(letter string) string {
	if letter == w.you && letter != "" {
		return "you"
	}
	return letter
}

// side is what a group is called in a sentence.
func (w *explainer) side(letter string) string {
	if letter == w.you && letter != "" {
		return yourBuild
	}
	return letter
}

// yourBuild is what an own build is called among signers.
const yourBuild = "your build"
