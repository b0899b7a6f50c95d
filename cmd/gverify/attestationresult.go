package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
)

// attestationSchema names the version of the JSON that verify-attestation writes.
const attestationSchema = "gverify.attestation/v1"

// attestationResult is what verify-attestation found, for people and programs. Slices are never null.
type attestationResult struct {
	Schema       string           `json:"schema"`
	File         string           `json:"file"`
	ExitCode     int              `json:"exit_code"`
	Problem      string           `json:"problem,omitempty"` // why nothing in the file is to be believed
	Result       string           `json:"result,omitempty"`  // PASSED or FAILED
	Levels       []string         `json:"levels"`
	Resource     string           `json:"resource,omitempty"`
	Title        string           `json:"title,omitempty"` // project and version, from the report
	Grounds      string           `json:"grounds,omitempty"`
	TimeVerified time.Time        `json:"time_verified,omitzero"`
	Policy       string           `json:"policy,omitempty"`
	PolicyDigest string           `json:"policy_sha256,omitempty"`
	Votes        int              `json:"votes"` // files that voted
	Subjects     []subjectResult  `json:"subjects"`
	Envelopes    []envelopeResult `json:"envelopes"`
	Threshold    int              `json:"threshold"`
	Keys         int              `json:"keys"` // distinct keys that were given
	Unknown      int              `json:"other_signatures"`
	Files        []fileResult     `json:"files"`
	Note         string           `json:"note,omitempty"` // what the file lacks
}

type subjectResult struct {
	Name   string      `json:"name"`
	Digest sigs.Digest `json:"sha256"`
}

type envelopeResult struct {
	Predicate string      `json:"predicate"`
	Signers   []keyResult `json:"signers"`
}

type keyResult struct {
	Digest    sigs.Digest `json:"sha256"`
	Algorithm string      `json:"algorithm"`
	File      string      `json:"file"`
}

type fileResult struct {
	Name   string      `json:"name"`
	Digest sigs.Digest `json:"sha256"`
	Status string      `json:"status"` // "attested", "renamed", "failed", "contradicted", "of another version" or "not attested"
	Text   string      `json:"text"`
}

// result gathers what was found; names says which file of the user's a key came from.
func (c *checkedVerdict) result(file string, names map[sigs.Digest]string) attestationResult {
	r := attestationResult{
		Schema: attestationSchema, File: file, ExitCode: c.exitCode(), Result: dsse.Failed, Levels: []string{}, Subjects: []subjectResult{},
		Envelopes: []envelopeResult{}, Threshold: c.threshold, Keys: c.keys, Unknown: c.unknown, Files: []fileResult{},
	}
	switch {
	case c.document == nil:
		r.Note = "there is a summary and no report: what it says of the release could not be compared with the evidence it names"
	case c.summary == nil:
		r.Note = "there is a report and no summary: nothing names a package URL, so make sure that it is about the release you mean"
	}
	if c.code == exitAgreed {
		r.Result = dsse.Passed
	}
	if s := c.summary; s != nil {
		r.Levels, r.Resource, r.TimeVerified, r.Policy, r.PolicyDigest = s.Levels, s.ResourceURI, s.TimeVerified, s.Policy.URI, s.Policy.Digest.SHA256
		r.Votes = len(s.InputAttestations) / 2
	}
	if d := c.document; d != nil {
		r.Title, r.Grounds, r.Votes = d.Project.Title+" "+d.Version, d.Outcome.String()+": "+d.Grounds, len(votedFiles(*d))
	}
	for _, s := range c.subjects {
		r.Subjects = append(r.Subjects, subjectResult(s))
	}
	for i, signers := range c.signers {
		e := envelopeResult{Predicate: c.kinds[i], Signers: []keyResult{}}
		for _, key := range signers {
			e.Signers = append(e.Signers, keyResult{key.Digest, key.Algorithm, names[key.Digest]})
		}
		r.Envelopes = append(r.Envelopes, e)
	}
	for _, f := range c.files {
		r.Files = append(r.Files, f.result(c.code == exitAgreed))
	}
	return r
}

// result says what a file is. Being named in a verdict that failed is no good news.
func (f checkedFile) result(passed bool) fileResult {
	r := fileResult{Name: f.name, Digest: f.digest, Status: "attested", Text: "its digest is the one that was reproduced"}
	switch {
	case f.other != "":
		r.Status, r.Text = "contradicted", "the digest attested for "+f.other+" is another one: this is not that file"
		if f.subject != "" {
			r.Text += ", but has the bytes of " + f.subject
		}
	case f.subject == "":
		r.Status, r.Text = "not attested", "nothing is said about it: neither its digest nor its name is among the subjects"
	case f.version != "":
		r.Status, r.Text = "of another version", "its name says "+f.version+", and its digest is the one attested for "+f.subject
	case f.code() == exitAgreed && baseName(f.subject) != baseName(f.name):
		r.Status, r.Text = "renamed", "its digest is the one attested for "+f.subject
	}
	if !passed && f.subject != "" && f.other == "" && f.version == "" {
		r.Status, r.Text = "failed", "its digest is among those that were judged, and the release did not pass"
	}
	return r
}

// baseName is the last part of a name, whichever slashes it has.
func baseName(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// refuse reports that too few keys signed.
func (o verifyAttestationOptions) refuse(w world, code int, problem error) error {
	r := attestationResult{Schema: attestationSchema, File: o.file, ExitCode: code, Problem: problem.Error(), Levels: []string{},
		Subjects: []subjectResult{}, Envelopes: []envelopeResult{}, Threshold: o.threshold, Files: []fileResult{}}
	if err := o.write(w, r); err != nil {
		return err
	}
	return exitStatus(code)
}

// write writes the result in the format asked.
func (o verifyAttestationOptions) write(w world, r attestationResult) error {
	return writeOutput(w, o.output.file, func(out io.Writer) error {
		if o.format == "json" {
			e := json.NewEncoder(out)
			e.SetIndent("", "  ")
			return e.Encode(r)
		}
		for _, line := range r.lines(o.quiet, o.verbose > 0) {
			if _, err := fmt.Fprintln(out, report.Quote(line)); err != nil {
				return err
			}
		}
		return nil
	})
}

// lines is the result as text, unquoted.
func (r attestationResult) lines(quiet, verbose bool) []string {
	if r.Problem != "" {
		return []string{"NOT VERIFIED: " + r.File + ": " + r.Problem, "Believe nothing it says. Get the public keys from whoever signed, and give each with --key."}
	}
	about := r.Resource
	if about == "" {
		about = r.Title
	}
	var out []string
	for _, f := range r.Files { // first: they are what was asked
		out = append(out, fmt.Sprintf("%s: %s: %s", strings.ToUpper(f.Status), f.Name, f.Text))
	}
	out = append(out, fmt.Sprintf("%s: %s, %s, %s", r.Result, about, plural(len(r.Subjects), "digest"), plural(r.Votes, "voting attestation")))
	if quiet {
		return out
	}
	row := func(head, text string) {
		if text != "" {
			out = append(out, fmt.Sprintf("  %-10s %s", head, text))
		}
	}
	row("level", strings.Join(r.Levels, ", "))
	row("verdict", r.Grounds)
	if !r.TimeVerified.IsZero() {
		row("verified", r.TimeVerified.UTC().Format("2006-01-02 15:04:05 UTC")+", as the signer claims")
	}
	row("policy", r.Policy)
	row("", r.PolicyDigest)
	for _, e := range r.Envelopes {
		for _, key := range e.Signers {
			row(e.Predicate, fmt.Sprintf("signed by %s, %s sha256:%s", key.File, key.Algorithm, key.Digest))
		}
	}
	row("keys", fmt.Sprintf("%s given, %d needed on each statement", plural(r.Keys, "distinct key"), r.Threshold))
	if r.Unknown > 0 {
		row("", plural(r.Unknown, "signature")+" not by any of them, or bad: proves nothing")
	}
	if r.Note != "" {
		row("note", r.Note)
	}
	for _, s := range r.Subjects {
		if verbose {
			row("sha256", s.Digest.String()+"  "+s.Name)
		}
	}
	return append(out, "You trust whoever holds these keys: the builders' own signatures were not checked here. "+report.NotProven)
}
