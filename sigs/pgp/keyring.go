package pgp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
)

// Caps on what is read. Each answers a measured weakness of parsers and arithmetic.
const (
	MaxSignature = sigs.MaxSignatureFile // bytes of a signature file
	MaxKeyFile   = 1 << 20               // bytes of a key file found in a repository
	MaxKeyring   = 64 << 20              // bytes of a keyring the user gives

	maxSignatures   = 16      // signatures in one file
	maxBits         = 16384   // of an RSA key
	maxDSABits      = 4096    // of a DSA key
	maxUserIDs      = 256     // of one certificate
	maxSubkeys      = 256     // of one certificate
	maxCertPackets  = 20_000  // signatures on one certificate
	maxCertificates = 100_000 // in one keyring
)

var errSecret = errors.New("a secret key: it must never be published and is not read")

// Source is where keys came from.
type Source struct {
	Name  string // "guix.sigs//builder-keys at d77216380c92"
	Given bool   // the user named it with --keys
}

// Keyring holds certificates from any number of sources. Adding only ever adds: a revocation known from one source is not
// undone by a stale copy from another. It is safe for concurrent use.
type Keyring struct {
	mu    sync.RWMutex
	certs map[string]*certificate // by primary fingerprint
	byID  map[uint64][]candidate
}

// candidate is a key that may have made a signature with its key id.
type candidate struct {
	cert *certificate
	key  *key
}

// NewKeyring returns an empty keyring.
func NewKeyring() *Keyring {
	return &Keyring{certs: map[string]*certificate{}, byID: map[uint64][]candidate{}}
}

// Add reads a key file of a repository: armored or binary, one certificate or several. What cannot be read is a finding that
// names the file and takes nothing else with it.
func (k *Keyring) Add(path string, source Source, data []byte) []sigs.Finding {
	return k.add(path, source, data, MaxKeyFile)
}

// AddKeyring is Add for a keyring the user gives, which may be larger.
func (k *Keyring) AddKeyring(path string, source Source, data []byte) []sigs.Finding {
	return k.add(path, source, data, MaxKeyring)
}

func (k *Keyring) add(path string, source Source, data []byte, limit int) []sigs.Finding {
	var findings []sigs.Finding
	report := func(code, text string) {
		findings = append(findings, sigs.Finding{Code: code, Severity: sigs.Warning, Path: path, Text: text,
			Next: "signatures by this key may stay unverified; ask its owner for a good copy, or give one with --keys"})
	}
	if len(data) > limit {
		report("key-file-too-large", fmt.Sprintf("the key file has %d bytes, at most %d are read", len(data), limit))
		return findings
	}
	blocks, errs := dearmorKeys(data)
	found := 0
	for _, body := range blocks {
		n, problems := k.addPackets(body, source)
		found += n
		errs = append(errs, problems...)
	}
	if found == 0 && len(errs) == 0 {
		errs = append(errs, errors.New("no public key in it"))
	}
	for i, err := range errs {
		if i == 8 {
			report("key-unreadable", fmt.Sprintf("%d more problems in this key file", len(errs)-i))
			break
		}
		code := "key-unreadable"
		if errors.Is(err, errSecret) {
			code = "secret-key"
		}
		report(code, "the key file holds "+strings.TrimPrefix(err.Error(), "openpgp: "))
	}
	return findings
}

// addPackets cuts packets into certificates and adds each. It returns how many it added.
func (k *Keyring) addPackets(data []byte, source Source) (added int, errs []error) {
	var current *certificate
	var last *[]frame // where signatures belong
	flush := func() {
		if current == nil {
			return
		}
		if err := k.merge(current, source); err != nil {
			errs = append(errs, err)
		} else {
			added++
		}
		current, last = nil, nil
	}
	for len(data) > 0 {
		f, rest, err := nextFrame(data)
		if err != nil {
			errs = append(errs, err)
			break
		}
		data = rest
		switch f.tag {
		case tagPublicKey:
			flush()
			if current, err = newCertificate(f); err != nil {
				errs = append(errs, err)
				continue
			}
			last = &current.direct
		case tagSecretKey, tagSecretSubkey:
			flush()
			errs = append(errs, errSecret)
		case tagMarker, tagTrust, tagPadding:
		default:
			if current == nil {
				continue
			}
			if last, err = current.take(f, last); err != nil {
				errs = append(errs, err)
			}
		}
	}
	flush()
	return added, errs
}

// merge adds a certificate's parts to those known of the same primary key.
func (k *Keyring) merge(c *certificate, source Source) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := k.certs[c.fingerprint]
	if known == nil {
		if len(k.certs) >= maxCertificates {
			return fmt.Errorf("more than %d certificates", maxCertificates)
		}
		known = &certificate{fingerprint: c.fingerprint, primary: c.primary}
		k.certs[c.fingerprint] = known
		k.byID[c.primary.pub.KeyId] = append(k.byID[c.primary.pub.KeyId], candidate{known, c.primary})
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	known.judged = false
	if !slices.Contains(known.sources, source.Name) {
		known.sources = append(known.sources, source.Name)
	}
	known.given = known.given || source.Given
	known.direct = mergeFrames(known.direct, c.direct)
	for _, u := range c.users {
		if i := slices.IndexFunc(known.users, func(v *user) bool { return v.id == u.id }); i >= 0 {
			known.users[i].signatures = mergeFrames(known.users[i].signatures, u.signatures)
		} else if len(known.users) < maxUserIDs {
			known.users = append(known.users, u)
		}
	}
	for _, s := range c.subkeys {
		if i := slices.IndexFunc(known.subkeys, func(v *key) bool { return v.fingerprint() == s.fingerprint() }); i >= 0 {
			known.subkeys[i].signatures = mergeFrames(known.subkeys[i].signatures, s.signatures)
		} else if len(known.subkeys) < maxSubkeys {
			known.subkeys = append(known.subkeys, s)
			k.byID[s.pub.KeyId] = append(k.byID[s.pub.KeyId], candidate{known, s})
		}
	}
	return nil
}

// mergeFrames appends those of b that a lacks.
func mergeFrames(a, b []frame) []frame {
	for _, f := range b {
		if len(a) < maxCertPackets && !slices.ContainsFunc(a, func(g frame) bool { return bytes.Equal(f.body, g.body) }) {
			a = append(a, f)
		}
	}
	return a
}

// candidates returns the keys with this key id; all of them, since 64-bit ids collide at will.
func (k *Keyring) candidates(id uint64) []candidate {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.byID[id])
}

// Certificate describes one certificate of a keyring.
type Certificate struct {
	Fingerprint string // primary key, upper-case hexadecimal
	UserIDs     []string
	Created     time.Time
	Expires     time.Time // zero: never
	Revoked     string    // why, empty: not revoked
	Sources     []string
}

// Certificates describes all certificates in order of fingerprint.
func (k *Keyring) Certificates() []Certificate {
	k.mu.RLock()
	defer k.mu.RUnlock()
	out := make([]Certificate, 0, len(k.certs))
	for _, c := range k.certs {
		out = append(out, c.describe())
	}
	slices.SortFunc(out, func(a, b Certificate) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return out
}

// readKey parses a public key or subkey within the caps.
func readKey(f frame) (k *key, err error) {
	defer func() {
		if r := recover(); r != nil {
			k, err = nil, fmt.Errorf("a public key that cannot be read: %v", r)
		}
	}()
	p, err := f.parse()
	if err != nil {
		return nil, fmt.Errorf("a public key that cannot be read: %w", err)
	}
	pub, ok := p.(*packet.PublicKey)
	if !ok {
		return nil, errors.New("a public key packet that is none")
	}
	bits, err := pub.BitLength()
	if err != nil {
		bits = 0
	}
	limit := uint16(maxBits)
	if pub.PubKeyAlgo == packet.PubKeyAlgoDSA || pub.PubKeyAlgo == packet.PubKeyAlgoElGamal {
		limit = maxDSABits
	}
	if pub.PubKeyAlgo == packet.PubKeyAlgoElGamal {
		limit = maxBits // it never signs
	}
	if bits > limit {
		return nil, fmt.Errorf("a public key of %d bits, at most %d are used", bits, limit)
	}
	return &key{pub: pub, bits: int(bits)}, nil
}
