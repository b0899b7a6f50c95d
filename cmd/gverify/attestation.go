package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
	"github.com/gverify/gverify/verify"
)

// attested is what a statement about a verdict says. It is derived from the document alone, so that whoever holds the signed
// document can derive it again and compare.
type attested struct {
	code     int // exit code of the verdict
	subjects []dsse.Subject
	levels   []string
	voted    []votedFile

	seen map[dsse.Subject]bool
}

// votedFile is a file whose statement votes.
type votedFile struct {
	path      string
	digest    sigs.Digest
	signature string // path of the signature that votes
}

// levelPrefix and the number of people who agree is the level of a release that passed; under the policy any, which counts keys that
// nobody vetted, levelUnvetted stands behind it.
const (
	levelPrefix   = "GVERIFY_REPRODUCED_BY_"
	levelUnvetted = "_UNVETTED_KEYS"
)

// isPassedLevel reports whether a level is one of a release that passed.
func isPassedLevel(level string) bool {
	number, ok := strings.CutPrefix(level, levelPrefix)
	n, err := strconv.Atoi(strings.TrimSuffix(number, levelUnvetted))
	return ok && err == nil && n > 0
}

// failedLevels say why a release did not pass, behind the level FAILED.
var failedLevels = map[int]string{
	exitDisputed: "GVERIFY_DISPUTED", exitInsufficient: "GVERIFY_INSUFFICIENT", exitOwnDiffers: "GVERIFY_OWN_BUILD_DIFFERS",
}

// attest derives what can be said about a document's artifacts. Only an agreed release passes, and its subjects are only the
// artifacts that bear on the verdict and that enough voters agree on: a digest among the subjects of a passed statement is one
// that people whose voice counts have reproduced. A release that did not pass names every digest that was judged.
func attest(d report.Document) (attested, error) {
	a := attested{code: documentCode(d), voted: votedFiles(d)}
	if a.code == exitAgreed {
		err := a.pass(d)
		return a, err
	}
	level, known := failedLevels[a.code]
	if !known {
		return attested{}, fmt.Errorf("outcome %s with exit code %d is no verdict", d.Outcome, d.ExitCode)
	}
	a.levels = []string{dsse.Failed, level}
	a.subjects = judgedFiles(d)
	if len(a.subjects) == 0 {
		return attested{}, withHint(errors.New("there is nothing to attest: nobody's signature over a file could be verified"),
			"gverify release %s says what is missing", d.Version)
	}
	return a, nil
}

// pass collects the artifacts that were reproduced, and by how many at least.
func (a *attested) pass(d report.Document) error {
	least := 0
	for _, p := range d.Platforms {
		if !p.Asked {
			continue
		}
		for _, artifact := range p.Artifacts {
			if !artifact.Counts {
				continue
			}
			group, err := agreedGroup(artifact, d.Policy.Threshold)
			if err != nil {
				return fmt.Errorf("%s: %w", artifact.Path, err)
			}
			a.add(artifact.Path, group.Digest)
			if n := len(group.Voters); least == 0 || n < least {
				least = n
			}
		}
	}
	if len(a.subjects) == 0 || len(a.voted) == 0 {
		return errors.New("the verdict says agreed, and names no file that anybody agrees on")
	}
	a.levels = []string{levelPrefix + strconv.Itoa(least)}
	if d.Policy.AnyGiven {
		a.levels[0] += levelUnvetted
	}
	return nil
}

// agreedGroup is the group whose digest an agreed artifact has: the one with most voters.
func agreedGroup(a report.Artifact, threshold int) (report.Group, error) {
	if a.Outcome != verify.Agreed || len(a.Groups) == 0 {
		return report.Group{}, fmt.Errorf("the verdict says agreed, and this file is %s", a.Outcome)
	}
	best := a.Groups[0]
	for _, g := range a.Groups[1:] {
		if len(g.Voters) >= len(best.Voters) {
			return report.Group{}, errors.New("the verdict says agreed, and no group has most voters")
		}
	}
	if len(best.Voters) < max(threshold, 1) {
		return report.Group{}, fmt.Errorf("the verdict says agreed, and %d voters do so where %d are needed", len(best.Voters), max(threshold, 1))
	}
	return best, nil
}

// judgedFiles are the digests that voters assert; where nobody votes, those of good signatures.
func judgedFiles(d report.Document) []dsse.Subject {
	var voted, others attested
	for _, p := range d.Platforms {
		for _, artifact := range p.Artifacts {
			for _, g := range artifact.Groups {
				if p.Asked && len(g.Voters) > 0 {
					voted.add(artifact.Path, g.Digest)
				}
				if len(g.Voters)+len(g.Others) > 0 {
					others.add(artifact.Path, g.Digest)
				}
			}
		}
	}
	if len(voted.subjects) > 0 {
		return voted.subjects
	}
	return others.subjects
}

// add adds a subject, once: several platforms may list the same file.
func (a *attested) add(name string, digest sigs.Digest) {
	s := dsse.Subject{Name: name, Digest: digest}
	if a.seen == nil {
		a.seen = map[dsse.Subject]bool{}
	}
	if !a.seen[s] {
		a.seen[s] = true
		a.subjects = append(a.subjects, s)
	}
}

// votedFiles are the files that voted on the platforms that were asked for, in the document's order.
func votedFiles(d report.Document) []votedFile {
	var out []votedFile
	for _, s := range d.Signers {
		for _, a := range s.Attestations {
			if a.Votes && len(a.Signatures) > 0 && bears(d, a) {
				out = append(out, votedFile{a.Path, a.Digest, a.Signatures[0].Path})
			}
		}
	}
	return out
}

// bears reports whether an attestation bears on a platform that was asked for: it is for that platform, or lies in its release's
// directory (in the guix layout the assertions of all platforms vote on one file together).
func bears(d report.Document, a report.Attestation) bool {
	return slices.ContainsFunc(d.Platforms, func(p report.Platform) bool {
		return p.Asked && (p.Name == a.Platform || p.Release != "" && strings.HasPrefix(a.Path, p.Release+"/"))
	})
}

// reportStatement makes the statement that holds the whole document.
func reportStatement(d report.Document, subjects []dsse.Subject) (dsse.Statement, error) {
	predicate, err := json.Marshal(d)
	return dsse.Statement{Subjects: subjects, PredicateType: dsse.ReportType, Predicate: predicate}, err
}
