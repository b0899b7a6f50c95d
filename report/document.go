// Package report holds the one versioned document of a verdict and writes it for people and programs.
//
// It decides nothing and hides nothing that bears on the verdict. All text from repositories is made harmless where it is
// written: a [Document] holds it as it was found.
package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Schema names the document's version. Fields may be added; a changed meaning is a new schema.
const Schema = "gverify.report/v1"

// NotProven is what no agreement shows; every report ends with it.
const NotProven = "Agreement does not exclude a common cause: the same tampered source or base image, or stolen keys."

// Document is a verdict with everything that led to it. Slices are never null.
type Document struct {
	Schema     string         `json:"schema"`
	Tool       string         `json:"tool"` // "gverify v0.1.0"
	Project    Project        `json:"project"`
	Version    string         `json:"version"`
	Outcome    verify.Outcome `json:"outcome"`
	ExitCode   int            `json:"exit_code"`
	Grounds    string         `json:"grounds"`
	Own        verify.Own     `json:"own"`
	AsOf       time.Time      `json:"as_of"` // keys are judged as of then
	Repository Repository     `json:"repository"`
	Keys       []KeySource    `json:"keys"`
	Policy     Policy         `json:"policy"`
	Platforms  []Platform     `json:"platforms"`
	Signers    []Signer       `json:"signers"` // voters first, then by name
	OwnBuilds  []string       `json:"own_builds"`
	Findings   []sigs.Finding `json:"findings"` // most important first
	Others     []string       `json:"other_projects"`

	Explanation *Explained `json:"explanation,omitempty"` // why signers differ, where that was asked or somebody does
	NotProven   string     `json:"not_proven"`
}

// Project names whose release was judged.
type Project struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Repository is where the attestations came from.
type Repository struct {
	Location string    `json:"location"`
	Revision string    `json:"revision,omitempty"` // as asked
	Commit   string    `json:"commit,omitempty"`   // empty for a plain directory
	Time     time.Time `json:"time,omitzero"`      // of the commit
}

// KeySource is one place keys were looked for.
type KeySource struct {
	Name    string `json:"name"`
	Commit  string `json:"commit,omitempty"`
	Files   int    `json:"files"`
	Problem string `json:"problem,omitempty"` // why it could not be read
}

// Policy is the policy that decided.
type Policy struct {
	Name       string   `json:"name"`
	Origin     string   `json:"origin"` // preset or file
	PinsFrom   string   `json:"pins_from"`
	Threshold  int      `json:"threshold"`
	Dissent    string   `json:"dissent"`
	AnyGiven   bool     `json:"any_given"`
	Pins       []Pin    `json:"pins"`
	Required   []string `json:"required"`
	Vetoes     []string `json:"vetoes"`
	BadCounts  bool     `json:"bad_signature_refused"`
	GroupRules []string `json:"groups"`
}

// Pin is a person whose voice counts.
type Pin struct {
	Name         string   `json:"name"`
	Fingerprints []string `json:"fingerprints"`
}

// Platform is the verdict on one platform.
type Platform struct {
	Name      string         `json:"name"`
	Release   string         `json:"release"` // directory, empty where it is absent
	Due       bool           `json:"due"`
	Asked     bool           `json:"asked"`
	Outcome   verify.Outcome `json:"outcome"`
	Grounds   string         `json:"grounds"`
	Own       verify.Own     `json:"own"`
	Voters    []string       `json:"voters"`
	Artifacts []Artifact     `json:"artifacts"`
	Shared    []Shared       `json:"shared"`
}

// Artifact is the verdict on one file.
type Artifact struct {
	Path      string         `json:"path"`
	Outcome   verify.Outcome `json:"outcome"`
	Grounds   string         `json:"grounds"`
	Counts    bool           `json:"counts"`
	Groups    []Group        `json:"groups"`
	Abstained []string       `json:"abstained"`
	Own       verify.Own     `json:"own"`
	OwnDigest string         `json:"own_sha256,omitempty"`
}

// Group is everyone who got the same bytes.
type Group struct {
	Letter string      `json:"letter"` // A, B, …
	Digest sigs.Digest `json:"sha256"`
	Voters []string    `json:"voters"`
	Others []string    `json:"others"`
	Claims []string    `json:"claims"`
}

// Shared is an input, base or cache manifest and who holds the same one.
type Shared struct {
	Kind   string        `json:"kind"`
	Groups []SharedGroup `json:"groups"`
}

// SharedGroup is the signers with one value.
type SharedGroup struct {
	Value   string   `json:"value"`
	Signers []string `json:"signers"`
}

// Signer is one signer of the release and his attestations.
type Signer struct {
	Name         string        `json:"name"`
	Person       string        `json:"person,omitempty"` // pinned name
	Votes        bool          `json:"votes"`
	Attestations []Attestation `json:"attestations"`
}

// Attestation is one assertion file and the signatures over it.
type Attestation struct {
	Path       string      `json:"path"`
	Platform   string      `json:"platform"`
	Digest     sigs.Digest `json:"sha256"`
	Votes      bool        `json:"votes"`
	Why        string      `json:"why,omitempty"` // why it does not vote
	Unparsed   string      `json:"unparsed,omitempty"`
	Signatures []Signature `json:"signatures"`
}

// Signature is one judged signature.
type Signature struct {
	Path        string       `json:"path,omitempty"`
	Status      sigs.Status  `json:"status"`
	Why         string       `json:"why,omitempty"`
	Labels      []sigs.Label `json:"labels"`
	KeyID       string       `json:"key_id,omitempty"`
	Fingerprint string       `json:"fingerprint,omitempty"`
	Primary     string       `json:"primary,omitempty"`
	Created     time.Time    `json:"created,omitzero"`
	Hash        string       `json:"hash,omitempty"`
	Algorithm   string       `json:"algorithm,omitempty"`
	KeyExpires  time.Time    `json:"key_expires,omitzero"`
	UserIDs     []string     `json:"user_ids"`
	Sources     []string     `json:"key_sources"`
	Given       bool         `json:"key_given"`
}

// JSON writes the whole document. Invisible and reordering characters, and the "##" that CI systems look for in their logs,
// are written as JSON's own escapes, so that a document printed on a terminal or in a log does no more than the text.
func JSON(w io.Writer, d Document) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return err
	}
	_, err := w.Write(inertJSON(b.Bytes()))
	return err
}

// inertJSON escapes within strings, the only place where such characters stand in JSON.
func inertJSON(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i, r := range string(data) {
		switch {
		case r == '#' && data[i+1] == '#': // a closing quote follows at the latest
			out = append(out, `\u0023`...)
		case r < 0x7f || visible(r):
			out = utf8.AppendRune(out, r)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
	}
	return out
}

// Parse reads a document that JSON wrote. A schema it does not know is refused, and so is a document that contradicts itself or names
// a field twice; unknown fields are ignored.
func Parse(data []byte) (Document, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Document{}, fmt.Errorf("not a gverify report: %w", err)
	}
	if head.Schema != Schema {
		return Document{}, fmt.Errorf("schema %q is not known, want %q", head.Schema, Schema)
	}
	var d Document
	if err := sigs.UnmarshalJSON(data, []string{"schema", "outcome", "platforms", "artifacts", "own"}, &d); err != nil {
		return Document{}, fmt.Errorf("not a gverify report: %w", err)
	}
	if d.Version == "" {
		return Document{}, errors.New("not a gverify report: it names no version")
	}
	if err := consistent(d); err != nil {
		return Document{}, fmt.Errorf("the report contradicts itself, so somebody changed it: %w", err)
	}
	if !d.Explanation.whole() {
		return Document{}, errors.New("not a gverify report: its explanation lacks groups, causes or evidence")
	}
	return d, nil
}
