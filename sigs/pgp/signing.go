package pgp

import (
	"slices"
	"strings"
	"time"
)

// SigningKey is a primary key or subkey whose signatures can be verified: its certificate says, in valid signatures of its own, that it
// may sign. It may have expired.
type SigningKey struct {
	Fingerprint string
	Primary     string
	Expires     time.Time // the earlier of the primary's and its own; zero: never
	Said        time.Time // when the owner last said so: the newest self-signature or binding that governs it
	Revoked     bool      // itself or its primary
}

// SigningKeys returns the signing keys of all certificates as of a day, in order of fingerprint.
func (k *Keyring) SigningKeys(asOf time.Time) []SigningKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	v := verifier{k, asOf}
	var out []SigningKey
	for _, c := range k.certs {
		primary, _ := c.of(c.primary)
		for _, x := range append([]*key{c.primary}, c.subkeys...) {
			own, _ := c.of(x)
			isPrimary := x == c.primary
			if v.unusable(primary, own, isPrimary, candidate{cert: c, key: x}) != "" {
				continue
			}
			p, _ := primary.newest(asOf)
			s, _ := own.newest(asOf)
			said := p.at
			if s.at.After(said) {
				said = s.at
			}
			out = append(out, SigningKey{Fingerprint: x.fingerprint(), Primary: c.fingerprint, Expires: v.expiry(primary, own, isPrimary), Said: said,
				Revoked: len(primary.revocations) > 0 || !isPrimary && len(own.revocations) > 0})
		}
	}
	slices.SortFunc(out, func(a, b SigningKey) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return out
}

// Lost returns those of a key's former signing keys whose signatures cannot all be verified any more: they are gone, or end earlier though
// their owner has said nothing new. What its owner revoked is not lost.
func Lost(before, after []SigningKey) []SigningKey {
	var out []SigningKey
	for _, old := range before {
		i := slices.IndexFunc(after, func(n SigningKey) bool { return n.Fingerprint == old.Fingerprint && n.Primary == old.Primary })
		switch {
		case old.Revoked:
		case i < 0, !after[i].Revoked && after[i].Said.Before(old.Said) && endsEarlier(after[i].Expires, old.Expires):
			out = append(out, old)
		}
	}
	return out
}

func endsEarlier(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }
