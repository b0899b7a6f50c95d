package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// DiffSchema names the version of a [Diff].
const DiffSchema = "gverify.diff/v1"

// Diff is how two assertions differ. Slices are never null.
type Diff struct {
	Schema     string            `json:"schema"`
	Tool       string            `json:"tool"`
	A          string            `json:"a"` // as asked
	B          string            `json:"b"`
	Equal      bool              `json:"equal"` // both list the same files with the same digests
	Lacks      Unrecorded        `json:"unrecorded"`
	Difference verify.Difference `json:"difference"`
}

// NewDiff makes the document of a difference.
func NewDiff(tool string, names [2]string, d verify.Difference) Diff {
	return Diff{DiffSchema, tool, names[0], names[1], d.Equal(), unrecorded(d), d}
}

// DiffJSON writes the whole document.
func DiffJSON(w io.Writer, d Diff) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// DiffText writes a difference for a person: the answer, then what came out, what went in, the packages, the caches.
func DiffText(out io.Writer, d Diff, o Options) error {
	w := &writer{w: out, o: o}
	w.diffAnswer(d)
	if o.Quiet {
		return w.err
	}
	w.line("  A  %s", Quote(d.A))
	w.line("  B  %s", Quote(d.B))
	w.line("")
	x := d.recorded()
	w.section("OUT", "what was built; this alone decides")
	w.files(x.Out, "file")
	if x.In.Listed()+len(x.Commits) > 0 {
		w.section("IN", "what it was built from")
		w.values(x.Commits, "commit")
		w.files(x.In, "input file")
	}
	w.labels(x.Labels)
	for _, b := range x.Bases {
		w.base(b)
	}
	if x.CacheCommon.Listed()+x.CachePackage.Listed() > 0 {
		w.section("CACHE", "downloaded sources, and dependencies built before")
		w.cached(x.CacheCommon, "downloaded source")
		w.cached(x.CachePackage, "built dependency file")
	}
	w.says(d.Lacks)
	return w.err
}

// diffAnswer writes the first line.
func (w *writer) diffAnswer(d Diff) {
	x := d.Difference.Out
	n := len(x.OnlyA) + len(x.OnlyB)
	switch {
	case d.Equal:
		w.line("%s %s the same digests.%s", w.o.paint(green, "The same:"), have(x.Same, "file"), w.harmless(d.recorded()))
	case x.Same+len(x.Changed) == 0:
		w.line("%s they have no file name in common. Are they of one release and platform?", w.o.paint(red, "Different:"))
	case len(x.Changed) == 0:
		w.line("%s %s the same digests, but %s not in both.", w.o.paint(yellow, "Different:"), have(x.Same, "file"), fmt.Sprintf("%s %s", count(n, "file"), verb(n, "is", "are")))
	default:
		w.line("%s %d of %s in common %s other contents.%s", w.o.paint(red, "Different:"), len(x.Changed), count(x.Same+len(x.Changed), "file"),
			verb(len(x.Changed), "has", "have"), w.first(d))
	}
}

// harmless says that what differs besides did not matter.
func (w *writer) harmless(d verify.Difference) string {
	if d.In.Equal() && allSame(d.Commits) && movedPackages(d.Bases) == 0 {
		return ""
	}
	return " What differs below did not matter."
}

// first points to where a reader should look first. It is a place to look, not a cause.
func (w *writer) first(whole Diff) string {
	d, lacks := whole.recorded(), slices.Concat(whole.Lacks.A, whole.Lacks.B)
	switch {
	case !allSame(d.Commits):
		return " They were built from other commits: that is the first thing to put right."
	case slices.ContainsFunc(d.In.Changed, func(c verify.FileChange) bool { return strings.HasSuffix(c.Path, ".yml") }):
		return " Their descriptors differ: look at IN first."
	case !d.In.Equal():
		return " Their inputs differ: look at IN first."
	case slices.Contains(lacks, "inputs"):
		return ""
	case movedPackages(d.Bases) > 0 && d.CachePackage.Listed() > 0:
		return " Commit and inputs are the same: look at BASE, and at CACHE."
	case movedPackages(d.Bases) > 0:
		return " Commit and inputs are the same: look at BASE."
	case slices.Contains(lacks, "packages"):
		return ""
	case !d.CachePackage.Equal():
		return " Commit, inputs and packages are the same: look at CACHE."
	}
	return " Nothing recorded differs: it is the machine, the clock, or chance."
}

func allSame(values []verify.ValueChange) bool {
	return !slices.ContainsFunc(values, func(v verify.ValueChange) bool { return v.A != v.B && v.A != "" && v.B != "" })
}

// movedPackages counts the packages that differ.
func movedPackages(bases []verify.BaseDifference) int {
	n := 0
	for _, b := range bases {
		n += packages(b.Changed) + packages(b.OnlyA) + packages(b.OnlyB)
	}
	return n
}

func packages(changes []verify.PackageChange) int {
	n := 0
	for _, c := range changes {
		n += len(c.Names)
	}
	return n
}

func (w *writer) section(title, meaning string) {
	w.line("%s  %s", w.o.paint(bold, pad(title, 5)), meaning)
}

// most is how many lines of one kind are written unless all are wanted.
const mostLines = 12

// some returns the lines to write, and how many are left out.
func some[T any](w *writer, all []T) ([]T, int) {
	if w.o.Verbose > 0 || len(all) <= mostLines {
		return all, 0
	}
	return all[:mostLines], len(all) - mostLines
}

func (w *writer) more(n int, noun string) {
	if n > 0 {
		w.line("         %s: -v", count(n, "more "+noun))
	}
}

// files writes how two manifests differ.
func (w *writer) files(d verify.FileDifference, noun string) {
	if d.Listed() == 0 {
		return
	}
	changed, left := some(w, d.Changed)
	for _, c := range changed {
		w.line("  differ %s", cell(c.Path, w.columns()-9))
		if w.o.Verbose > 0 {
			w.line("         A %s", digests(c.A))
			w.line("         B %s", digests(c.B))
		}
	}
	w.more(left, noun)
	for _, side := range []struct {
		name  string
		paths []string
	}{{"only A", d.OnlyA}, {"only B", d.OnlyB}} {
		paths, left := some(w, side.paths)
		for _, p := range paths {
			w.line("  %s %s", side.name, cell(p, w.columns()-9))
		}
		w.more(left, noun)
	}
	if d.Same > 0 {
		w.line("  same   %s", count(d.Same, noun))
	}
}

// cached writes how two caches differ: what one name stands for on both sides matters, what only one side needed hardly ever does.
func (w *writer) cached(d verify.FileDifference, noun string) {
	d.Changed = slices.DeleteFunc(slices.Clone(d.Changed), func(c verify.FileChange) bool { return strings.HasSuffix(c.Path, ".hash") })
	if w.o.Verbose > 0 {
		w.files(d, noun)
		return
	}
	onlyA, onlyB := len(d.OnlyA), len(d.OnlyB)
	d.OnlyA, d.OnlyB = nil, nil
	w.files(d, noun)
	if onlyA+onlyB > 0 {
		w.line("  %ss in one cache only: %d in A, %d in B; leftovers of other builds, mostly", noun, onlyA, onlyB)
	}
}

func digests(all []sigs.Digest) string {
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = d.String()
	}
	return strings.Join(texts, " and ")
}

// values writes values that each side has, such as commits.
func (w *writer) values(values []verify.ValueChange, noun string) {
	for _, v := range values {
		a, b := w.hash(v.A), w.hash(v.B)
		if v.A == v.B {
			w.line("  same   %s %s: %s", noun, cell(v.Name, 40), a)
		} else {
			w.line("  %s %s %s: A %s, B %s", w.o.paint(red, "differ"), noun, cell(v.Name, 40), a, b)
		}
	}
}

// hash shortens a commit unless all is wanted.
func (w *writer) hash(s string) string {
	switch {
	case s == "":
		return "none"
	case w.o.Verbose > 0:
		return Quote(s)
	}
	return cell(s, 13)
}

// labels writes what the two call themselves, where that differs.
func (w *writer) labels(labels []verify.ValueChange) {
	for _, l := range labels {
		if l.A != l.B && l.A != "" && l.B != "" {
			w.line("  differ %s: A %s, B %s", l.Name, cell(l.A, 40), cell(l.B, 40))
		}
	}
	w.line("")
}

// base writes how one build environment differs, what matters most first.
func (w *writer) base(d verify.BaseDifference) {
	if !d.InA || !d.InB {
		side := "A"
		if d.InB {
			side = "B"
		}
		w.section("BASE", fmt.Sprintf("%s: only %s has this build environment", cell(d.Name, 40), side))
		w.line("")
		return
	}
	w.section("BASE", fmt.Sprintf("%s: packages of the build environment: %d the same, %d changed, %d only in A, %d only in B",
		cell(d.Name, 40), d.Same, packages(d.Changed), packages(d.OnlyA), packages(d.OnlyB)))
	changed, left := some(w, d.Changed)
	var rows [][]string
	for _, c := range changed {
		rows = append(rows, append([]string{w.names(c)}, change(c)...))
	}
	w.columnsOf(rows)
	w.more(left, "update")
	for _, side := range []struct {
		name     string
		packages []verify.PackageChange
		old      []string
	}{{"A", d.OnlyA, d.SupersededA}, {"B", d.OnlyB, d.SupersededB}} {
		if len(side.packages) > 0 {
			var names []string
			for _, c := range side.packages {
				names = append(names, c.Names...)
			}
			w.line("  only %s %s", side.name, w.fit(names, 9))
		}
		if len(side.old) > 0 {
			w.line("  %s also holds %s that newer ones superseded: not counted%s", side.name, count(len(side.old), "old package file"), w.listed(side.old))
		}
	}
	w.line("")
}

// listed names all where all is wanted.
func (w *writer) listed(names []string) string {
	if w.o.Verbose == 0 {
		return ""
	}
	return ": " + w.fit(names, 9)
}

// names are an update's packages: the best known one, and how many moved with it.
func (w *writer) names(c verify.PackageChange) string {
	if w.o.Verbose > 0 {
		return w.fit(c.Names, 40)
	}
	s := cell(c.Names[0], 36)
	if n := len(c.Names) - 1; n > 0 {
		s += fmt.Sprintf(" +%d", n)
	}
	return s
}

// change says what changed, in cells.
func change(c verify.PackageChange) []string {
	if c.Bytes {
		return []string{"A " + Quote(c.A), "B the same version, other contents"}
	}
	direction := map[int]string{1: "B is newer", -1: "A is newer"}[c.Newer]
	return []string{"A " + Quote(c.A), "B " + Quote(c.B), direction}
}

// columnsOf writes rows of quoted cells in columns, or both sides below their name where they do not fit.
func (w *writer) columnsOf(rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(text))
		}
	}
	total := 0
	for _, n := range widths {
		total += n + 2
	}
	for _, row := range rows {
		if total > w.columns() && len(row) > 2 { // what it is and what is to be said of it, then both sides below
			w.line("  %s  %s", row[0], strings.Join(row[3:], "  "))
			w.line("      %s", strings.Join(row[1:3], "   "))
			continue
		}
		var b strings.Builder
		for i, text := range row {
			b.WriteString(pad(text, widths[i]) + "  ")
		}
		w.line("  %s", b.String())
	}
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func have(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " has"
	}
	return fmt.Sprintf("all %d %ss have", n, noun)
}
