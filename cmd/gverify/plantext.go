package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/report"
)

// lineColumns is where lists of packages are broken.
const lineColumns = 110

// planText writes a plan for its reader: what goes in, every command with its user and network, then the script.
func planText(out io.Writer, s stage) error {
	t := planWriter{out: out}
	p := s.plan
	of := ""
	if s.platform != "" {
		of = s.platform + " of the release: "
	}
	t.line("%s%s, built from %s", of, p.Name, s.path)
	t.line("Nothing of this has been done.")
	t.line("")
	t.line("GOES IN   all of it stands in the result's in_manifest")
	t.line("  descriptor  sha256 %s", p.Descriptor.Digest)
	for _, f := range p.Inputs.Files {
		t.line("  file        %s  %s", f.Name, fileState(f))
	}
	for _, r := range p.Inputs.Remotes {
		t.line("  git         %s  %s", r.Dir, r.URL)
		t.line("              %s", refState(r))
	}
	for _, u := range p.Units {
		t.unit(p, u)
	}
	t.line("")
	t.line("ROOT'S COMMANDS above are those of a shell script of sha256 %s", p.Recipe.Digest)
	t.line("  Read it:  gverify build --plan --format recipe")
	t.scripts(p)
	if len(p.Findings) > 0 {
		t.line("")
		t.line("NOTE")
	}
	for _, f := range p.Findings {
		t.line("  ! %s", f.Text)
		if f.Next != "" {
			t.line("    → %s", f.Next)
		}
	}
	return t.err
}

func fileState(f build.File) string {
	switch {
	case f.Digest != nil:
		return "sha256 " + f.Digest.String()
	case f.From != "":
		return "comes out of the build of " + f.From
	}
	return "NOT THERE"
}

func refState(r build.Source) string {
	switch {
	case r.Ref == "":
		return "no commit is named"
	case r.Commit == "":
		return r.Ref + ", not looked up"
	}
	state := "commit " + r.Commit
	if r.Ref != r.Commit {
		state = r.Ref + " = " + state
	}
	if r.AuthorDate != "" {
		state += ", by its author of " + r.AuthorDate + " UTC"
	}
	return state
}

// planWriter keeps the first error, and makes every line safe.
type planWriter struct {
	out io.Writer
	err error
}

func (t *planWriter) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = io.WriteString(t.out, report.Quote(fmt.Sprintf(format, args...))+"\n")
	}
}

func (t *planWriter) unit(p build.Plan, u build.Unit) {
	e := u.Environment
	t.line("")
	t.line("%s  %s", unitName(e), baseState(e.Base))
	t.line("  %s, at most %d MiB and %d processes; user %s, host name %s", e.Platform, p.Limits.Memory, p.Limits.Processes, e.User, e.Hostname)
	t.line("  packages by name (%d):", len(e.Packages))
	for _, line := range wrap(e.Packages, lineColumns-4) {
		t.line("    %s", line)
	}
	var last build.Phase
	for _, s := range u.Steps {
		if s.Phase != last {
			t.line("  %-8s as %s, %s", s.Phase, s.User, map[bool]string{true: "WITH NETWORK", false: "without network"}[s.Network])
			last = s.Phase
		}
		t.step(u, s)
	}
	t.line("  %-8s out/ and the caches are hashed and copied out", build.PhaseCollect)
}

// unitName is what a reader calls a unit, also where an image digest takes the suite's place in the manifest.
func unitName(e build.Environment) string { return e.Suite + "-" + e.Architecture }

func (t *planWriter) step(u build.Unit, s build.Step) {
	args, why := s.Args, s.Why
	switch s.Stdin {
	case build.RecipeInput:
		args = args[3:]
	case build.ScriptInput:
		why += ", sha256 " + u.Script.Digest.String()
	case build.FetchInput:
		why += ": a script of sha256 " + u.Fetch.Digest.String()
	}
	lines := wrap(quoteWords(args), lineColumns-6)
	t.line("    %-24s  # %s", lines[0], why)
	for _, line := range lines[1:] {
		t.line("      %s", line)
	}
}

// quoteWords puts words with white space in quotes, as they would stand in a shell; nothing is handed to one.
func quoteWords(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if a == "" || strings.ContainsAny(a, " \t\n'\"$`\\;&|<>()*?[]#~") {
			out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return out
}

// wrap sets words in lines of at most so many columns.
func wrap(words []string, columns int) []string {
	lines := []string{""}
	for _, word := range words {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > columns:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}

func baseState(b build.Base) string {
	switch {
	case b.Digest != "":
		return "on the image " + b.Image + " of digest " + b.Digest
	case b.Tarball != "":
		return "on a root tarball of " + b.Tarball
	case b.ID != "":
		return "on your image " + b.Image + " of id " + b.ID
	}
	return "on the image " + b.Image + ", whichever that is when the build starts"
}

// scripts writes every script once, under the units that run it.
func (t *planWriter) scripts(p build.Plan) {
	type use struct {
		script build.Script
		what   string
		units  []string
	}
	var uses []use
	add := func(s build.Script, what, unit string) {
		for i := range uses {
			if uses[i].script.Digest == s.Digest {
				uses[i].units = append(uses[i].units, unit)
				return
			}
		}
		uses = append(uses, use{s, what, []string{unit}})
	}
	for _, u := range p.Units {
		if u.Fetch != nil {
			add(*u.Fetch, "FETCH SCRIPT", unitName(u.Environment))
		}
	}
	for _, u := range p.Units {
		add(u.Script, "SCRIPT", unitName(u.Environment))
	}
	for _, u := range uses {
		t.line("")
		t.line("%s of %s, as bash reads it on its standard input", u.what, strings.Join(u.units, ", "))
		for _, line := range strings.Split(strings.TrimSuffix(u.script.Text, "\n"), "\n") {
			t.line("  │ %s", strings.ReplaceAll(line, "\t", "    "))
		}
	}
}
