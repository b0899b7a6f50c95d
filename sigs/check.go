package sigs

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Statement is an attestation after [Check]. Only Check can make one that is authentic: the signatures are locked in an
// unexported field. One that is not authentic is a claim: shown as "not verified", never a vote.
type Statement struct {
	Directory Directory // of the release; Files is nil
	Path      string    // assertion file
	Signer    string    // directory name
	Name      string    // assertion name
	Assertion Assertion // zero where it was not parsed: see Unparsed
	Unparsed  string    // why it was not parsed: bad signature, or the parser's error. Empty: parsed
	Sum       Digest    // of the assertion file's bytes
	Size      int

	signatures []Signature
}

// Signatures returns the judged signatures, best first; at least one, of status Missing where the file is unsigned.
func (s *Statement) Signatures() []Signature { return slices.Clone(s.signatures) }

// Best returns the signature that decides who speaks.
func (s *Statement) Best() Signature {
	if len(s.signatures) == 0 {
		return Signature{Status: Missing}
	}
	return s.signatures[0]
}

// Authentic reports whether the best signature is authentic and the assertion was parsed.
func (s *Statement) Authentic() bool { return s.Best().Authentic() && s.Unparsed == "" }

// NotParsed reports whether the assertion was left unread because its signatures are bad or malformed: it is nobody's.
func (s *Statement) NotParsed() bool { return strings.HasPrefix(s.Unparsed, notParsed) }

// notParsed begins Unparsed where the signatures are the reason.
const notParsed = "not parsed: "

// ranking orders statuses from best to worst. What it does not know comes last.
var ranking = []Status{
	Good, KeySuperseded, KeyExpiredSince, // authentic
	ExpiredAtSigning, SignatureExpired, KeyUnusable, ImpossibleTime, Revoked, // valid mathematics
	UnknownKey, Missing, Bad, Malformed,
}

func rank(s Status) int {
	if i := slices.Index(ranking, s); i >= 0 {
		return i
	}
	return len(ranking)
}

// Check judges every signature of an attestation, then parses its assertion, unless all its signatures are bad or malformed:
// such content is nobody's and is not parsed. What is not authentic is parsed under the same caps, as a claim. The statement is
// never nil; the findings name what is wrong with the attestation, each with a next step.
func Check(a Attestation, v Verifier) (*Statement, []Finding) {
	s := &Statement{Directory: a.Directory, Path: a.Path, Signer: a.Signer, Name: a.Name, Size: len(a.Data)}
	if a.Problem != "" {
		s.Unparsed = a.Problem
		s.signatures = []Signature{{Status: Missing, Why: "its assertion could not be read"}}
		return s, []Finding{s.finding("unreadable-assertion", Warning, a.Path, "the assertion is not read: it is "+a.Problem,
			"ask the signer to look at the file; it has no vote")}
	}
	s.Sum = sha256.Sum256(a.Data)
	s.signatures = judge(a, v)
	var findings []Finding
	for _, signature := range s.signatures {
		if f, ok := signatureFinding(signature); ok {
			findings = append(findings, s.finding(f.Code, f.Severity, cmp.Or(signature.Path, s.Path), f.Text, f.Next))
		}
	}
	if why, ok := mayParse(s.signatures); !ok {
		s.Unparsed = why
		return s, findings
	}
	return s, append(findings, s.parse(a.Data)...)
}

// judge has every signature file verified; the results are in order of [ranking], then of their files.
func judge(a Attestation, v Verifier) []Signature {
	var out []Signature
	for _, f := range a.Signatures {
		if f.Problem != "" {
			out = append(out, Signature{Path: f.Path, Status: Malformed, Why: "the file is not read: it is " + f.Problem})
			continue
		}
		judged := v.Verify(a.Data, f.Data)
		if len(judged) == 0 {
			judged = []Signature{{Status: Malformed, Why: "no signature was found in the file"}}
		}
		for _, signature := range judged {
			signature.Path = f.Path
			out = append(out, signature)
		}
	}
	if len(out) == 0 {
		return []Signature{{Status: Missing}}
	}
	slices.SortStableFunc(out, func(x, y Signature) int {
		return cmp.Or(cmp.Compare(rank(x.Status), rank(y.Status)), strings.Compare(x.Path, y.Path))
	})
	return out
}

// mayParse reports whether one of the signatures, or their absence, lets the content be parsed, and why not.
func mayParse(signatures []Signature) (why string, ok bool) {
	for _, signature := range signatures {
		if signature.Valid() || signature.Status == UnknownKey || signature.Status == Missing {
			return "", true
		}
	}
	best := signatures[0]
	if best.Status == Bad {
		return notParsed + "its signature is bad", false
	}
	return notParsed + "it has no signature but a malformed one", false
}

// parse reads the assertion as what its file's name says it is.
func (s *Statement) parse(data []byte) []Finding {
	var err error
	s.Assertion, err = ParseFile(s.Path, data)
	if err != nil {
		s.Unparsed = err.Error()
		code, next := "unparsable-assertion", "ask the signer to look at the file; it has no vote"
		if errors.Is(err, ErrHTML) {
			code, next = "html-page", "ask the signer to sign the assertion itself; this file has no vote"
		}
		return []Finding{s.finding(code, Warning, s.Path, "the file is no assertion that can be read: "+err.Error(), next)}
	}
	var findings []Finding
	if s.Directory.Layout == GitianLayout && s.Assertion.Format == ResultFormat && strings.HasSuffix(s.Path, ".assert") {
		findings = append(findings, s.finding("incomplete-assertion", Warning, s.Path, "the assertion does not say which release it is for, as gitian's always do: the file may be cut off",
			"ask the signer to look at the file"))
	}
	if n := s.Assertion.noise(); n > 0 {
		findings = append(findings, s.finding("manifest-noise", Note, s.Path,
			fmt.Sprintf("%d lines of the manifests that explain the build are no manifest lines (console output that was signed along, mostly); they are set aside", n), ""))
	}
	return findings
}

// noise counts the lines that were set aside.
func (a *Assertion) noise() int {
	n := len(a.Noise)
	for _, b := range a.Bases {
		n += len(b.Noise)
	}
	return n
}

func (s *Statement) finding(code string, severity Severity, p, text, next string) Finding {
	return Finding{Code: code, Severity: severity, Path: p, Release: s.Directory.Release, Platform: s.Directory.PlatformOf(s.Name), Signer: s.Signer, Text: text, Next: next}
}
