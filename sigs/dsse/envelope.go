package dsse

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/sigstore/sigstore/pkg/signature"
	sigstore "github.com/sigstore/sigstore/pkg/signature/dsse"

	"github.com/gverify/gverify/sigs"
)

// PayloadType is the only payload type that is signed and accepted: an in-toto statement.
const PayloadType = "application/vnd.in-toto+json"

// Limits of what is read. The statement about the largest real release has 150 KB.
const (
	MaxFile       = 32 << 20 // of a file of envelopes, in bytes
	MaxSignatures = 16       // of an envelope
	maxEnvelopes  = 16       // of a file
	maxSignature  = 4096     // bytes of one signature
)

// Envelope is a DSSE envelope as found: untrusted.
type Envelope struct {
	PayloadType string
	Payload     []byte
	Signatures  []Signature
}

// Signature is one signature of an envelope. Its key id is an unsigned hint for other tools.
type Signature struct {
	KeyID string
	Sig   []byte
}

// wireEnvelope is the JSON form.
type wireEnvelope struct {
	PayloadType *string         `json:"payloadType"`
	Payload     *string         `json:"payload"`
	Signatures  []wireSignature `json:"signatures"`
}

type wireSignature struct {
	KeyID string  `json:"keyid,omitempty"`
	Sig   *string `json:"sig"`
}

// ParseEnvelopes reads a file of envelopes: one JSON object, or one per line.
func ParseEnvelopes(data []byte) ([]Envelope, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%d bytes, at most %d are read", len(data), MaxFile)
	}
	if json.Valid(data) {
		e, err := ParseEnvelope(data)
		return []Envelope{e}, err
	}
	var out []Envelope
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		e, err := ParseEnvelope(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if out = append(out, e); len(out) > maxEnvelopes {
			return nil, fmt.Errorf("more than %d envelopes", maxEnvelopes)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no envelope in it")
	}
	return out, nil
}

// ParseEnvelope reads one envelope in its JSON form, strictly: see [unmarshal]. Members that DSSE does not know are ignored.
func ParseEnvelope(data []byte) (Envelope, error) {
	e, err := parseEnvelope(data)
	if err != nil {
		return Envelope{}, fmt.Errorf("not a DSSE envelope: %w", err)
	}
	return e, nil
}

func parseEnvelope(data []byte) (Envelope, error) {
	if len(data) > MaxFile {
		return Envelope{}, fmt.Errorf("%d bytes, at most %d are read", len(data), MaxFile)
	}
	var w wireEnvelope
	if err := sigs.UnmarshalJSON(data, []string{"payloadType", "payload", "signatures", "keyid", "sig"}, &w); err != nil {
		return Envelope{}, err
	}
	switch {
	case w.PayloadType == nil:
		return Envelope{}, errors.New("it has no payloadType")
	case w.Payload == nil || *w.Payload == "":
		return Envelope{}, errors.New("it has no payload")
	case len(w.Signatures) == 0:
		return Envelope{}, errors.New("it has no signatures")
	case len(w.Signatures) > MaxSignatures:
		return Envelope{}, fmt.Errorf("%d signatures, at most %d are read", len(w.Signatures), MaxSignatures)
	}
	e := Envelope{PayloadType: *w.PayloadType}
	var err error
	if e.Payload, err = decode(*w.Payload); err != nil {
		return Envelope{}, fmt.Errorf("payload: %w", err)
	}
	for i, s := range w.Signatures {
		if s.Sig == nil || *s.Sig == "" {
			return Envelope{}, fmt.Errorf("signature %d is empty", i+1)
		}
		sig, err := decode(*s.Sig)
		if err != nil {
			return Envelope{}, fmt.Errorf("signature %d: %w", i+1, err)
		}
		if len(sig) > maxSignature {
			return Envelope{}, fmt.Errorf("signature %d: %d bytes, at most %d are read", i+1, len(sig), maxSignature)
		}
		e.Signatures = append(e.Signatures, Signature{s.KeyID, sig})
	}
	return e, nil
}

// decode reads base64 in either of the alphabets that DSSE tells verifiers to accept, with its padding, and only as an encoder
// writes it: no line breaks, no stray bits at the end.
func decode(text string) ([]byte, error) {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if data, err := encoding.DecodeString(text); err == nil && encoding.EncodeToString(data) == text {
			return data, nil
		}
	}
	return nil, errors.New("not base64 as an encoder writes it")
}

// Marshal returns the JSON form, on one line without a line break at its end.
func (e Envelope) Marshal() ([]byte, error) {
	payload := base64.StdEncoding.EncodeToString(e.Payload)
	w := wireEnvelope{PayloadType: &e.PayloadType, Payload: &payload, Signatures: []wireSignature{}}
	for _, s := range e.Signatures {
		sig := base64.StdEncoding.EncodeToString(s.Sig)
		w.Signatures = append(w.Signatures, wireSignature{s.KeyID, &sig})
	}
	return json.Marshal(w)
}

// preAuthentication is what is signed: DSSE's PAE of type and payload.
func preAuthentication(payloadType string, payload []byte) []byte {
	head := "DSSEv1 " + strconv.Itoa(len(payloadType)) + " " + payloadType + " " + strconv.Itoa(len(payload)) + " "
	return append([]byte(head), payload...)
}

// Sign signs a statement with every signer. What it returns was verified with the signers' public keys.
func Sign(ctx context.Context, s Statement, signers ...Signer) (Envelope, error) {
	payload, err := s.marshal()
	if err != nil {
		return Envelope{}, err
	}
	return signPayload(ctx, payload, signers)
}

func signPayload(ctx context.Context, payload []byte, signers []Signer) (Envelope, error) {
	if len(signers) == 0 {
		return Envelope{}, errors.New("no key to sign with")
	}
	if err := ctx.Err(); err != nil {
		return Envelope{}, err
	}
	inner := make([]signature.Signer, len(signers))
	keys := make([]PublicKey, len(signers))
	for i, s := range signers {
		if s.signer == nil {
			return Envelope{}, errors.New("the zero signer has no key")
		}
		inner[i], keys[i] = s.signer, s.Public
	}
	if n := len(Distinct(keys)); n != len(keys) {
		return Envelope{}, errors.New("the same key is given twice")
	}
	wrapped := sigstore.WrapMultiSigner(PayloadType, inner...)
	if wrapped == nil {
		return Envelope{}, errors.New("a key to sign with does not tell its public key")
	}
	data, err := wrapped.SignMessage(bytes.NewReader(payload))
	if err != nil {
		return Envelope{}, err
	}
	e, err := ParseEnvelope(data)
	if err != nil {
		return Envelope{}, err
	}
	if v, err := Verify(e, keys, len(keys)); err != nil {
		return Envelope{}, fmt.Errorf("the new signature does not verify: %w", err)
	} else if !bytes.Equal(v.payload, payload) {
		return Envelope{}, errors.New("the new envelope holds something else")
	}
	return e, nil
}
