package build

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// basePackages are those the recipe's base command installs; a test compares them with it.
var basePackages = []string{"build-essential", "git", "locales", "wget", "lsb-release", "sudo", "ca-certificates"}

// repositoryPackage is what gbuild installs before it adds repositories.
const repositoryPackage = "gnupg2"

// Plan says everything a build of the descriptor would do. It does none of it. What the request leaves open (a commit that was
// not looked up, a file that is not there) is a finding, so that a plan can be read before everything is at hand;
// [Plan.Check] says whether it can be run. Errors are requests that make no sense: a --commit for a directory no remote has, an
// address that is none.
func (d Descriptor) Plan(r Request) (Plan, error) {
	if err := r.check(d); err != nil {
		return Plan{}, err
	}
	p := Plan{
		Schema: PlanSchema, Name: d.Name, Recipe: Recipe(), Caches: d.EnableCache,
		Descriptor: sigs.Entry{Path: d.Name + "-desc.yml", Digest: d.Digest},
		Sudo:       Sudo{Asked: d.Sudo, Allowed: d.Sudo && r.Sudo, Commands: slices.Clone(r.SudoCommands)},
		Limits:     r.limits(), Findings: slices.Clone(d.Findings),
	}
	p.inputs(d, r)
	reference := p.referenceTime(d)
	for i, suite := range d.Suites {
		for _, arch := range d.Architectures {
			p.Units = append(p.Units, d.unit(r, p, i, suite, arch, reference))
		}
	}
	p.advise(d, r)
	p.fill()
	return p, nil
}

// fill makes lists that hold nothing empty, not absent, so that a saved plan reads the same everywhere.
func (p *Plan) fill() {
	empty(&p.Inputs.Files)
	empty(&p.Inputs.Remotes)
	empty(&p.Sudo.Commands)
	empty(&p.Findings)
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// check refuses requests that do not fit the descriptor.
func (r Request) check(d Descriptor) error {
	for _, list := range []struct {
		flag string
		dirs []string
	}{{"--commit", sortedKeys(r.Commits)}, {"--url", sortedKeys(r.URLs)}} {
		for _, dir := range list.dirs {
			if !slices.ContainsFunc(d.Remotes, func(m Remote) bool { return m.Dir == dir }) {
				return fmt.Errorf("%s %s=…: the descriptor has no remote of that directory%s", list.flag, dir, d.dirs())
			}
		}
	}
	for _, dir := range sortedKeys(r.Commits) {
		if err := checkRef(r.Commits[dir]); err != nil {
			return fmt.Errorf("--commit %s: %w", dir, err)
		}
	}
	for _, dir := range sortedKeys(r.URLs) {
		if err := checkURL(r.URLs[dir], true); err != nil {
			return fmt.Errorf("--url %s: %w", dir, err)
		}
	}
	for _, c := range r.SudoCommands {
		if !absolute.MatchString(c) {
			return fmt.Errorf("--allow-sudo %s: want the absolute path of a command", quote(c))
		}
	}
	if strings.ContainsAny(r.Fetch, "\n\r\x00") {
		return fmt.Errorf("fetch command %s: want one line", quote(r.Fetch))
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// dirs names the remotes a user can mean.
func (d Descriptor) dirs() string {
	if len(d.Remotes) == 0 {
		return "; it has no remotes at all"
	}
	var dirs []string
	for _, m := range d.Remotes {
		dirs = append(dirs, m.Dir)
	}
	return "; it has " + strings.Join(dirs, ", ")
}

func (r Request) limits() Limits {
	l := r.Limits
	d := DefaultLimits
	set(&l.Jobs, r.Jobs, d.Jobs)
	set(&l.Memory, r.Memory, d.Memory)
	set(&l.Processes, 0, d.Processes)
	set(&l.Disk, 0, d.Disk)
	set(&l.OutBytes, 0, d.OutBytes)
	set(&l.OutFiles, 0, d.OutFiles)
	set(&l.CacheSize, 0, d.CacheSize)
	set(&l.Prepare, 0, d.Prepare)
	set(&l.Fetch, 0, d.Fetch)
	set(&l.Script, 0, d.Script)
	return l
}

// set gives a limit the user's value, else its own, else the default.
func set[T ~int | ~int64](limit *T, wish, fallback T) {
	if wish > 0 {
		*limit = wish
	}
	if *limit <= 0 {
		*limit = fallback
	}
}

// inputs lists files and remotes as the request completes them.
func (p *Plan) inputs(d Descriptor, r Request) {
	for _, name := range d.Files {
		f := File{Name: name, From: r.From[name]}
		if digest, known := r.Files[name]; known {
			f.Digest = &digest
		}
		p.Inputs.Files = append(p.Inputs.Files, f)
	}
	for _, m := range d.Remotes {
		s := Source{Dir: m.Dir, URL: m.URL, Ref: m.Commit}
		if url := r.URLs[m.Dir]; url != "" {
			s.URL = url
		}
		if s.Ref == "" { // gbuild: the descriptor's own commit wins
			s.Ref = r.Commits[m.Dir]
		}
		looked := r.Sources[m.Dir]
		s.Commit, s.AuthorDate = looked.Commit, looked.AuthorDate
		if s.Commit == "" && commitHash.MatchString(s.Ref) {
			s.Commit = s.Ref
		}
		p.Inputs.Remotes = append(p.Inputs.Remotes, s)
	}
}

// unknownTime stands in scripts of plans that are not complete.
const unknownTime = "(not looked up)"

// referenceTime is the descriptor's, or the last remote's author date.
func (p *Plan) referenceTime(d Descriptor) string {
	if d.ReferenceTime != "" {
		return d.ReferenceTime
	}
	if date := p.Inputs.Remotes[len(p.Inputs.Remotes)-1].AuthorDate; date != "" {
		return date
	}
	return unknownTime
}

// unit plans one suite on one architecture.
func (d Descriptor) unit(r Request, p Plan, i int, suite, arch, reference string) Unit {
	a := architectures[arch]
	e := Environment{
		Name: suite + "-" + arch, Distro: d.Distro, Suite: suite, Architecture: debianArch(arch),
		Platform: a.platform, Personality: a.personality,
		User: d.Distro, Home: "/home/" + d.Distro, Hostname: "gitian",
	}
	if len(d.ImageDigests) > 0 {
		e.Name = d.ImageDigests[i] + "-" + arch
		e.Base = Base{Image: d.Distro, Digest: "sha256:" + d.ImageDigests[i]}
	} else if r.Base != nil {
		e.Base = r.Base(suite, e.Architecture)
	} else {
		e.Base = Base{Image: d.Distro + ":" + suite}
	}
	e.Env = []string{
		"HOME=" + e.Home, "USER=" + e.User, "LOGNAME=" + e.User, "SHELL=/bin/bash", "TZ=UTC",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	}
	u := Unit{Environment: e, Script: script(d.buildScript(arch, p.Limits, reference))}
	if d.EnableCache && r.Fetch != "-" && len(d.Remotes)+len(r.Fetch) > 0 {
		fetch := script(d.fetchScript(r.Fetch))
		u.Fetch = &fetch
	}
	u.Steps, u.Environment.Packages = d.steps(e, u, p.Sudo, r.ScriptNetwork)
	return u
}

func debianArch(arch string) string {
	if arch == "linux64" {
		return "amd64"
	}
	return arch
}

// suiteOwners says whose release a suite is.
var suiteOwners = map[string]string{
	"wheezy": "debian", "jessie": "debian", "stretch": "debian", "buster": "debian", "bullseye": "debian", "bookworm": "debian", "trixie": "debian",
	"lucid": "ubuntu", "precise": "ubuntu", "trusty": "ubuntu", "xenial": "ubuntu", "bionic": "ubuntu", "focal": "ubuntu", "jammy": "ubuntu", "noble": "ubuntu",
}

// advise notes what the user should know before he runs the plan.
func (p *Plan) advise(d Descriptor, r Request) {
	for _, s := range p.Inputs.Remotes {
		switch {
		case s.Ref == "":
			p.note("commit-missing", fmt.Sprintf("which commit of %s to build is not said", s.Dir), fmt.Sprintf("--commit %s=TAG", s.Dir))
		case s.Commit == "":
			p.note("commit-unknown", fmt.Sprintf("%s of %s was not looked up", s.Ref, s.Dir), "the plan cannot be run elsewhere before it is")
		}
	}
	if last := len(p.Inputs.Remotes) - 1; d.ReferenceTime == "" && p.Inputs.Remotes[last].AuthorDate == "" {
		p.note("time-unknown", fmt.Sprintf("the reference time is the author date of %s, which was not looked up; the script's digest will be another one", p.Inputs.Remotes[last].Dir), "")
	}
	for _, f := range p.Inputs.Files {
		if f.Digest == nil && f.From == "" {
			p.note("file-missing", fmt.Sprintf("input file %s is not there", f.Name), "put it into the directory of inputs (--inputs)")
		}
	}
	for _, suite := range d.Suites {
		if owner := suiteOwners[suite]; owner != "" && owner != d.Distro && len(d.ImageDigests) == 0 {
			p.note("suite-of-another-distro", fmt.Sprintf("the suite %s is one of %s, and the descriptor's distro is %s (gitian's own where none is named)", suite, owner, d.Distro), "distro: "+owner+" in the descriptor, if its author agrees")
		}
	}
	if d.Sudo && !r.Sudo {
		p.note("sudo-refused", "the descriptor asks for root in its script; that is not allowed, so a sudo in it will fail", "--allow-sudo, or --allow-sudo=/bin/COMMAND for single commands")
	}
	if p.Sudo.Allowed {
		p.note("sudo-allowed", "the script may become root: what it does to the environment is in no manifest", "")
	}
	if r.ScriptNetwork {
		p.note("script-network", "the script has the network: what it downloads is in no manifest", "")
	}
	if !d.EnableCache && len(d.Remotes) > 0 && !r.ScriptNetwork {
		p.note("no-cache", "the descriptor keeps no cache, so nothing can be downloaded beforehand; a script that downloads will fail", "--script-network, as a last resort")
	}
	for _, u := range p.Units {
		if !u.Environment.Base.Pinned() {
			p.note("base-unpinned", fmt.Sprintf("%s: the base image %s is named by a tag, which can mean another image tomorrow", u.Environment.Name, u.Environment.Base.Image), "it is looked up when the build starts, and recorded")
		}
	}
}

func (p *Plan) note(code, text, next string) {
	p.Findings = append(p.Findings, sigs.Finding{Code: code, Severity: sigs.Warning, Text: text, Next: next})
}
