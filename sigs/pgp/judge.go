package pgp

import (
	"slices"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
)

// tolerance is how far in the future a signature may be dated: clocks differ.
const tolerance = 24 * time.Hour

func (c *certificate) isGiven() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.given
}

func (c *certificate) sourceNames() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sources)
}

// judgeKey decides what a mathematically valid signature is worth: the key's newest valid self-signature or binding, its
// revocations with reason, the right to sign, at the time the signature was made.
func (v verifier) judgeKey(out *sigs.Signature, c claim, k candidate) {
	primary, names := k.cert.of(k.cert.primary)
	own, _ := k.cert.of(k.key)
	isPrimary := k.key.fingerprint() == k.cert.fingerprint
	out.UserIDs = slices.Clone(names)
	weaknesses(out, k)
	set := func(s sigs.Status, why string) { out.Status, out.Why = s, why }

	if c.created.After(v.asOf.Add(tolerance)) {
		set(sigs.ImpossibleTime, "dated "+day(c.created)+", after the day of judging")
		return
	}
	if c.created.Before(k.key.pub.CreationTime) {
		set(sigs.ImpossibleTime, "dated "+day(c.created)+", before its key was made on "+day(k.key.pub.CreationTime))
		return
	}
	if why := v.unusable(primary, own, isPrimary, k); why != "" {
		set(sigs.KeyUnusable, why)
		return
	}
	soft, hard := v.revoked(c.created, primary, own, isPrimary)
	if hard != nil {
		set(sigs.Revoked, "revoked on "+day(hard.at)+", "+hard.why)
		return
	}
	expires := v.expiry(primary, own, isPrimary)
	out.KeyExpires = expires
	switch {
	case !expires.IsZero() && c.created.After(expires):
		set(sigs.ExpiredAtSigning, "the key expired on "+day(expires)+" and signed on "+day(c.created))
	case !c.ends.IsZero() && v.asOf.After(c.ends):
		set(sigs.SignatureExpired, "valid until "+day(c.ends))
	case soft != nil:
		set(sigs.KeySuperseded, "revoked on "+day(soft.at)+", "+soft.why)
	case !expires.IsZero() && v.asOf.After(expires):
		set(sigs.KeyExpiredSince, "the key expired on "+day(expires)+", after it signed")
	default:
		set(sigs.Good, "")
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// weaknesses adds the labels of the primary and the signing key.
func weaknesses(out *sigs.Signature, k candidate) {
	for _, x := range []*key{k.cert.primary, k.key} {
		var label sigs.Label
		switch {
		case x.pub.PubKeyAlgo == packet.PubKeyAlgoDSA && x.bits < 2048:
			label = sigs.WeakDSA1024
		case (x.pub.PubKeyAlgo == packet.PubKeyAlgoRSA || x.pub.PubKeyAlgo == packet.PubKeyAlgoRSASignOnly) && x.bits < 2047:
			label = sigs.WeakRSA
		}
		if label != "" && !slices.Contains(out.Labels, label) {
			out.Labels = append(out.Labels, label)
		}
	}
}

// unusable says why a key may not sign, empty where it may.
func (v verifier) unusable(primary, own facts, isPrimary bool, k candidate) string {
	for _, x := range []*key{k.cert.primary, k.key} {
		if (x.pub.PubKeyAlgo == packet.PubKeyAlgoRSA || x.pub.PubKeyAlgo == packet.PubKeyAlgoRSASignOnly) && x.bits < 1023 {
			return "an RSA key of less than 1024 bits proves nothing any more"
		}
	}
	if _, ok := primary.newest(v.asOf); !ok {
		return "the key has no valid signature of its own over a name"
	}
	latest, ok := own.newest(v.asOf)
	switch {
	case !ok && own.refused:
		return "the subkey never confirmed that it belongs to the key"
	case !ok:
		return "nothing valid binds the subkey to the key"
	case latest.flags && !latest.maySign:
		return "its owner did not allow it to sign"
	case !latest.flags && !isPrimary:
		return "nothing says that the subkey may sign"
	}
	return ""
}

// revoked returns the revocation that takes the signature's worth away, or a soft one that came after it.
func (v verifier) revoked(created time.Time, primary, own facts, isPrimary bool) (soft, hard *revocation) {
	all := slices.Clone(primary.revocations)
	if !isPrimary {
		all = append(all, own.revocations...)
	}
	for i := range all {
		r := &all[i]
		switch {
		case r.hard, !created.Before(r.at):
			return nil, r
		case !r.at.After(v.asOf):
			soft = r
		}
	}
	return soft, nil
}

// expiry returns when the key's validity ends: the earlier of the primary's and the subkey's. Zero is never.
func (v verifier) expiry(primary, own facts, isPrimary bool) time.Time {
	p, _ := primary.newest(v.asOf)
	if isPrimary {
		return p.expires
	}
	s, _ := own.newest(v.asOf)
	if !s.expires.IsZero() && (p.expires.IsZero() || s.expires.Before(p.expires)) {
		return s.expires
	}
	return p.expires
}
