package dsse

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gverify/gverify/sigs"
)

// StatementType is the type of the only kind of statement that is written and read.
const StatementType = "https://in-toto.io/Statement/v1"

// ReportType is the predicate type of a whole gverify report, as gverify release --format json writes it.
const ReportType = "https://github.com/gverify/gverify/report/v1"

// maxSubjects is the most artifacts of one statement.
const maxSubjects = 100_000

// Statement is an in-toto statement: something is said about artifacts.
type Statement struct {
	Subjects      []Subject
	PredicateType string
	Predicate     json.RawMessage // a JSON object
}

// Subject is one artifact: its name says which file is meant, its digest decides.
type Subject struct {
	Name   string
	Digest sigs.Digest
}

// wireStatement is the JSON form.
type wireStatement struct {
	Type          string          `json:"_type"`
	Subject       []wireSubject   `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

type wireSubject struct {
	Name   string    `json:"name"`
	Digest DigestSet `json:"digest"`
}

// DigestSet is in-toto's set of digests, of which only SHA-256 is written and read.
type DigestSet struct {
	SHA256 string `json:"sha256"`
}

// digest reads the SHA-256 digest, in lower case as in-toto demands.
func (s DigestSet) digest() (sigs.Digest, error) {
	if s.SHA256 == "" {
		return sigs.Digest{}, errors.New("no sha256 digest")
	}
	d, err := sigs.ParseDigest(s.SHA256)
	if err != nil {
		return sigs.Digest{}, err
	}
	if d.String() != s.SHA256 {
		return sigs.Digest{}, errors.New("a sha256 digest in upper case")
	}
	return d, nil
}

// statementNames are the members that decide something; in another spelling they are refused.
var statementNames = []string{
	"_type", "subject", "name", "digest", "sha256", "predicateType", "predicate",
	"verifier", "id", "timeVerified", "resourceUri", "policy", "uri", "content", "inputAttestations", "verificationResult", "verifiedLevels",
	"schema", "outcome", "exit_code", "platforms", "artifacts",
}

// Statement reads the payload. It must be an in-toto statement of version 1 with at least one subject; every subject must have a
// name and a SHA-256 digest, and none may stand twice. Members nobody knows are ignored, as in-toto demands.
func (v Verified) Statement() (Statement, error) {
	s, err := parseStatement(v.payload)
	if err != nil {
		return Statement{}, fmt.Errorf("not an in-toto statement: %w", err)
	}
	return s, nil
}

func parseStatement(data []byte) (Statement, error) {
	var w wireStatement
	if err := sigs.UnmarshalJSON(data, statementNames, &w); err != nil {
		return Statement{}, err
	}
	switch {
	case w.Type != StatementType:
		return Statement{}, fmt.Errorf("_type %q, want %q", w.Type, StatementType)
	case w.PredicateType == "":
		return Statement{}, errors.New("it has no predicateType")
	case len(w.Predicate) == 0 || w.Predicate[0] != '{':
		return Statement{}, errors.New("its predicate is no object")
	}
	s := Statement{PredicateType: w.PredicateType, Predicate: w.Predicate}
	for i, subject := range w.Subject {
		digest, err := subject.Digest.digest()
		if err != nil {
			return Statement{}, fmt.Errorf("subject %d: %w", i+1, err)
		}
		s.Subjects = append(s.Subjects, Subject{subject.Name, digest})
	}
	return s, s.check()
}

// check holds what is written and what is read to the same rules.
func (s Statement) check() error {
	if len(s.Subjects) == 0 {
		return errors.New("it has no subject")
	}
	if len(s.Subjects) > maxSubjects {
		return fmt.Errorf("%d subjects, at most %d are read", len(s.Subjects), maxSubjects)
	}
	seen := make(map[Subject]bool, len(s.Subjects))
	for i, subject := range s.Subjects {
		switch {
		case subject.Name == "":
			return fmt.Errorf("subject %d has no name", i+1)
		case subject.Digest == sigs.Digest{}:
			return fmt.Errorf("subject %d has a digest of zeros", i+1)
		case seen[subject]:
			return fmt.Errorf("subject %d stands there already", i+1)
		}
		seen[subject] = true
	}
	return nil
}

func (s Statement) marshal() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("a statement that cannot be signed: %w", err)
	}
	w := wireStatement{Type: StatementType, PredicateType: s.PredicateType, Predicate: s.Predicate, Subject: []wireSubject{}}
	for _, subject := range s.Subjects {
		w.Subject = append(w.Subject, wireSubject{subject.Name, DigestSet{subject.Digest.String()}})
	}
	return json.Marshal(w)
}
