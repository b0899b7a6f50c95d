package main

import (
	"errors"
	"runtime/debug"
	"strings"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/verify"
)

// readManifests reads the user's own builds: res.yml files (assertions and SHA256SUMS serve as well).
func readManifests(names []string) ([]verify.OwnBuild, error) {
	var own []verify.OwnBuild
	for _, name := range names {
		data, err := readCapped(name, sigs.MaxAssertion)
		if err != nil {
			return nil, withHint(err, "--manifest takes the res.yml that your build wrote, usually result/NAME-res.yml")
		}
		a, err := parseAny(data)
		if err != nil {
			return nil, withHint(errors.Join(errors.New(name+": no build result"), err), "--manifest takes the res.yml that your build wrote, usually result/NAME-res.yml")
		}
		own = append(own, verify.OwnBuild{Name: name, Assertion: a})
	}
	return own, nil
}

// parseAny parses an assertion in whichever of the two forms it has: YAML or SHA256SUMS.
func parseAny(data []byte) (sigs.Assertion, error) {
	if looksLikeSums(data) {
		return sigs.ParseSums(data)
	}
	return sigs.ParseAssertion(data)
}

// looksLikeSums reports whether the first line begins with a SHA-256 digest and a space.
func looksLikeSums(data []byte) bool {
	if len(data) < 66 || data[64] != ' ' {
		return false
	}
	_, err := sigs.ParseDigest(string(data[:64]))
	return err == nil
}

// subject gathers what the document of a judged release is made from.
func (j *judged) subject(status int) report.Subject {
	s := report.Subject{
		Tool:       "gverify " + toolVersion(),
		Project:    report.Project{Name: j.project.Name, Title: j.project.Title},
		Repository: report.Repository{Location: j.src.location, Revision: j.src.revision, Commit: j.src.commit.Hash, Time: j.src.commit.Time},
		Policy:     j.policy.Policy, Origin: j.policy.origin, PinsFrom: j.policy.pins, AsOf: j.asOf,
		Comparison: j.comparison, Verdict: j.verdict, ExitCode: status, OwnBuilds: j.asked.manifests, Findings: j.findings, Others: j.others,
	}
	for _, k := range j.keys.sources {
		s.Keys = append(s.Keys, report.KeySource{Name: k.name, Commit: k.commit, Files: k.files, Problem: k.problem})
	}
	return s
}

// documentCode is the exit code a saved document holds; what is no code of ours is an error.
func documentCode(d report.Document) int {
	switch want := map[verify.Outcome][]int{
		verify.Agreed: {exitAgreed, exitOwnDiffers}, verify.Disputed: {exitDisputed}, verify.Insufficient: {exitInsufficient, exitError},
	}[d.Outcome]; {
	case len(want) == 0:
		return exitError
	case d.Outcome == verify.Agreed && d.Own == verify.Differs:
		return exitOwnDiffers
	case d.Outcome == verify.Insufficient && d.ExitCode == exitError:
		return exitError
	default:
		return want[0]
	}
}

// toolVersion is the program's version as Go recorded it when it was built.
func toolVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown version)"
}

// policyTopic and configTopic are the texts behind gverify help policy and gverify help config.
func policyTopic() string {
	return "A policy file says who votes on a release and what suffices. An example, with everything that may stand in it:\n\n" + verify.PolicyHelp
}

func configTopic() string {
	return "The configuration file changes the projects gverify knows, and adds some. An example:\n\n" + projects.ConfigHelp
}

// codesTopic is the text behind gverify help codes.
func codesTopic() string {
	var b strings.Builder
	_ = report.CodeHelp(&b) // a strings.Builder takes everything
	return b.String()
}
