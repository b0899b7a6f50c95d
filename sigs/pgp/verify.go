package pgp

import (
	"bytes"
	"crypto"
	_ "crypto/md5"    // so that signatures made with it are recognised, to be refused
	_ "crypto/sha1"   // a third of the old attestations
	_ "crypto/sha256" // the rest
	_ "crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
)

// verifier judges signatures with a keyring as of a moment.
type verifier struct {
	ring *Keyring
	asOf time.Time
}

// At returns a verifier that judges keys as they stood at a moment. A hard revocation (compromised, or no reason given) counts
// even where it was made later: the key may have been stolen before.
func (k *Keyring) At(asOf time.Time) sigs.Verifier { return verifier{k, asOf} }

// Verify judges every signature of a signature file over a message, as [sigs.Verifier] asks.
func (v verifier) Verify(message, signature []byte) []sigs.Signature {
	frames, err := signatureFrames(signature)
	if err != nil {
		return []sigs.Signature{{Status: sigs.Malformed, Why: err.Error()}}
	}
	return v.all(frames, message, nil)
}

// all judges signature packets one by one. Where fits is given, a signature it has an error for is malformed.
func (v verifier) all(frames []frame, message []byte, fits func(claim) error) []sigs.Signature {
	out := make([]sigs.Signature, 0, len(frames))
	for _, f := range frames {
		out = append(out, v.one(f, message, fits))
	}
	return out
}

// signatureFrames cuts a signature file into signature packets and refuses everything else.
func signatureFrames(data []byte) ([]frame, error) {
	if len(data) > MaxSignature {
		return nil, fmt.Errorf("the signature file has %d bytes, at most %d are read", len(data), MaxSignature)
	}
	packets, err := dearmorSignature(data)
	if err != nil {
		return nil, err
	}
	return cutSignatures(packets, maxSignatures)
}

// cutSignatures cuts packets apart, all of which must be signatures: at least one, at most limit.
func cutSignatures(packets []byte, limit int) ([]frame, error) {
	if len(packets) == 0 {
		return nil, errors.New("the signature file holds no signature")
	}
	var out []frame
	for len(packets) > 0 {
		f, rest, err := nextFrame(packets)
		if err != nil {
			return nil, err
		}
		switch f.tag {
		case tagSignature:
		case 4, 8, 11, 1, 3, 9, 18:
			return nil, errors.New("a whole OpenPGP message, not a detached signature: what it signs is inside it")
		default:
			return nil, fmt.Errorf("a packet of type %d among the signatures", f.tag)
		}
		if err := exactSignature(f.body); err != nil {
			return nil, err
		}
		if out = append(out, f); len(out) > limit {
			return nil, fmt.Errorf("more than %d signatures in one file", limit)
		}
		packets = rest
	}
	return out, nil
}

// claim is a signature packet's content: what it claims, and how to check it against a key.
type claim struct {
	keyID     uint64
	issuer    []byte // fingerprint, empty where it names none
	created   time.Time
	ends      time.Time // zero: never
	hash      crypto.Hash
	algorithm packet.PublicKeyAlgorithm
	kind      packet.SignatureType // binary or text
	version   int
	check     func(pub *packet.PublicKey, message []byte) error
}

// one judges one signature packet. A panic below is a malformed signature.
func (v verifier) one(f frame, message []byte, fits func(claim) error) (out sigs.Signature) {
	defer func() {
		if r := recover(); r != nil {
			out = sigs.Signature{Status: sigs.Malformed, Why: fmt.Sprintf("it broke the OpenPGP library: %v", r)}
		}
	}()
	c, err := readClaim(f)
	if err == nil && fits != nil {
		err = fits(c)
	}
	if err != nil {
		return sigs.Signature{Status: sigs.Malformed, Why: err.Error()}
	}
	out = sigs.Signature{
		Status: sigs.UnknownKey, KeyID: fmt.Sprintf("%016X", c.keyID), Created: c.created.UTC(),
		Hash: hashName(c.hash), Algorithm: algorithmName(c.algorithm),
	}
	if len(c.issuer) > 0 {
		out.Fingerprint = fmt.Sprintf("%X", c.issuer)
	}
	if c.version < 4 {
		out.Labels = append(out.Labels, sigs.VersionThree)
	}
	if c.hash == crypto.SHA1 {
		out.Labels = append(out.Labels, sigs.WeakSHA1)
	}
	if c.hash == crypto.MD5 || c.hash == crypto.RIPEMD160 {
		out.Status, out.Why = sigs.Malformed, "made with the digest "+hashName(c.hash)+", which proves nothing any more"
		return out
	}
	for _, k := range v.ring.candidates(c.keyID) {
		if len(c.issuer) > 0 && !bytes.Equal(c.issuer, k.key.pub.Fingerprint) {
			continue
		}
		tried := out
		if v.judge(&tried, c, k, message) {
			return tried
		}
		out = tried
	}
	return out
}

// judge checks the mathematics and then the key. It returns false where another key with the same id should be tried.
func (v verifier) judge(out *sigs.Signature, c claim, k candidate, message []byte) bool {
	out.Fingerprint, out.Primary = k.key.fingerprint(), k.cert.fingerprint
	out.Bits, out.Given = k.key.bits, k.cert.isGiven()
	if err := c.check(k.key.pub, message); err != nil {
		out.Status, out.Why = sigs.Bad, ""
		return false
	}
	out.Why = ""
	out.Sources = k.cert.sourceNames()
	v.judgeKey(out, c, k)
	return true
}

// readClaim parses a signature packet and refuses what no detached signature holds.
func readClaim(f frame) (claim, error) {
	if f.body[0] < 4 {
		return readVersion3(f.body)
	}
	p, err := f.parse()
	if err != nil {
		return claim{}, fmt.Errorf("a signature that cannot be read: %w", err)
	}
	s, ok := p.(*packet.Signature)
	if !ok {
		return claim{}, errors.New("a signature packet that is none")
	}
	if err := documentType(s.SigType); err != nil {
		return claim{}, err
	}
	if s.IssuerKeyId == nil {
		return claim{}, errors.New("a signature that does not say which key made it")
	}
	if n := len(s.IssuerFingerprint); n == 20 && binary.BigEndian.Uint64(s.IssuerFingerprint[n-8:]) != *s.IssuerKeyId {
		return claim{}, errors.New("a signature that names two different keys as its maker")
	}
	for _, n := range s.Notations {
		if n.IsCritical {
			return claim{}, fmt.Errorf("a critical notation %q that is not understood", n.Name)
		}
	}
	c := claim{keyID: *s.IssuerKeyId, issuer: s.IssuerFingerprint, created: s.CreationTime, hash: s.Hash, algorithm: s.PubKeyAlgo, kind: s.SigType, version: s.Version}
	if s.SigLifetimeSecs != nil && *s.SigLifetimeSecs != 0 {
		c.ends = s.CreationTime.Add(time.Duration(*s.SigLifetimeSecs) * time.Second)
	}
	c.check = func(pub *packet.PublicKey, message []byte) error {
		h, err := s.PrepareVerify()
		if err != nil {
			return err
		}
		write(h, s.SigType, message)
		return pub.VerifySignature(h, s)
	}
	return c, nil
}

// documentType accepts signatures over a file: binary, or as text.
func documentType(t packet.SignatureType) error {
	if t != packet.SigTypeBinary && t != packet.SigTypeText {
		return fmt.Errorf("a signature of type 0x%02x, not over a file", byte(t))
	}
	return nil
}

// write hashes a message as the signature's type asks: as it is, or with its line ends as CRLF.
func write(h hash.Hash, t packet.SignatureType, message []byte) {
	if t == packet.SigTypeText {
		openpgp.NewCanonicalTextHash(h).Write(message)
		return
	}
	h.Write(message)
}

// hashName is a digest's name as GnuPG writes it.
func hashName(h crypto.Hash) string {
	switch h {
	case crypto.MD5:
		return "MD5"
	case crypto.SHA1:
		return "SHA1"
	case crypto.RIPEMD160:
		return "RIPEMD160"
	case crypto.SHA224:
		return "SHA224"
	case crypto.SHA256:
		return "SHA256"
	case crypto.SHA384:
		return "SHA384"
	case crypto.SHA512:
		return "SHA512"
	}
	return h.String()
}

// algorithmName is a public key algorithm's name as GnuPG writes it.
func algorithmName(a packet.PublicKeyAlgorithm) string {
	switch a {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly:
		return "RSA"
	case packet.PubKeyAlgoDSA:
		return "DSA"
	case packet.PubKeyAlgoECDSA:
		return "ECDSA"
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoEd25519, packet.PubKeyAlgoEd448:
		return "EdDSA"
	}
	return fmt.Sprintf("algorithm %d", byte(a))
}
