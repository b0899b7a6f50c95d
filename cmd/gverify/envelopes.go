package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
)

// checkedVerdict is what the envelopes of one file say, after enough keys were found to have signed each of them.
type checkedVerdict struct {
	summary   *dsse.Summary    // nil: the file has no summary
	document  *report.Document // nil: the file has no report
	subjects  []dsse.Subject
	signers   [][]dsse.PublicKey // per envelope
	kinds     []string           // per envelope: "summary" or "report"
	unknown   int                // signatures by keys that were not given, or bad ones
	threshold int
	keys      int
	code      int // exit code of the verdict
	files     []checkedFile
}

// checkEnvelopes verifies every envelope of a file and holds what they say against each other.
func checkEnvelopes(data []byte, keys []dsse.PublicKey, threshold int, now time.Time) (*checkedVerdict, error) {
	envelopes, err := dsse.ParseEnvelopes(data)
	if err != nil {
		return nil, err
	}
	c := &checkedVerdict{threshold: threshold, keys: len(keys)}
	for i, e := range envelopes {
		if err := c.add(e, keys); err != nil {
			return nil, fmt.Errorf("envelope %d: %w", i+1, err)
		}
	}
	return c, c.agree(now)
}

// add verifies one envelope and reads its statement.
func (c *checkedVerdict) add(e dsse.Envelope, keys []dsse.PublicKey) error {
	v, err := dsse.Verify(e, keys, c.threshold)
	if err != nil {
		return err
	}
	s, err := v.Statement()
	if err != nil {
		return err
	}
	kind := "summary"
	switch s.PredicateType {
	case dsse.SummaryType:
		summary, err := s.Summary()
		if err != nil {
			return err
		}
		if c.summary != nil {
			return errors.New("a second summary: want at most one in a file")
		}
		c.summary = &summary
	case dsse.ReportType:
		d, err := report.Parse(s.Predicate)
		if err != nil {
			return err
		}
		if c.document != nil {
			return errors.New("a second report: want at most one in a file")
		}
		c.document, kind = &d, "report"
	default:
		return fmt.Errorf("predicate type %q, want %q or %q", s.PredicateType, dsse.SummaryType, dsse.ReportType)
	}
	if c.subjects != nil && !slices.Equal(c.subjects, s.Subjects) {
		return errors.New("it is about other subjects than the envelope before it")
	}
	c.subjects = s.Subjects
	c.signers, c.kinds, c.unknown = append(c.signers, v.Signers()), append(c.kinds, kind), c.unknown+v.Unknown()
	return nil
}

// agree makes sure that summary and report tell the same, and settles the verdict's exit code. Whatever is not clearly passed is
// not.
func (c *checkedVerdict) agree(now time.Time) error {
	c.code = exitError
	if c.document != nil {
		said, err := attest(*c.document)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		if !slices.Equal(said.subjects, c.subjects) {
			return errors.New("the subjects are not those that the report's verdict is about")
		}
		c.code = said.code
		if c.summary != nil {
			if err := c.summaryTells(said); err != nil {
				return err
			}
		}
	}
	if c.summary == nil {
		return nil
	}
	if c.summary.TimeVerified.After(now.Add(24 * time.Hour)) {
		return fmt.Errorf("the summary says it was verified at %s, which is more than a day from now", c.summary.TimeVerified.Format(time.RFC3339))
	}
	code, err := codeOf(*c.summary)
	if err == nil && c.document == nil {
		c.code = code
	}
	return err
}

// summaryTells compares the summary with what the report makes it say.
func (c *checkedVerdict) summaryTells(said attested) error {
	result := dsse.Failed
	if said.code == exitAgreed {
		result = dsse.Passed
	}
	if c.summary.Result != result {
		return fmt.Errorf("the summary says %s, and the report %s", c.summary.Result, result)
	}
	if !slices.Equal(c.summary.Levels, said.levels) {
		return fmt.Errorf("the summary says %s, and the report %s", strings.Join(c.summary.Levels, ", "), strings.Join(said.levels, ", "))
	}
	var want, got []string
	for _, v := range said.voted {
		want = append(want, v.digest.String())
	}
	for i := 0; i < len(c.summary.InputAttestations); i += 2 { // a file, then its signature
		got = append(got, c.summary.InputAttestations[i].Digest.SHA256)
	}
	if len(c.summary.InputAttestations) != 2*len(want) || !slices.Equal(want, got) {
		return errors.New("the summary names other votes than the report")
	}
	return c.samePolicy()
}

// samePolicy compares the threshold and the pins of the policy that the summary includes with the report's.
func (c *checkedVerdict) samePolicy() error {
	type pin struct {
		Name         string
		Fingerprints []string
	}
	var wrapped struct{ Policy json.RawMessage }
	content := c.summary.Policy.Content
	if json.Unmarshal(content, &wrapped) == nil && wrapped.Policy != nil {
		content = wrapped.Policy
	}
	var included struct {
		Threshold int
		Pins      []pin
	}
	if err := json.NewDecoder(bytes.NewReader(content)).Decode(&included); err != nil {
		return fmt.Errorf("the summary's policy cannot be read: %w", err)
	}
	pins := []pin{}
	for _, p := range c.document.Policy.Pins {
		fingerprints := slices.Clone(p.Fingerprints)
		slices.Sort(fingerprints)
		pins = append(pins, pin{p.Name, fingerprints})
	}
	slices.SortFunc(pins, func(a, b pin) int { return strings.Compare(a.Name, b.Name) })
	if included.Threshold != c.document.Policy.Threshold || !reflect.DeepEqual(included.Pins, pins) {
		return errors.New("the summary names another policy than the report")
	}
	return nil
}

// codeOf is the exit code of a summary that stands alone.
func codeOf(s dsse.Summary) (int, error) {
	if s.Result == dsse.Passed {
		if len(s.Levels) == 1 && isPassedLevel(s.Levels[0]) {
			return exitAgreed, nil
		}
		return exitError, fmt.Errorf("the summary's levels are %s, want %s and a number", strings.Join(s.Levels, ", "), levelPrefix)
	}
	for code, level := range failedLevels {
		if slices.Equal(s.Levels, []string{dsse.Failed, level}) {
			return code, nil
		}
	}
	return exitError, fmt.Errorf("the summary's levels are %s, which says not why it failed", strings.Join(s.Levels, ", "))
}

// expect compares the summary with what the user wants it to be about; an empty string is no wish.
func (c *checkedVerdict) expect(resource, policyDigest string) error {
	if (resource != "" || policyDigest != "") && c.summary == nil {
		return errors.New("it has no summary, which alone names a package URL and a policy")
	}
	if resource != "" && resource != c.summary.ResourceURI {
		return fmt.Errorf("it is about %s, want %s", c.summary.ResourceURI, resource)
	}
	if policyDigest != "" && !strings.EqualFold(policyDigest, c.summary.Policy.Digest.SHA256) {
		return fmt.Errorf("its policy has the digest %s, want %s", c.summary.Policy.Digest.SHA256, policyDigest)
	}
	return nil
}

// checkedFile is a file of the user's and the subject it is.
type checkedFile struct {
	name    string
	digest  sigs.Digest
	subject string // whose digest it has; empty: nobody's
	other   string // subject of its name with another digest
	version string // that its name carries, if the verdict is about another one
}

// look finds a file among the subjects. Its digest decides; but a file that bears the name of a subject with another digest is
// not that subject, whatever else it is.
func (c *checkedVerdict) look(name string, digest sigs.Digest) checkedFile {
	f := checkedFile{name: name, digest: digest}
	base := filepath.Base(name)
	for _, s := range c.subjects {
		same := path.Base(s.Name) == base
		switch {
		case s.Digest == digest && (f.subject == "" || same):
			f.subject = s.Name
		case s.Digest != digest && same:
			f.other = s.Name
		}
	}
	if f.subject != "" && path.Base(f.subject) == base {
		f.other = ""
	}
	if carried, ok := sigs.NamesVersion(base); ok && f.subject != "" && !c.isAbout(carried, f.subject) {
		f.version = carried
	}
	return f
}

// isAbout reports whether a version is the one that a subject's name carries, or the verdict is about.
func (c *checkedVerdict) isAbout(version, subject string) bool {
	var about []string
	if of, ok := sigs.NamesVersion(subject); ok {
		about = append(about, of)
	}
	if c.document != nil {
		about = append(about, c.document.Version)
	}
	if c.summary != nil {
		_, rest, _ := strings.Cut(c.summary.ResourceURI, "@")
		about = append(about, strings.TrimPrefix(rest[:strings.IndexAny(rest+"?", "?#")], "v"))
	}
	return slices.ContainsFunc(about, func(of string) bool { return sigs.SameVersion(of, version) })
}

// code is the exit code of one file.
func (f checkedFile) code() int {
	switch {
	case f.other != "":
		return exitDisputed
	case f.subject == "", f.version != "":
		return exitInsufficient
	}
	return exitAgreed
}

// exitCode is the worst of the verdict and of the files: disputed, then insufficient, then an own build that differs.
func (c *checkedVerdict) exitCode() int {
	codes := []int{c.code}
	for _, f := range c.files {
		codes = append(codes, f.code())
	}
	for _, code := range []int{exitError, exitDisputed, exitInsufficient, exitOwnDiffers, exitAgreed} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitError
}
