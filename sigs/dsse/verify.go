package dsse

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// MaxKeys is the most distinct keys an envelope is verified with.
const MaxKeys = 64

// Verified is a payload that enough distinct keys have signed. Only [Verify] can make one.
type Verified struct {
	payload []byte
	signers []PublicKey
	unknown int
}

// Signers returns the keys that signed, in the order in which they were given to [Verify].
func (v Verified) Signers() []PublicKey { return slices.Clone(v.signers) }

// Unknown is how many signatures none of the keys made. They prove nothing.
func (v Verified) Unknown() int { return v.unknown }

// TooFewError says that an envelope has fewer good signatures by distinct keys than were asked for.
type TooFewError struct {
	Have, Want int // distinct keys
	Signatures int // in the envelope
}

func (e *TooFewError) Error() string {
	if e.Have == 0 {
		return fmt.Sprintf("no good signature by a key that was given, among its %d", e.Signatures)
	}
	return fmt.Sprintf("good signatures by %s, want %d", count(e.Have, "distinct key"), e.Want)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Verify checks the payload type and every signature with every key. At least threshold distinct keys must have signed, however
// often a key is given or signed. The error is a [*TooFewError] where too few did.
func Verify(e Envelope, keys []PublicKey, threshold int) (Verified, error) {
	if threshold < 1 {
		return Verified{}, fmt.Errorf("threshold %d: at least 1 key must have signed", threshold)
	}
	keys = Distinct(keys)
	if len(keys) > MaxKeys {
		return Verified{}, fmt.Errorf("%d keys, at most %d are tried", len(keys), MaxKeys)
	}
	if e.PayloadType != PayloadType {
		return Verified{}, fmt.Errorf("payload type %q, want %q", e.PayloadType, PayloadType)
	}
	if len(e.Signatures) > MaxSignatures {
		return Verified{}, fmt.Errorf("%d signatures, at most %d are tried", len(e.Signatures), MaxSignatures)
	}
	if len(e.Payload) == 0 {
		return Verified{}, errors.New("no payload")
	}
	v := Verified{payload: slices.Clone(e.Payload)}
	message := preAuthentication(e.PayloadType, v.payload)
	signed := make([]bool, len(keys))
	for _, s := range e.Signatures {
		known := false
		for i, key := range keys {
			if key.verify(message, s.Sig) {
				signed[i], known = true, true
			}
		}
		if !known {
			v.unknown++
		}
	}
	for i, key := range keys {
		if signed[i] {
			v.signers = append(v.signers, key)
		}
	}
	if len(v.signers) < threshold {
		return Verified{}, &TooFewError{Have: len(v.signers), Want: threshold, Signatures: len(e.Signatures)}
	}
	return v, nil
}

// Distinct returns every key once, in order.
func Distinct(keys []PublicKey) []PublicKey {
	var out []PublicKey
	for _, key := range keys {
		if !slices.ContainsFunc(out, func(other PublicKey) bool { return other.Digest == key.Digest }) {
			out = append(out, key)
		}
	}
	return out
}

// verify reports whether the key made the signature over the message. The zero key made none.
func (k PublicKey) verify(message, sig []byte) bool {
	return k.verifier != nil && k.verifier.VerifySignature(bytes.NewReader(sig), bytes.NewReader(message)) == nil
}
