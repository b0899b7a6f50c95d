package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/verify"
)

// check is one run of gverify check.
type check struct {
	options  checkOptions
	skipped  []report.Skipped
	list     *publishedList
	lines    []line
	entries  int       // the first lines are those of the list
	judged   []*judged // one per release, in order of the lines
	document report.Check
}

// line is one file that is held, listed, or both.
type line struct {
	verify.Item
	held    *heldFile
	size    int64
	version string
	release int // index into judged
}

func (c *check) close() {
	for _, j := range c.judged {
		j.close()
	}
}

// lay puts what is listed and what is held into lines.
func (c *check) lay(found basket) error {
	held := found.held
	if found.list != nil {
		var err error
		if c.list, err = readList(*found.list); err != nil {
			return err
		}
		for _, e := range c.list.entries {
			listed := e.Digest
			c.lines = append(c.lines, line{Item: verify.Item{Name: e.Path, Listed: &listed}})
		}
		c.entries = len(c.lines)
		beside, skipped, err := c.list.beside()
		if err != nil {
			return err
		}
		for _, s := range skipped {
			if !slices.ContainsFunc(c.skipped, func(known report.Skipped) bool { return filepath.Clean(known.Path) == s.Path }) {
				c.skipped = append(c.skipped, s)
			}
		}
		for _, h := range beside {
			c.hold(h, func(name string) bool { return name == h.name })
		}
	}
	for _, h := range held {
		if !c.hold(h, func(name string) bool { return name == h.name || path.Base(name) == h.name }) {
			c.lines = append(c.lines, line{Item: verify.Item{Name: h.name}, held: &h})
		}
	}
	return nil
}

// hold gives a file to the lines of the list that match its name. It returns whether there are any. A line that has another file
// already is repeated for this one: every file that is given is checked.
func (c *check) hold(h heldFile, match func(name string) bool) bool {
	matched := false
	for i := range c.entries {
		l := &c.lines[i]
		if h.name == "" || !match(l.Name) {
			continue
		}
		matched = true
		switch {
		case l.held == nil:
			l.held = &h
		case filepath.Clean(l.held.path) != filepath.Clean(h.path):
			again := *l
			again.held = &h
			c.lines = append(c.lines, again)
		}
	}
	return matched
}

// nameReleases finds out which release every line is of.
func (c *check) nameReleases() error {
	names := make([]string, len(c.lines))
	for i, l := range c.lines {
		names[i] = l.Name
	}
	versions, err := releaseNamed(c.options.version, names)
	if err != nil {
		return err
	}
	for i, version := range versions {
		c.lines[i].version = version
	}
	return nil
}

// judgeReleases judges each release once.
func (c *check) judgeReleases(ctx context.Context, w world, progress io.Writer) error {
	for i := range c.lines {
		l := &c.lines[i]
		l.release = slices.IndexFunc(c.judged, func(j *judged) bool { return sigs.SameVersion(j.version, l.version) })
		if l.release < 0 {
			if len(c.judged) > 0 && len(c.options.manifests) > 0 {
				return withHint(usagef("the files are of several releases, %s and %s, and --manifest is of one", c.judged[0].version, l.version), "say which one: --release VERSION")
			}
			r := c.options.request
			r.version = l.version
			j, err := judge(ctx, r, w, progress)
			if err != nil {
				return err
			}
			l.release, c.judged = len(c.judged), append(c.judged, j)
		}
		l.Attested, _ = c.judged[l.release].project.AttestedName(path.Base(l.Name), c.judged[l.release].version)
	}
	return nil
}

// hash reads every held file once.
func (c *check) hash(ctx context.Context, w world, progress io.Writer) error {
	read := map[string]hashed{}
	for i := range c.lines {
		l := &c.lines[i]
		if l.held == nil {
			continue
		}
		h, known := read[l.held.path]
		if !known {
			var err error
			if h, err = hashHeld(ctx, *l.held, w, progress); err != nil {
				return err
			}
			read[l.held.path] = h
		}
		l.Held, l.size = &h.digest, h.size
	}
	return nil
}

func hashHeld(ctx context.Context, h heldFile, w world, progress io.Writer) (hashed, error) {
	if h.path == "-" {
		return hashStream(ctx, interruptible(ctx, w.In), "standard input", 0, nil)
	}
	f, err := openRegular(h.path)
	if err != nil {
		return hashed{}, err
	}
	defer f.Close()
	return hashRegular(ctx, f, progress)
}

// conclude decides on every line, sums up, and makes the document.
func (c *check) conclude(ctx context.Context) (status int, problem, err error) {
	items := make([]verify.ItemVerdict, len(c.lines))
	for i, l := range c.lines {
		items[i] = c.judged[l.release].verdict.Item(l.Item)
	}
	d := &c.document
	first := c.judged[0]
	*d = report.Check{Tool: "gverify " + toolVersion(), Project: report.Project{Name: first.project.Name, Title: first.project.Title}, AsOf: first.asOf, Skipped: c.skipped}
	d.Outcome, d.Grounds, d.Own = verify.SumItems(items)
	if c.list != nil {
		if err := c.judgeList(ctx, d); err != nil {
			return 0, nil, err
		}
	}
	var keys keyGatherer
	for _, j := range c.judged {
		keys.sources = append(keys.sources, j.keys.sources...)
	}
	status, problem = exitFor(verify.Verdict{Outcome: d.Outcome, Own: d.Own}, &keys)
	d.ExitCode = status
	for i, v := range items {
		l := c.lines[i]
		f := report.NewCheckedFile(c.judged[l.release].version, v)
		if l.held != nil {
			f.Path, f.Size = l.held.path, l.size
		}
		d.Files = append(d.Files, f)
	}
	d.Findings = append(d.Findings, c.findings(items)...)
	for _, j := range c.judged {
		own, _ := exitFor(j.verdict, j.keys)
		d.Releases = append(d.Releases, j.document(own))
	}
	*d = d.Complete()
	return status, problem, nil
}

// judgeList judges the signatures of the list. They cannot make an outcome better.
func (c *check) judgeList(ctx context.Context, d *report.Check) error {
	first := c.judged[0]
	ring, findings, err := listRing(ctx, c.options.listKeys, first.opener)
	if err != nil {
		return err
	}
	rings := []*pgp.Keyring{ring}
	for _, j := range c.judged {
		rings = append(rings, j.keys.ring)
	}
	signatures := c.list.signatures(rings, first.asOf)
	d.List = c.list.document(signatures, first.policy.Policy, first.project)
	d.Findings = append(findings, listFindings(c.list, signatures, first.policy.Policy, first.project, first.asOf, c.options.asOf != "")...)
	if d.List.Refuted {
		d.Outcome, d.Grounds = verify.Disputed, "the signatures of "+c.list.path+" speak against it; of the files, "+d.Grounds
	}
	return nil
}

// findings are what is to be said of files beside their verdicts.
func (c *check) findings(items []verify.ItemVerdict) []sigs.Finding {
	var out []sigs.Finding
	add := func(code string, severity sigs.Severity, path, text, next string) {
		out = append(out, sigs.Finding{Code: code, Severity: severity, Path: path, Text: text, Next: next})
	}
	for i, v := range items {
		l := c.lines[i]
		where := v.Name
		if l.held != nil {
			where = cmp.Or(l.held.path, v.Name)
		}
		switch {
		case v.Differs():
			add("not-the-listed-file", sigs.Alarm, where, "the file has other contents than the list says", "download it again; if it stays so, do not run it, and tell the project")
		case v.Standing == verify.Contradicted && v.Outcome == verify.Disputed && l.held != nil:
			add("file-contradicted", sigs.Alarm, where, "these are not the bytes that the builders made: the download is damaged, or somebody changed the file", "do not run it; download it again from the project")
		case v.Standing == verify.Contradicted && v.Outcome == verify.Disputed:
			add("list-contradicted", sigs.Alarm, c.list.path, v.Name+": the list names other bytes than the builders made", "do not trust this list; download it again from the project, and if it stays so, tell the project")
		case v.Standing == verify.Unattested && v.Counts:
			add("file-not-attested", sigs.Warning, where, "no builder of "+c.judged[l.release].version+" made this file: nobody can say what is in it", "compare its name with those of the release: gverify release "+c.judged[l.release].version+" -v")
		case v.Standing == verify.OfAnotherVersion && v.Counts:
			add("file-of-another-version", sigs.Warning, where, "by its name the file is of another version than "+c.judged[l.release].version, "check it without --release, or with its own")
		case v.Standing == verify.Renamed:
			add("file-renamed", sigs.Note, where, "nobody attests this name; the file was found by its digest", "trust it as what its bytes are, not as what its name says")
		}
		if c.list != nil && l.Listed == nil {
			add("file-not-listed", sigs.Warning, where, "the file is not on the list "+c.list.path, "nothing to do if it is of another release")
		}
		if l.held != nil && l.held.path != "-" {
			if info, err := os.Lstat(l.held.path); err == nil && info.Mode()&os.ModeSymlink != 0 {
				add("symbolic-link", sigs.Note, l.held.path, "the file is a symbolic link; what it leads to was read, and its own name was compared", "nothing to do")
			}
		}
	}
	return out
}
