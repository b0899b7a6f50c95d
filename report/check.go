package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// CheckSchema names the version of a check's document. The rules are those of [Schema].
const CheckSchema = "gverify.check/v1"

// Check is the verdict on files that somebody holds, with the documents of the releases they were compared with. Slices are never
// null.
type Check struct {
	Schema    string         `json:"schema"`
	Tool      string         `json:"tool"`
	Project   Project        `json:"project"`
	Outcome   verify.Outcome `json:"outcome"`
	ExitCode  int            `json:"exit_code"`
	Grounds   string         `json:"grounds"`
	Own       verify.Own     `json:"own"`
	AsOf      time.Time      `json:"as_of"`
	List      *List          `json:"list,omitempty"` // the release's own list of digests, where one was given
	Files     []CheckedFile  `json:"files"`
	Skipped   []Skipped      `json:"skipped"`
	Findings  []sigs.Finding `json:"findings"` // of the check; those of the releases are in their documents
	Releases  []Document     `json:"releases"`
	NotProven string         `json:"not_proven"`
}

// List is a release's own list of digests and who signed it. Its signatures are nobody's vote.
type List struct {
	Path        string          `json:"path"`
	Signatures  []ListSignature `json:"signatures"`
	SignedIn    string          `json:"signed_in,omitempty"` // file of the signatures; the list itself where it is clear-signed
	ClearSigned bool            `json:"clear_signed"`
	Entries     int             `json:"entries"`
	Refuted     bool            `json:"refuted"` // its signatures speak against it
}

// ListSignature is one judged signature over a list.
type ListSignature struct {
	Signature
	Pin     string `json:"pin,omitempty"`     // name under which the policy pins the key
	Release string `json:"release,omitempty"` // whose release key the project publishes it as; where the key is not at hand, as the signature claims
}

// CheckedFile is the verdict on one file.
type CheckedFile struct {
	Name      string          `json:"name"`
	Version   string          `json:"version"`          // of the release it was compared with
	Path      string          `json:"path,omitempty"`   // where it was read; empty: it is only listed
	Size      int64           `json:"size,omitempty"`   // bytes read
	Digest    string          `json:"sha256,omitempty"` // of those bytes
	Listed    string          `json:"listed_sha256,omitempty"`
	Built     []string        `json:"built_sha256"` // by the user's own build
	Standing  verify.Standing `json:"standing"`
	Outcome   verify.Outcome  `json:"outcome"`
	Grounds   string          `json:"grounds"`
	Counts    bool            `json:"counts"`
	Own       verify.Own      `json:"own"`
	Rule      bool            `json:"name_rule"`   // the project's rule led from its name to the attested path
	Paths     []string        `json:"attested_as"` // paths it was compared with
	Platforms []string        `json:"platforms"`
	Elsewhere []string        `json:"attested_elsewhere"`
	Voters    []string        `json:"voters"` // who made the same bytes
	Others    []string        `json:"others"`
	Claims    []string        `json:"claims"`
	Against   []Group         `json:"against"` // who made others in their place
}

// Skipped is a file that was not checked, and why.
type Skipped struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// Differs reports whether the file is not the listed one.
func (f CheckedFile) Differs() bool { return f.Digest != "" && f.Listed != "" && f.Digest != f.Listed }

// NewCheckedFile makes the document's part of an item's verdict.
func NewCheckedFile(version string, v verify.ItemVerdict) CheckedFile {
	f := CheckedFile{
		Name: v.Name, Version: version, Built: []string{}, Standing: v.Standing, Outcome: v.Outcome, Grounds: v.Grounds, Counts: v.Counts, Own: v.Own,
		Rule:  v.Attested != "" && len(v.Paths) == 1 && v.Paths[0] == v.Attested && v.Attested != v.Name,
		Paths: full(v.Paths), Platforms: full(v.Platforms), Elsewhere: full(v.Elsewhere),
		Voters: full(v.Same.Voters), Others: full(v.Same.Others), Claims: full(v.Same.Claims), Against: []Group{},
	}
	if v.Held != nil {
		f.Digest = v.Held.String()
	}
	if v.Listed != nil {
		f.Listed = v.Listed.String()
	}
	for _, d := range v.Built {
		f.Built = append(f.Built, d.String())
	}
	for i, g := range v.Against {
		f.Against = append(f.Against, Group{letter(i), g.Digest, full(g.Voters), full(g.Others), full(g.Claims)})
	}
	return f
}

// NewListSignature makes the document's part of a signature over a list, given the names that a pin and the project's release
// keys have for its key.
func NewListSignature(s sigs.Signature, pin, release string) ListSignature {
	return ListSignature{signatureOf(s), pin, release}
}

// Complete fills in what is the same in every check.
func (c Check) Complete() Check {
	c.Schema, c.NotProven, c.AsOf = CheckSchema, NotProven, c.AsOf.UTC()
	c.Files, c.Skipped, c.Releases, c.Findings = full(c.Files), full(c.Skipped), full(c.Releases), mergeFindings(c.Findings)
	return c
}

// CheckJSON writes the whole document of a check.
func CheckJSON(w io.Writer, c Check) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(c)
}

// IsCheck reports whether data calls itself a check's document.
func IsCheck(data []byte) bool {
	var head struct {
		Schema string `json:"schema"`
	}
	return json.Unmarshal(data, &head) == nil && head.Schema == CheckSchema
}

// ParseCheck reads a document that CheckJSON wrote; unknown fields are ignored.
func ParseCheck(data []byte) (Check, error) {
	if !IsCheck(data) {
		return Check{}, fmt.Errorf("not a check, whose schema is %q", CheckSchema)
	}
	var c Check
	if err := json.Unmarshal(data, &c); err != nil {
		return Check{}, fmt.Errorf("not a gverify check: %w", err)
	}
	if len(c.Files) == 0 {
		return Check{}, errors.New("not a gverify check: it names no file")
	}
	return c, nil
}
