package pgp

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// certificate is a primary key with its user ids and subkeys: packets as found, judged when first needed.
type certificate struct {
	fingerprint string
	primary     *key
	subkeys     []*key
	users       []*user
	direct      []frame // signatures right behind the primary key: direct-key signatures and revocations
	sources     []string
	given       bool

	mu     sync.Mutex
	judged bool
	facts  map[string]facts // by fingerprint, of the primary and every subkey
	names  []string         // user ids with a valid, unrevoked self-signature, sorted
}

type user struct {
	id         string // as in the packet; user attributes have an empty one and are not kept
	signatures []frame
}

type key struct {
	pub        *packet.PublicKey
	bits       int
	signatures []frame // of a subkey: bindings and revocations
}

func (k *key) fingerprint() string { return fmt.Sprintf("%X", k.pub.Fingerprint) }

// facts are what valid self-signatures and revocations say of one key.
type facts struct {
	self        []selfSignature // newest first
	revocations []revocation
	refused     bool // a binding for signing lacks the subkey's own signature
}

// selfSignature is a valid self-signature or subkey binding.
type selfSignature struct {
	at       time.Time
	expires  time.Time // of the key; zero: never
	ends     time.Time // of this signature; zero: never
	hash     crypto.Hash
	flags    bool // key flags are present
	maySign  bool
	ofUserID bool
}

// revocation is a valid revocation.
type revocation struct {
	at   time.Time
	hard bool
	why  string
}

func newCertificate(f frame) (*certificate, error) {
	k, err := readKey(f)
	if err != nil {
		return nil, err
	}
	return &certificate{fingerprint: k.fingerprint(), primary: k}, nil
}

// take adds a packet behind the primary key and returns where the signatures that follow belong; nil drops them.
func (c *certificate) take(f frame, last *[]frame) (*[]frame, error) {
	switch f.tag {
	case tagUserID:
		if len(c.users) >= maxUserIDs {
			return nil, nil
		}
		u := &user{id: string(f.body)}
		c.users = append(c.users, u)
		return &u.signatures, nil
	case tagPublicSubkey:
		if len(c.subkeys) >= maxSubkeys {
			return nil, nil
		}
		k, err := readKey(f)
		if err != nil {
			return nil, fmt.Errorf("in key %s %w", c.fingerprint, err)
		}
		c.subkeys = append(c.subkeys, k)
		return &k.signatures, nil
	case tagSignature:
		if last != nil && len(*last) < maxCertPackets {
			*last = append(*last, f)
		}
		return last, nil
	}
	return nil, nil
}

// of returns the facts about one key of the certificate, and its user ids.
func (c *certificate) of(k *key) (facts, []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.judged {
		c.judge()
		c.judged = true
	}
	return c.facts[k.fingerprint()], c.names
}

// judge verifies every self-signature, binding and revocation. The caller holds the lock.
func (c *certificate) judge() {
	c.facts, c.names = map[string]facts{}, nil
	pub := c.primary.pub
	var primary facts
	for _, s := range readSignatures(c.direct, pub) {
		switch s.SigType {
		case packet.SigTypeDirectSignature:
			if sound(func() error { return pub.VerifyDirectKeySignature(s) }) {
				primary.self = append(primary.self, selfSignatureOf(pub, s, false))
			}
		case packet.SigTypeKeyRevocation:
			if sound(func() error { return pub.VerifyRevocationSignature(s) }) {
				primary.revocations = append(primary.revocations, revocationOf(s))
			}
		}
	}
	for _, u := range c.users {
		if self := c.judgeUser(u); len(self) > 0 {
			primary.self = append(primary.self, self...)
		}
	}
	slices.Sort(c.names)
	c.names = slices.Compact(c.names)
	sortNewest(primary.self)
	c.facts[c.fingerprint] = primary
	for _, k := range c.subkeys {
		c.facts[k.fingerprint()] = c.judgeSubkey(k)
	}
}

// judgeUser returns the valid self-certifications of a user id and notes its name unless it was revoked.
func (c *certificate) judgeUser(u *user) []selfSignature {
	pub := c.primary.pub
	var out []selfSignature
	var revoked time.Time
	for _, s := range readSignatures(u.signatures, pub) {
		if !sound(func() error { return pub.VerifyUserIdSignature(u.id, pub, s) }) {
			continue
		}
		switch s.SigType {
		case packet.SigTypeGenericCert, packet.SigTypePersonaCert, packet.SigTypeCasualCert, packet.SigTypePositiveCert:
			out = append(out, selfSignatureOf(pub, s, true))
		case packet.SigTypeCertificationRevocation:
			if s.CreationTime.After(revoked) {
				revoked = s.CreationTime
			}
		}
	}
	sortNewest(out)
	if len(out) > 0 && !revoked.After(out[0].at) && utf8.ValidString(u.id) {
		c.names = append(c.names, u.id)
	}
	return out
}

func (c *certificate) judgeSubkey(k *key) facts {
	pub := c.primary.pub
	var f facts
	for _, s := range readSignatures(k.signatures, pub) {
		switch s.SigType {
		case packet.SigTypeSubkeyBinding:
			if sound(func() error { return pub.VerifyKeySignature(k.pub, s) }) {
				f.self = append(f.self, selfSignatureOf(k.pub, s, false))
			} else if s.FlagSign {
				f.refused = true
			}
		case packet.SigTypeSubkeyRevocation:
			if sound(func() error { return pub.VerifySubkeyRevocationSignature(s, k.pub) }) {
				f.revocations = append(f.revocations, revocationOf(s))
			}
		}
	}
	sortNewest(f.self)
	return f
}

// sound runs a verification; a panic in it is a failure.
func sound(verify func() error) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return verify() == nil
}

// readSignatures parses those signatures that the primary key claims to have made; others' certifications are passed over.
func readSignatures(frames []frame, by *packet.PublicKey) []*packet.Signature {
	var out []*packet.Signature
	for _, f := range frames {
		if s := readSignature(f); s != nil && s.IssuerKeyId != nil && *s.IssuerKeyId == by.KeyId {
			out = append(out, s)
		}
	}
	return out
}

func readSignature(f frame) (s *packet.Signature) {
	defer func() {
		if recover() != nil {
			s = nil
		}
	}()
	p, err := f.parse()
	if err != nil {
		return nil
	}
	s, _ = p.(*packet.Signature)
	return s
}

func selfSignatureOf(pub *packet.PublicKey, s *packet.Signature, ofUserID bool) selfSignature {
	o := selfSignature{at: s.CreationTime, hash: s.Hash, flags: s.FlagsValid, maySign: s.FlagSign, ofUserID: ofUserID}
	if s.KeyLifetimeSecs != nil && *s.KeyLifetimeSecs != 0 {
		o.expires = pub.CreationTime.Add(time.Duration(*s.KeyLifetimeSecs) * time.Second)
	}
	if s.SigLifetimeSecs != nil && *s.SigLifetimeSecs != 0 {
		o.ends = s.CreationTime.Add(time.Duration(*s.SigLifetimeSecs) * time.Second)
	}
	return o
}

// revocationOf tells a hard revocation (compromised, or no reason given) from a soft one (superseded, retired).
func revocationOf(s *packet.Signature) revocation {
	r := revocation{at: s.CreationTime, hard: true, why: "no reason given"}
	if s.RevocationReason == nil {
		return r
	}
	switch *s.RevocationReason {
	case packet.KeySuperseded:
		r.hard, r.why = false, "superseded"
	case packet.KeyRetired:
		r.hard, r.why = false, "retired"
	case packet.KeyCompromised:
		r.why = "compromised"
	}
	if text := strings.TrimSpace(s.RevocationReasonText); text != "" {
		r.why += ": " + text
	}
	return r
}

func sortNewest(s []selfSignature) {
	slices.SortStableFunc(s, func(a, b selfSignature) int { return b.at.Compare(a.at) })
}

// newest returns the self-signature that governs as of a moment: the newest one made by then that has not run out; where all
// are younger, the newest of all.
func (f facts) newest(asOf time.Time) (selfSignature, bool) {
	for _, s := range f.self {
		if !s.at.After(asOf) && (s.ends.IsZero() || s.ends.After(asOf)) {
			return s, true
		}
	}
	if len(f.self) > 0 && f.self[len(f.self)-1].at.After(asOf) {
		return f.self[0], true
	}
	return selfSignature{}, false
}

func (c *certificate) describe() Certificate {
	f, names := c.of(c.primary)
	out := Certificate{Fingerprint: c.fingerprint, UserIDs: slices.Clone(names), Created: c.primary.pub.CreationTime, Sources: slices.Clone(c.sources)}
	if len(f.self) > 0 {
		out.Expires = f.self[0].expires
	}
	if len(f.revocations) > 0 {
		out.Revoked = f.revocations[0].at.Format(time.DateOnly) + ", " + f.revocations[0].why
	}
	return out
}
