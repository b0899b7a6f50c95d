package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/verify"
)

// checkOptions are the flags of gverify check; request.version is --release.
type checkOptions struct {
	request
	output
	name     string
	listKeys []string
}

const checkHelp = `Hashes files you have and says per file who built the same bytes and who built others. The release is read from the files' names
unless --release says it. Names are exact: a file is compared with what the builders attest under its name, or under the name that
the project's rules give it (gverify help config); one that was renamed is found by its digest. In a directory the files directly
in it are checked, hidden ones are not; - is standard input.

A list of digests (SHA256SUMS, also clear-signed) is checked line by line, with the listed files that lie beside it. Its signatures
(SHA256SUMS.asc) are judged and shown: they say who published the list. They are no builds and never count as votes.

Exit status:
  0    every file is built alike by signers who suffice for the policy, and none of them built another
  1    gverify could not do what was asked: no such file, no file at all, no such release, no network
  2    the command line makes no sense
  3    signers whose voice counts built other bytes, or contradict each other; or a file is not the one on the list; or a signature
       does not fit the list and no other does
  4    too few signers whose voice counts built a file: nobody at all (not attested, of another version), or not enough
  5    the signers agree, but your own build of one of the files differs
  130  interrupted
With a list, the files you have count, and of the others those that the builders contradict; if you have none, the whole list counts.
A list that nobody signed, or with a key that is not at hand, changes nothing: the builders decide.`

func newCheckCommand(w world) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check FILE… | DIRECTORY | SHA256SUMS [SHA256SUMS.asc]",
		Short: "The file you downloaded: who built the same",
		Long:  checkHelp,
		Example: `  gverify check bitcoin-29.0-x86_64-linux-gnu.tar.gz
  gverify check ~/Downloads/bitcoin-0.12.1-win64-setup.exe SHA256SUMS.asc
  gverify check SHA256SUMS SHA256SUMS.asc --list-keys release-key.asc --manifest res.yml
  curl -s URL | gverify check - --release 29.0 --name bitcoin-29.0-win64-setup.exe`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.thresholdSet = cmd.Flags().Changed("threshold")
			if err := o.validate(args); err != nil {
				return err
			}
			return runCheck(cmd.Context(), o, args, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.version, "release", "", "the release the files are of; read from their names if not given")
	f.StringVar(&o.name, "name", "", "what standard input (-) is called; it is looked for by its digest alone if not given")
	f.StringArrayVar(&o.listKeys, "list-keys", nil, "public keys that may have signed the list of digests, as for --keys; they never vote; repeatable")
	f.StringArrayVar(&o.manifests, "manifest", nil, "your own build's res.yml, compared with the files and with every signer; repeatable")
	o.request.flags(cmd)
	o.output.flags(cmd, "text or json")
	return cmd
}

func (o checkOptions) validate(args []string) error {
	if len(args) == 0 {
		return withHint(usagef("no files to check"), "name the files you downloaded, the directory they are in, or the SHA256SUMS of the release")
	}
	if o.name != "" && (!slices.Contains(args, "-") || strings.ContainsAny(o.name, `/\`)) {
		return usagef("--name is the name of the file that comes through standard input (-), without directories")
	}
	if o.version != "" {
		if err := o.request.validate(); err != nil {
			return err
		}
	} else if o.thresholdSet && o.threshold < 1 {
		return usagef("--threshold %d: at least 1 signer must agree", o.threshold)
	}
	return o.output.validate("text", "json")
}

// runCheck goes from files to a verdict on them: what is there, of which releases, what these are worth, what the files are.
func runCheck(ctx context.Context, o checkOptions, args []string, w world) error {
	found, err := gather(args, o.name)
	if err != nil {
		return err
	}
	c := &check{options: o, skipped: found.skipped}
	if err := c.lay(found); err != nil {
		return err
	}
	if err := c.nameReleases(); err != nil {
		return err
	}
	progress := w.progress(o.quiet)
	defer c.close()
	if err := c.judgeReleases(ctx, w, progress); err != nil {
		return err
	}
	if err := c.hash(ctx, w, progress); err != nil {
		return err
	}
	status, problem, err := c.conclude(ctx)
	if err != nil {
		return err
	}
	if err := writeOutput(w, o.file, func(out io.Writer) error {
		if o.format == "json" {
			return report.CheckJSON(out, c.document)
		}
		return report.CheckText(out, c.document, o.render(w))
	}); err != nil {
		return err
	}
	if problem != nil {
		return problem
	}
	if status != exitAgreed {
		return exitStatus(status)
	}
	return nil
}

// check is one run of gverify check.
type check struct {
	options  checkOptions
	skipped  []report.Skipped
	list     *publishedList
	lines    []line
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
		beside, err := c.list.beside()
		if err != nil {
			return err
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

// hold gives a file to the lines of the list that match its name. It returns whether there are any.
func (c *check) hold(h heldFile, match func(name string) bool) bool {
	matched := false
	for i := range c.lines {
		if l := &c.lines[i]; l.Listed != nil && h.name != "" && match(l.Name) {
			l.held, matched = &h, true
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
		return hashStream(ctx, w.In, "standard input", 0, nil)
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
	d.List = c.list.document(signatures, first.policy.Policy)
	d.Findings = append(findings, listFindings(c.list, signatures, first.policy.Policy)...)
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
		case v.Standing == verify.OtherRelease && v.Counts:
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

// isRegular reports whether a name is a regular file, not a link to one.
func isRegular(name string) (bool, error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return false, nil
	case err != nil:
		return false, err
	}
	return info.Mode().IsRegular(), nil
}
