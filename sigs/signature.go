package sigs

import "time"

// Status is the verdict on one signature. The zero Status is no verdict and never accepted.
type Status string

const (
	Good             Status = "good"                       // valid, key valid now
	KeyExpiredSince  Status = "good, key expired since"    // valid, key was valid when it signed
	KeySuperseded    Status = "good, key superseded since" // valid, key revoked later with a soft reason
	ExpiredAtSigning Status = "expired at signing"         // valid mathematics, but after the key's known expiry
	Revoked          Status = "revoked"                    // key hard-revoked, or soft-revoked before it signed
	SignatureExpired Status = "signature expired"          // its own lifetime is over
	ImpossibleTime   Status = "impossible time"            // made before its key existed, or in the future
	KeyUnusable      Status = "key unusable"               // valid mathematics by a key that may not sign: no valid self-signature, binding or sign flag
	Bad              Status = "bad"                        // does not match the bytes
	UnknownKey       Status = "unknown key"                // no public key at hand
	Malformed        Status = "malformed"                  // not a detached OpenPGP signature
	Missing          Status = "missing"                    // no signature at all
)

// Label marks a signature that is weaker than today's practice. Labels stand beside a status.
type Label string

const (
	WeakSHA1     Label = "weak: SHA-1 digest"
	WeakDSA1024  Label = "weak: DSA-1024"
	WeakRSA      Label = "weak: RSA < 2048"
	VersionThree Label = "v3"
)

// Signature is one judged signature over one assertion file.
type Signature struct {
	Path        string    // file it was found in
	Status      Status    //
	Labels      []Label   //
	Why         string    // grounds of a status that is not Good, a sentence without a full stop
	KeyID       string    // 16 upper-case hexadecimal digits of the issuer, empty where it names none
	Fingerprint string    // of the key that signed, upper-case hexadecimal; where the key is unknown, the issuer fingerprint the signature claims, or empty
	Primary     string    // primary key's fingerprint; empty where the key is unknown
	UserIDs     []string  // the key's own valid user ids, sorted; hostile text
	Created     time.Time // as the signer claims
	Hash        string    // "SHA256"
	Algorithm   string    // "RSA", "DSA", "ECDSA", "EdDSA"
	Bits        int       // key size, 0 where unknown
	KeyExpires  time.Time // when the key's validity ended or ends, zero: never
	Sources     []string  // where the key was found, in the order the sources were given
	Given       bool      // the user gave the key (--keys)
}

// Valid reports whether the mathematics hold, whatever is to be said of the key.
func (s Signature) Valid() bool {
	switch s.Status {
	case Good, KeyExpiredSince, KeySuperseded, ExpiredAtSigning, Revoked, SignatureExpired, ImpossibleTime, KeyUnusable:
		return true
	}
	return false
}

// Authentic reports whether the signature is valid and its key was good when it signed: the statuses that vote by default.
func (s Signature) Authentic() bool {
	switch s.Status {
	case Good, KeyExpiredSince, KeySuperseded:
		return true
	}
	return false
}

// Verifier judges signatures. Verify returns one Signature per signature found in the file signature, at least one, never
// with Path set; it does not modify or keep its arguments and is safe for concurrent use.
type Verifier interface {
	Verify(message, signature []byte) []Signature
}
