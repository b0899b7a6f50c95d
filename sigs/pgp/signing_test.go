package pgp_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs/pgp"
)

// signingKeys are those of a serialized key.
func signingKeys(t *testing.T, data []byte, asOf time.Time) []pgp.SigningKey {
	t.Helper()
	ring := pgp.NewKeyring()
	if f := ring.Add("k.gpg", pgp.Source{Name: "test"}, data); len(f) > 0 {
		t.Fatal(f)
	}
	return ring.SigningKeys(asOf)
}

// A key that loses its signing subkey, or its owner's newest word, has lost something; one that is refreshed or revoked has not.
func TestLost(t *testing.T) {
	made := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(days int) *packet.Config {
		return &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return made.AddDate(0, 0, days) }, KeyLifetimeSecs: 100 * 86400}
	}
	serialize := func(e *openpgp.Entity) []byte {
		t.Helper()
		var b bytes.Buffer
		if err := e.Serialize(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	newest := func(e *openpgp.Entity, days, lifetime int) {
		t.Helper()
		for _, id := range e.Identities {
			config := at(days)
			seconds := uint32(lifetime * 86400)
			self := *id.SelfSignature
			self.CreationTime, self.KeyLifetimeSecs = config.Now(), &seconds
			if err := self.SignUserId(id.UserId.Id, e.PrimaryKey, e.PrivateKey, config); err != nil {
				t.Fatal(err)
			}
			id.SelfSignature, id.Signatures = &self, []*packet.Signature{&self}
		}
	}
	e, err := openpgp.NewEntity("bob", "", "bob@example.org", at(0))
	if err != nil {
		t.Fatal(err)
	}
	bare := serialize(e)
	if err := e.AddSigningSubkey(at(1)); err != nil {
		t.Fatal(err)
	}
	full := serialize(e)
	newest(e, 5, 1000)
	extended := serialize(e)
	newest(e, 6, 50)
	shortened := serialize(e)
	if err := e.RevokeKey(packet.KeyRetired, "old", at(7)); err != nil {
		t.Fatal(err)
	}
	revoked := serialize(e)
	asOf := made.AddDate(0, 0, 20)
	if n := len(signingKeys(t, full, asOf)); n != 2 {
		t.Fatalf("%d signing keys, want the primary and a subkey", n)
	}
	for _, test := range []struct {
		name          string
		before, after []byte
		want          int
	}{
		{"the same", full, full, 0}, {"a subkey stripped", full, bare, 1}, {"a subkey added", bare, full, 0}, {"extended", full, extended, 0},
		{"the owner's newer word stripped", extended, full, 2}, {"shortened by its owner", extended, shortened, 0}, {"revoked", full, revoked, 0},
		{"a revoked key taken away", revoked, nil, 0}, {"taken away", full, nil, 2},
	} {
		var after []pgp.SigningKey
		if test.after != nil {
			after = signingKeys(t, test.after, asOf)
		}
		if lost := pgp.Lost(signingKeys(t, test.before, asOf), after); len(lost) != test.want {
			t.Errorf("%s: lost %+v, want %d", test.name, lost, test.want)
		}
	}
}
