package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// bundle collects what belongs in one finding: the first statement it came up in, and words in the order they came.
type bundle struct {
	first int
	words []string
	files []string
	vote  bool // a vote hangs on it

	code    string         // of the finding, where a list holds several
	names   []string       // signers it is about, where not the first statement's
	release string         // directory, where not the first statement's
	groups  []GroupVerdict // of a split
}

// bundles keeps bundles in the order of their first mention.
type bundles struct {
	list []*bundle
	byID map[string]*bundle
}

func (b *bundles) at(key string, statement int) *bundle {
	if got := b.byID[key]; got != nil {
		return got
	}
	if b.byID == nil {
		b.byID = map[string]*bundle{}
	}
	got := &bundle{first: statement}
	b.byID[key] = got
	b.list = append(b.list, got)
	return got
}

// finding fills in where a bundle was first seen; signer and path are those of its first statement.
func (d *decision) finding(b *bundle, code string, severity sigs.Severity, text, next string) sigs.Finding {
	s := d.c.Statements[b.first]
	return sigs.Finding{Code: code, Severity: severity, Path: s.Path, Release: s.Directory.Path,
		Platform: d.c.homes[b.first].name, Signer: d.signer(b.first), Text: text, Next: next}
}

// allFindings gathers the findings of the comparison and of the decision, alarms first.
func (d *decision) allFindings(v Verdict) []sigs.Finding {
	out := slices.Clone(d.c.Findings)
	out = append(out, d.splitFindings()...)
	out = append(out, d.filingFindings()...)
	out = append(out, d.tieFindings()...)
	out = append(out, d.driftFindings()...)
	out = append(out, d.contradictionFindings()...)
	out = append(out, d.platformFindings(v)...)
	out = append(out, d.listingFindings()...)
	out = append(out, d.policyFindings()...)
	out = append(out, d.voicelessFindings(v)...)
	out = append(out, d.elsewhereFindings(v)...)
	out = append(out, d.twinFindings(v)...)
	out = append(out, d.ownFindings(v)...)
	bySeverity(out)
	return out
}

// filingFindings are about the directory an assertion stands in and whose key signed it.
func (d *decision) filingFindings() []sigs.Finding {
	var misfiled, several, differs, foreign, moved bundles
	for i, sp := range d.speakers {
		s := d.c.Statements[i]
		if sp.owner != nil {
			b := misfiled.at(sp.owner.Name+"\n"+sp.Why, i)
			b.words = append(b.words, s.Path)
		}
		if sp.foreign != nil {
			b := foreign.at(sp.Signer, i)
			b.words = append(b.words, s.Path)
		}
		if d.c.homes[i].moved {
			b := moved.at(s.Directory.Path+"\n"+s.Name+"\n"+d.c.homes[i].name, i)
			b.names = appendOnce(b.names, d.signer(i))
			b.words = append(b.words, s.Path)
		}
		for _, other := range sp.also {
			b := several.at(sp.Signer+"\n"+other, i)
			b.words = append(b.words, other)
		}
		if sp.pin != nil && sp.owner == nil && s.Signer != "" && d.roll.byName[s.Signer] != sp.pin {
			b := differs.at(sp.pin.Name, i)
			b.words = appendOnce(b.words, s.Signer)
			b.vote = b.vote || sp.Votes
		}
	}
	var out []sigs.Finding
	for _, b := range misfiled.list {
		sp := d.speakers[b.first]
		out = append(out, d.finding(b, "misfiled", sigs.Alarm,
			fmt.Sprintf("%s under the name of %s, a pinned person, but somebody else signed: %s; no vote", plural(len(b.words), "assertion is filed", "assertions are filed"), sp.owner.Name, sp.signedBy),
			"ask both persons whose build this is"))
	}
	for _, b := range foreign.list {
		sp := d.speakers[b.first]
		out = append(out, d.finding(b, "key-of-nobody", sigs.Warning,
			fmt.Sprintf("%s under the name of %s, a pinned person, but none of the keys pinned for %s signed: %s did; no vote", plural(len(b.words), "assertion is filed", "assertions are filed"),
				sp.foreign.Name, sp.foreign.Name, d.c.Statements[b.first].Best().Primary),
			"ask "+sp.foreign.Name+" whether this key is a new one; if it is, pin it in a policy: gverify help policy"))
	}
	for _, b := range moved.list {
		out = append(out, d.finding(b, "filed-elsewhere", sigs.Alarm,
			fmt.Sprintf("%s of %s %s, but signed there is %s, as which it is judged", plural(len(b.words), "assertion", "assertions"), listNames(b.names), d.lies(b), d.homeWords(b)),
			"somebody may have copied or moved files; ask the repository's maintainers"))
	}
	for _, b := range several.list {
		out = append(out, d.finding(b, "several-signers", sigs.Warning,
			fmt.Sprintf("%s and %s both signed %s; %s speaks there, once", d.signer(b.first), b.words[0], plural(len(b.words), "assertion", "assertions"), d.signer(b.first)),
			"a second signer should file an assertion of his own build"))
	}
	for _, b := range differs.list {
		out = append(out, d.finding(b, "name-differs", sigs.Warning, fmt.Sprintf("the key of %s signed in the directory %s%s; the key decides who speaks", d.speakers[b.first].pin.Name, listNames(b.words), d.twinNote(b)),
			"nothing to do if both names are the same person's: add the other as an alias of the pin"))
	}
	return out
}

// lies says where an assertion lies.
func (d *decision) lies(b *bundle) string {
	s := d.c.Statements[b.first]
	if s.Directory.Layout == sigs.GuixLayout {
		return "under the name " + s.Name
	}
	return "in " + s.Directory.Path
}

// homeWords says what an assertion that lies elsewhere is.
func (d *decision) homeWords(b *bundle) string {
	s := d.c.Statements[b.first]
	if s.Directory.Layout == sigs.GuixLayout {
		return "what also stands there as " + d.c.homes[b.first].name
	}
	return "release " + s.Assertion.Release
}

// twinNote says so where a directory's name is a pinned one but for upper and lower case.
func (d *decision) twinNote(b *bundle) string {
	for _, name := range b.words {
		if twin := d.roll.byFold[strings.ToLower(name)]; twin != nil && twin != d.speakers[b.first].pin {
			return fmt.Sprintf(" (which but for upper and lower case is the name of %s)", twin.Name)
		}
	}
	return ""
}

// tieFindings are about assertions that are of another version, or of none.
func (d *decision) tieFindings() []sigs.Finding {
	var all bundles
	for i, sp := range d.speakers {
		s := d.c.Statements[i]
		if sp.tie.holds() || s.Unparsed != "" || !sp.lost && sp.tie != otherRelease {
			continue
		}
		b := all.at(fmt.Sprintf("%s\n%d\n%t", d.signer(i), sp.tie, sp.lost), i)
		b.words = append(b.words, s.Path)
	}
	var out []sigs.Finding
	for _, b := range all.list {
		sp, s := d.speakers[b.first], d.c.Statements[b.first]
		f := tieWords[sp.tie]
		vote := "no vote"
		if !sp.lost {
			f.Severity, vote = sigs.Warning, "it would have no vote in any case"
		}
		text := fmt.Sprintf("%s of %s filed under %s: %s; %s", plural(len(b.words), "assertion", "assertions"), d.signer(b.first), s.Directory.Release, sp.tie.why(s, d.c.Version), vote)
		out = append(out, d.finding(b, f.Code, f.Severity, text, f.Next))
	}
	return out
}

var tieWords = map[tie]sigs.Finding{
	untied:       {Code: "no-tie", Severity: sigs.Alarm, Next: "ask the signer to sign with the release's name in it"},
	otherRelease: {Code: "replay", Severity: sigs.Alarm, Next: "somebody may have copied an older release's signature here; ask the signer to sign this release"},
	otherNames:   {Code: "replay", Severity: sigs.Alarm, Next: "somebody may have copied an older release's signature here; ask the signer to sign this release"},
	mixedNames:   {Code: "mixed-versions", Severity: sigs.Alarm, Next: "ask the signer to build in an empty directory and sign again"},
	otherSystem:  {Code: "other-platform", Severity: sigs.Alarm, Next: "somebody may have copied another platform's assertion here; ask the signer what was built"},
	ambiguous:    {Code: "ambiguous-version", Severity: sigs.Warning, Next: "ask the signer which tag was built; the source commit in the manifest names it"},
}

// driftFindings are about release: fields that do not say what the directory says, though the version is right.
func (d *decision) driftFindings() []sigs.Finding {
	var all bundles
	for i, sp := range d.speakers {
		s := d.c.Statements[i]
		if !sp.tie.holds() || d.c.homes[i].moved || s.Assertion.Format != sigs.GitianFormat || s.Assertion.Release == s.Directory.Release {
			continue
		}
		b := all.at(d.signer(i), i)
		b.words = appendOnce(b.words, fmt.Sprintf("%q in %s", s.Assertion.Release, s.Directory.Release))
	}
	var out []sigs.Finding
	for _, b := range all.list {
		out = append(out, d.finding(b, "label-drift", sigs.Warning,
			fmt.Sprintf("what %s signed calls itself otherwise than its directory: %s; %s, so the vote stands", d.signer(b.first), listNames(b.words), d.speakers[b.first].tie.holding(d.c.Version)),
			"nothing to do; the signer may want to give gsign the directory's name"))
	}
	return out
}
