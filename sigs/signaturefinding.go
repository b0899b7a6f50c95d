package sigs

import (
	"cmp"
	"fmt"
)

// signatureFinding says what is wrong with a signature and what to do, in words for a newcomer; ok is false where nothing is.
func signatureFinding(s Signature) (f Finding, ok bool) {
	switch s.Status {
	case Good, KeyExpiredSince, KeySuperseded:
		return Finding{}, false
	case Bad:
		f = Finding{Code: "bad-signature", Severity: Alarm, Text: "the signature does not match the file: one of the two was changed after signing, or they do not belong together",
			Next: "do not believe this file; ask the signer to sign again"}
	case Malformed:
		f = Finding{Code: "malformed-signature", Severity: Warning, Text: "the file beside the assertion is no detached OpenPGP signature, so nothing shows who made the assertion",
			Next: "ask the signer for a signature made with gpg --detach-sign"}
	case UnknownKey:
		f = Finding{Code: "unknown-key", Severity: Warning, Text: "the public key " + keyName(s) + " is not at hand, so nobody can tell whether the signature is good",
			Next: "get the key, make sure whose it is, and give it with --keys"}
	case Missing:
		f = Finding{Code: "missing-signature", Severity: Warning, Text: "no signature stands beside the assertion: anybody could have written it",
			Next: "ask the signer for the signature; until then it is a claim"}
	case ExpiredAtSigning:
		f = Finding{Code: "expired-at-signing", Severity: Warning, Text: "the key " + keyName(s) + " had expired when it signed, as far as this copy of it tells",
			Next: "a fresher copy of the key may clear it: give it with --keys"}
	case SignatureExpired:
		f = Finding{Code: "signature-expired", Severity: Warning, Text: "the signer limited how long the signature is to hold, and that time is over", Next: "ask the signer to sign again"}
	case Revoked:
		f = Finding{Code: "revoked-key", Severity: Alarm, Text: "the key " + keyName(s) + " was revoked by its owner: somebody else may have been able to sign with it",
			Next: "do not count on this signature; ask the signer to sign with his new key"}
	case ImpossibleTime:
		f = Finding{Code: "impossible-time", Severity: Alarm, Text: "the signature claims a date at which it cannot have been made", Next: "do not count on it; ask the signer"}
	case KeyUnusable:
		f = Finding{Code: "key-unusable", Severity: Warning, Text: "the key " + keyName(s) + " may not sign, as far as this copy of it tells", Next: "a complete and fresh copy of the key may clear it: give it with --keys"}
	default:
		f = Finding{Code: "unjudged-signature", Severity: Alarm, Text: fmt.Sprintf("the signature was judged %q, which is no verdict", s.Status), Next: "this is a mistake in gverify: please report it"}
	}
	if s.Why != "" {
		f.Text += " (" + s.Why + ")"
	}
	return f, true
}

// keyName is the fingerprint of a signature's key, or what the signature says of it.
func keyName(s Signature) string { return cmp.Or(s.Fingerprint, s.KeyID, "that it does not name") }
