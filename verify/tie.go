package verify

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// tie is what binds an assertion to the version it is filed under. Without one it may be any other release's, copied.
type tie int

const (
	untied        tie = iota // nothing in it names a version
	tiedByRelease            // release: names the version
	tiedByNames              // the artifacts' names carry it
	tiedByCommit             // its source commit is that of voters with a tie
	otherRelease             // release: names another version
	otherNames               // the artifacts' names carry other versions, and only those
	mixedNames               // the artifacts' names carry this version and others
	ambiguous                // the names carry the version, but the commit is another than the version's
	otherSystem              // the files are of another operating system than the platform
)

// holds reports whether a tie lets a statement vote.
func (t tie) holds() bool { return t == tiedByRelease || t == tiedByNames || t == tiedByCommit }

// tieOf reads what an assertion itself says about its version. A release: field that names a version decides; else the names.
func tieOf(s *sigs.Statement, version string) tie {
	if named, ok := releaseVersion(s.Assertion.Release); ok {
		if sigs.SameVersion(named, version) {
			return tiedByRelease
		}
		return otherRelease
	}
	same, other := false, false
	for _, e := range s.Assertion.Out {
		carried, ok := sigs.NamesVersion(e.Path)
		switch {
		case !ok || isLeftover(s, e.Path, version):
		case sigs.SameVersion(carried, version):
			same = true
		default:
			other = true
		}
	}
	switch {
	case same && other && s.Assertion.Format != sigs.ResultFormat:
		return mixedNames
	case same:
		return tiedByNames
	case other:
		return otherNames
	}
	return untied
}

// releaseVersion returns the version a release: field names. The version must stand first: "release-v0.18-linux" is a branch and
// "bitcoin-linux-0.15" a descriptor.
func releaseVersion(field string) (string, bool) {
	version, _, ok := sigs.SplitRelease(field)
	if !ok || version == "" || !strings.HasPrefix(trimV(field), trimV(version)) {
		return "", false
	}
	return version, true
}

// bind finds the tie of every statement and takes the vote from those that have none. Votes come first: a commit is worth as
// much as the voters who vouch for it.
func (d *decision) bind() {
	for i := range d.speakers {
		d.speakers[i].tie = tieOf(d.c.Statements[i], d.c.Version)
		if d.speakers[i].tie.holds() && d.c.homes[i].stray {
			d.speakers[i].tie = otherSystem
		}
	}
	known := d.commitsOf(func(sp speaker, s *sigs.Statement) bool {
		return sp.tie == tiedByRelease || sp.tie == tiedByNames && s.Assertion.Format != sigs.ResultFormat
	})
	alone := len(known) == 0
	if alone {
		known = d.commitsOf(func(sp speaker, _ *sigs.Statement) bool { return sp.tie == tiedByNames })
	}
	for i := range d.speakers {
		sp, s := &d.speakers[i], d.c.Statements[i]
		commits := commitsKey(s)
		switch {
		case sp.tie == tiedByNames && s.Assertion.Format == sigs.ResultFormat:
			if alone && len(known) > 1 || !alone && !slices.Contains(known, commits) {
				sp.tie = ambiguous
			}
		case sp.tie == untied || sp.tie == otherNames:
			if commits != "" && !alone && slices.Contains(known, commits) {
				sp.tie = tiedByCommit
			}
		}
		if sp.person != "" && !sp.tie.holds() {
			sp.refuse(sp.tie.why(s, d.c.Version))
			sp.lost = true
		}
	}
}

// commitsOf returns the distinct commit lists of the voters that tied accepts.
func (d *decision) commitsOf(tied func(speaker, *sigs.Statement) bool) []string {
	var out []string
	for i, sp := range d.speakers {
		if sp.person == "" || !tied(sp, d.c.Statements[i]) {
			continue
		}
		if key := commitsKey(d.c.Statements[i]); key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// commitsKey is all source commits of an assertion as one comparable value, empty where it records none.
func commitsKey(s *sigs.Statement) string {
	var lines []string
	for _, c := range s.Assertion.Commits {
		if c.Hash != "" {
			lines = append(lines, c.Dir+" "+c.Hash)
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n")
}

// holding says in a clause what the tie of a statement rests on.
func (t tie) holding(version string) string {
	switch t {
	case tiedByNames:
		return "its files are named after " + version
	case tiedByCommit:
		return "its source commit is that of " + version
	}
	return "it names version " + version
}

// why says in a clause why a statement without a tie does not vote.
func (t tie) why(s *sigs.Statement, version string) string {
	switch t {
	case otherRelease:
		return "it is about another release: it calls itself " + s.Assertion.Release
	case otherNames:
		return "it is about another release: its files are named " + strings.Join(versionsNamed(s), ", ")
	case mixedNames:
		return "its files are of several versions: " + strings.Join(versionsNamed(s), ", ")
	case otherSystem:
		return "it holds files for " + listNames(systemsOf(s.Assertion.Out)) + ", and only those"
	case ambiguous:
		return "its source commit is not known to be that of " + version
	}
	return "nothing in it says that it is about " + version
}

// versionsNamed returns the versions that the artifacts' names carry, at most three.
func versionsNamed(s *sigs.Statement) []string {
	var out []string
	for _, e := range s.Assertion.Out {
		if v, ok := sigs.NamesVersion(e.Path); ok && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, sigs.CompareVersions)
	if len(out) > 3 {
		out = append(out[:3], "…")
	}
	return out
}
