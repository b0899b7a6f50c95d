package dsse

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
)

// SummaryType is the predicate type of SLSA's verification summary.
const SummaryType = "https://slsa.dev/verification_summary/v1"

// VerifierID names gverify as the verifier of a summary. Who ran it is told by the key that signed.
const VerifierID = "https://github.com/gverify/gverify"

// Results of a verification.
const (
	Passed = "PASSED"
	Failed = "FAILED"
)

// Summary is SLSA's verification summary as gverify writes it. Its levels are gverify's own: that a file was reproduced says
// nothing about SLSA's levels, which are never claimed.
type Summary struct {
	Verifier          Verifier   `json:"verifier"`
	TimeVerified      time.Time  `json:"timeVerified"`
	ResourceURI       string     `json:"resourceUri"` // a package URL
	Policy            Resource   `json:"policy"`
	InputAttestations []Resource `json:"inputAttestations"` // every file that voted, and the signature over it
	Result            string     `json:"verificationResult"`
	Levels            []string   `json:"verifiedLevels"`
}

// Verifier is the program that verified.
type Verifier struct {
	ID      string            `json:"id"`
	Version map[string]string `json:"version,omitempty"`
}

// Resource is in-toto's resource descriptor: what is meant, and the digest of its bytes.
type Resource struct {
	URI       string    `json:"uri"`
	Digest    DigestSet `json:"digest"`
	MediaType string    `json:"mediaType,omitempty"`
	Content   []byte    `json:"content,omitempty"` // its bytes, where they are included
}

// NewResource describes bytes.
func NewResource(uri string, data []byte) Resource {
	sum := sha256.Sum256(data)
	return Resource{URI: uri, Digest: DigestSet{fmt.Sprintf("%x", sum)}}
}

// Statement makes the statement that says the summary about the subjects.
func (s Summary) Statement(subjects []Subject) (Statement, error) {
	if err := s.check(); err != nil {
		return Statement{}, err
	}
	predicate, err := json.Marshal(s)
	return Statement{Subjects: subjects, PredicateType: SummaryType, Predicate: predicate}, err
}

// Summary reads the predicate of a verification summary that gverify wrote. A summary by another verifier, one that is not
// clearly passed or failed, or one that claims a level of SLSA's, is refused.
func (s Statement) Summary() (Summary, error) {
	if s.PredicateType != SummaryType {
		return Summary{}, fmt.Errorf("predicate type %q, want %q", s.PredicateType, SummaryType)
	}
	var summary Summary
	if err := sigs.UnmarshalJSON(s.Predicate, statementNames, &summary); err != nil {
		return Summary{}, fmt.Errorf("verification summary: %w", err)
	}
	if err := summary.check(); err != nil {
		return Summary{}, fmt.Errorf("verification summary: %w", err)
	}
	return summary, nil
}

func (s Summary) check() error {
	if s.Verifier.ID != VerifierID {
		return fmt.Errorf("verifier %q, want %q", s.Verifier.ID, VerifierID)
	}
	if s.TimeVerified.IsZero() {
		return errors.New("it does not say when it was verified")
	}
	if !strings.HasPrefix(s.ResourceURI, "pkg:") {
		return fmt.Errorf("resourceUri %q is no package URL (pkg:…)", s.ResourceURI)
	}
	for _, r := range append([]Resource{s.Policy}, s.InputAttestations...) {
		if err := r.check(); err != nil {
			return err
		}
	}
	return s.checkResult()
}

// checkResult makes sure that the levels say what the result says.
func (s Summary) checkResult() error {
	if len(s.Levels) == 0 {
		return errors.New("it names no level")
	}
	for _, level := range s.Levels {
		if strings.HasPrefix(level, "SLSA_") {
			return fmt.Errorf("level %q: gverify never claims levels of SLSA's", level)
		}
	}
	failed := slices.Contains(s.Levels, Failed)
	switch {
	case s.Result == Passed && failed:
		return errors.New("the result is PASSED, and the level FAILED")
	case s.Result == Failed && !failed:
		return errors.New("the result is FAILED, and no level says so")
	case s.Result == Passed && len(s.InputAttestations) == 0:
		return errors.New("the result is PASSED, and nobody's attestation is named")
	case s.Result != Passed && s.Result != Failed:
		return fmt.Errorf("result %q, want %s or %s", s.Result, Passed, Failed)
	}
	return nil
}

func (r Resource) check() error {
	if u, err := url.Parse(r.URI); err != nil || u.Scheme == "" {
		return fmt.Errorf("uri %q is none", r.URI)
	}
	digest, err := r.Digest.digest()
	if err != nil {
		return fmt.Errorf("%s: %w", r.URI, err)
	}
	if r.Content != nil && digest != sha256.Sum256(r.Content) {
		return fmt.Errorf("%s: the content included has another digest", r.URI)
	}
	return nil
}
