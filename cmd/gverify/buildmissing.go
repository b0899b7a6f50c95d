package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
)

// missingInput is a file that a descriptor wants and nobody can ship, such as Apple's SDK.
type missingInput struct {
	platform string
	file     string
	used     []usedInput // what signers of the release used, most signers first
	problem  string      // why that is not known
}

// usedInput is one digest of a file and who built with it.
type usedInput struct {
	digest  sigs.Digest
	signers []string // whose signature is authentic
	claims  []string // whose signature is not verified
}

// askSigners finds out which digest of a missing file the signers of the release had. It only helps: where it cannot be found
// out, the reason is kept.
func (p *planner) askSigners(ctx context.Context, version string, missing []missingInput) {
	if len(missing) == 0 {
		return
	}
	j, err := judge(ctx, request{version: version, project: p.o.project, sigs: p.o.sigs, keys: p.o.keys, offline: p.o.offline}, p.w, p.opener.progress)
	if err != nil {
		for i := range missing {
			missing[i].problem = err.Error()
		}
		return
	}
	defer j.close()
	for i, m := range missing {
		missing[i].used = usedInputs(j.comparison.Statements, m.file)
	}
}

// possible leaves out the stages that miss a file, and those that need them, and says so.
func possible(w world, stages []stage, missing []missingInput) ([]build.Plan, error) {
	if err := missingText(w.Err, missing); err != nil {
		return nil, err
	}
	absent := map[string]bool{}
	var plans []build.Plan
	for _, s := range stages {
		lacks := slices.ContainsFunc(missing, func(m missingInput) bool { return m.platform == s.platform }) && s.platform != "" ||
			slices.ContainsFunc(s.plan.Inputs.Files, func(f build.File) bool { return f.Digest == nil && absent[f.From] })
		if absent[s.plan.Name] = lacks; !lacks {
			plans = append(plans, s.plan)
		}
	}
	if len(plans) == 0 {
		return nil, withHint(errors.New("nothing can be built: input files are missing"), "put them into inputs/, or name their directory: --inputs DIR")
	}
	return plans, nil
}

func usedInputs(statements []*sigs.Statement, file string) []usedInput {
	var out []usedInput
	for _, s := range statements {
		for _, d := range s.Assertion.In.Digests(file) {
			i := slices.IndexFunc(out, func(u usedInput) bool { return u.digest == d })
			if i < 0 {
				i, out = len(out), append(out, usedInput{digest: d})
			}
			list := &out[i].claims
			if s.Authentic() {
				list = &out[i].signers
			}
			if !slices.Contains(*list, s.Signer) {
				*list = append(*list, s.Signer)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b usedInput) int {
		if len(a.signers) != len(b.signers) {
			return len(b.signers) - len(a.signers)
		}
		return len(b.claims) - len(a.claims)
	})
	return out
}

// missingText says which files are missing, and what is known of each.
func missingText(out io.Writer, missing []missingInput) error {
	t := planWriter{out: out}
	for _, m := range missing {
		t.line("")
		t.line("MISSING   %s: the build of %s cannot start without it and is left out", m.file, m.platform)
		switch {
		case m.problem != "":
			t.line("  what the signers of the release used could not be found out: %s", m.problem)
		case len(m.used) == 0:
			t.line("  no attestation of the release names this file")
		default:
			t.line("  the signers of the release used:")
		}
		for _, u := range m.used {
			t.line("    sha256 %s  %s", u.digest, usedBy(u))
		}
		for _, line := range obtain(m.file) {
			t.line("  %s", line)
		}
	}
	return t.err
}

// usedBy names who built with a file, verified signers apart from the others.
func usedBy(u usedInput) string {
	var parts []string
	if len(u.signers) > 0 {
		parts = append(parts, strings.Join(u.signers, ", "))
	}
	if len(u.claims) > 0 {
		parts = append(parts, "not verified: "+strings.Join(u.claims, ", "))
	}
	return report.Quote(strings.Join(parts, "; "))
}

// obtain says how to get a file.
func obtain(file string) []string {
	lower := strings.ToLower(file)
	sdk, isSDK := strings.CutSuffix(file, ".tar.gz")
	switch {
	case isSDK && strings.HasPrefix(lower, "macosx") && strings.HasSuffix(sdk, ".sdk"):
		return []string{
			"Apple does not let anybody pass it on. Make it on a Mac with the Xcode that holds " + sdk + " (developer.apple.com, free account):",
			"  tar -C /Volumes/Xcode/Xcode.app/Contents/Developer/Platforms/MacOSX.platform/Developer/SDKs/ -czf " + file + " " + sdk,
			"and put it into inputs/ (--inputs). Another Xcode or tar gives another digest, which need not change the result.",
		}
	case strings.HasPrefix(lower, "xcode-"):
		return []string{
			"Apple does not let anybody pass it on. Download that Xcode (developer.apple.com, free account), make the archive with the source's",
			"contrib/macdeploy/gen-sdk, and put it into inputs/ (--inputs).",
		}
	case strings.Contains(file, "-unsigned."):
		return []string{"It comes out of the unsigned build: build that platform too, or put its file into inputs/ under this name (--inputs)."}
	}
	return []string{"Get it where the project's release notes say, compare its digest, and put it into inputs/ (--inputs)."}
}
