package sigs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
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

// rank orders statuses from best to worst. Statuses it does not know come last.
var rank = []Status{Good, KeySuperseded, KeyExpiredSince, ExpiredAtSigning, SignatureExpired, UnknownKey, Missing, ImpossibleTime, KeyUnusable, Revoked, Bad, Malformed}

func rankOf(s Status) int {
	if i := slices.Index(rank, s); i >= 0 {
		return i
	}
	return len(rank)
}

// Check judges every signature of an attestation, then parses its assertion if no signature forbids it (content under nothing
// but bad or malformed signatures is not parsed). The statement is never nil; findings name what is wrong with it.
func Check(a Attestation, v Verifier) (*Statement, []Finding) {
	s := &Statement{Directory: a.Directory, Path: a.Path, Signer: a.Signer, Name: a.Name, Size: len(a.Data)}
	if a.Problem != "" {
		s.Unparsed = a.Problem
		s.signatures = []Signature{{Status: Missing, Why: "the assertion could not be read"}}
		return s, []Finding{s.finding("unreadable-assertion", Warning, a.Path, "the assertion could not be read: "+a.Problem, "ask the signer to check the file")}
	}
	s.Sum = sha256.Sum256(a.Data)
	for _, f := range a.Signatures {
		if f.Problem != "" {
			s.signatures = append(s.signatures, Signature{Path: f.Path, Status: Malformed, Why: f.Problem})
			continue
		}
		for _, judged := range v.Verify(a.Data, f.Data) {
			judged.Path = f.Path
			s.signatures = append(s.signatures, judged)
		}
	}
	if len(s.signatures) == 0 {
		s.signatures = []Signature{{Status: Missing}}
	}
	slices.SortStableFunc(s.signatures, func(x, y Signature) int { return cmp.Compare(rankOf(x.Status), rankOf(y.Status)) })
	findings := s.judge()
	switch s.Best().Status {
	case Bad, Malformed, ImpossibleTime, KeyUnusable, Revoked:
		s.Unparsed = "not read: its signature is " + string(s.Best().Status)
		return s, findings
	}
	var err error
	if _, layout := assertionName(lastElement(a.Path)); layout == GuixLayout {
		s.Assertion, err = ParseSums(a.Data)
	} else {
		s.Assertion, err = ParseAssertion(a.Data)
	}
	if err != nil {
		s.Unparsed = err.Error()
		findings = append(findings, s.finding("unreadable-assertion", Warning, a.Path, "the signed file is no assertion that can be read: "+err.Error(), "ask the signer to look at the file; it has no vote"))
	}
	return s, findings
}

func lastElement(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

func (s *Statement) finding(code string, severity Severity, p, text, next string) Finding {
	return Finding{Code: code, Severity: severity, Path: p, Release: s.Directory.Release, Platform: s.Directory.PlatformOf(s.Name), Signer: s.Signer, Text: text, Next: next}
}

// judge makes a finding of every signature that is not simply good.
func (s *Statement) judge() []Finding {
	var out []Finding
	for _, sig := range s.signatures {
		p := cmp.Or(sig.Path, s.Path)
		f := signatureFinding(sig)
		if f.Code != "" {
			if sig.Why != "" {
				f.Text += " (" + sig.Why + ")"
			}
			out = append(out, s.finding(f.Code, f.Severity, p, f.Text, f.Next))
		}
	}
	return out
}

// signatureFinding says what is wrong with a signature and what to do, in words for a newcomer.
func signatureFinding(sig Signature) Finding {
	key := cmp.Or(sig.Fingerprint, sig.KeyID)
	switch sig.Status {
	case Good, KeyExpiredSince, KeySuperseded:
		return Finding{}
	case Bad:
		return Finding{Code: "bad-signature", Severity: Alarm, Text: "the signature does not match the file: one of them was changed after signing",
			Next: "do not believe this file; ask the signer to sign again"}
	case Malformed:
		return Finding{Code: "malformed-signature", Severity: Warning, Text: "the file beside the assertion is no detached OpenPGP signature", Next: "ask the signer for a signature made with gpg --detach-sign"}
	case UnknownKey:
		return Finding{Code: "unknown-key", Severity: Warning, Text: fmt.Sprintf("no public key %s is at hand, so the signature cannot be checked", key), Next: "get the key, check whose it is, and give it with --keys"}
	case Missing:
		return Finding{Code: "missing-signature", Severity: Warning, Text: "nobody signed this assertion", Next: "ask the signer for the signature; until then it is a claim"}
	case ExpiredAtSigning:
		return Finding{Code: "expired-at-signing", Severity: Warning, Text: "the key had expired when it signed, as far as this copy of the key tells", Next: "a fresher copy of the key may clear it: --keys"}
	case SignatureExpired:
		return Finding{Code: "signature-expired", Severity: Warning, Text: "the signer limited the signature's own lifetime, and it is over", Next: "ask the signer to sign again"}
	case Revoked:
		return Finding{Code: "revoked-key", Severity: Alarm, Text: "the signer revoked the key: it may have been stolen", Next: "do not count on this signature; ask the signer to sign with his new key"}
	case ImpossibleTime:
		return Finding{Code: "impossible-time", Severity: Alarm, Text: "the signature claims a date at which it cannot have been made", Next: "ask the signer; do not count on it"}
	case KeyUnusable:
		return Finding{Code: "key-unusable", Severity: Warning, Text: "the key that signed may not sign", Next: "get a complete copy of the key, or ask the signer"}
	}
	return Finding{Code: "unknown-status", Severity: Alarm, Text: "the signature was not judged", Next: "this is a bug in gverify"}
}

// Checked is one attestation after Check.
type Checked struct {
	Statement *Statement
	Findings  []Finding
}

// CheckAll checks attestations with the given number of workers and yields them in the order they came. It holds at most a few
// attestations per worker in memory, stops at the first error of the sequence, and leaves no goroutine behind.
func CheckAll(ctx context.Context, attestations iter.Seq2[Attestation, error], v Verifier, workers int) iter.Seq2[Checked, error] {
	return func(yield func(Checked, error) bool) {
		slots := make(chan chan Checked, max(workers, 1))
		stop := make(chan struct{})
		var failed error
		go func() {
			defer close(slots)
			for a, err := range attestations {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					failed = err
					return
				}
				slot := make(chan Checked, 1)
				select {
				case slots <- slot:
				case <-stop:
					return
				}
				go func() {
					s, f := Check(a, v)
					slot <- Checked{s, f}
				}()
			}
		}()
		stopped := false
		for slot := range slots {
			c := <-slot
			if !stopped && !yield(c, nil) {
				stopped = true
				close(stop)
			}
		}
		if !stopped && failed != nil {
			yield(Checked{}, failed)
		}
	}
}
