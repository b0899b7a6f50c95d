package main

import (
	"bytes"
	"crypto"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/rogpeppe/go-internal/testscript"
)

// forge holds the secret keys of one script's invented signers, by name. Scripts make them with
//
//	key NAME [created=DATE] [expires=DATE] [hard=DATE | soft=DATE]   writes keys/NAME.asc; hard and soft are revocations
//	sign NAME FILE… [at=DATE]                                       writes FILE.sig, a detached signature
//	inline NAME FILE SIGNATURE                                      writes a whole signed message where a signature is due
//	pins FILE THRESHOLD NAME…                                       writes a policy that pins the signers
type forge map[string]*openpgp.Entity

type forgeKey struct{}

// forgeOf returns the forge of a script.
func forgeOf(ts *testscript.TestScript) forge { return ts.Value(forgeKey{}).(forge) }

// forgeCommands are the commands of scripts that make keys and signatures.
func forgeCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"key":    forgeNewKey,
		"sign":   forgeSign,
		"inline": forgeInline,
		"pins":   forgePins,
	}
}

// options splits NAME=DATE arguments from the others.
func options(ts *testscript.TestScript, args []string) (rest []string, dates map[string]time.Time) {
	dates = map[string]time.Time{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			rest = append(rest, arg)
			continue
		}
		day, err := time.Parse(time.DateOnly, value)
		ts.Check(err)
		dates[name] = day.Add(12 * time.Hour)
	}
	return rest, dates
}

func dated(t, fallback time.Time) *packet.Config {
	if t.IsZero() {
		t = fallback
	}
	return &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, DefaultHash: crypto.SHA256, Time: func() time.Time { return t }}
}

var (
	forgedBirth = time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)
	forgedDay   = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
)

func forgeNewKey(ts *testscript.TestScript, _ bool, args []string) {
	rest, dates := options(ts, args)
	config := dated(dates["created"], forgedBirth)
	if end := dates["expires"]; !end.IsZero() {
		config.KeyLifetimeSecs = uint32(end.Sub(config.Now()).Seconds())
	}
	e, err := openpgp.NewEntity(rest[0], "", rest[0]+"@example.org", config)
	ts.Check(err)
	for option, reason := range map[string]packet.ReasonForRevocation{"hard": packet.KeyCompromised, "soft": packet.KeySuperseded} {
		if when := dates[option]; !when.IsZero() {
			ts.Check(e.RevokeKey(reason, "", dated(when, when)))
		}
	}
	forgeOf(ts)[rest[0]] = e
	var b bytes.Buffer
	w, err := armor.Encode(&b, "PGP PUBLIC KEY BLOCK", nil)
	ts.Check(err)
	ts.Check(e.Serialize(w))
	ts.Check(w.Close())
	name := ts.MkAbs(filepath.Join("keys", rest[0]+".asc"))
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
	ts.Check(os.WriteFile(name, append(b.Bytes(), '\n'), 0o644))
}

// signer returns the key made under a name.
func (f forge) signer(ts *testscript.TestScript, name string) *openpgp.Entity {
	e := f[name]
	if e == nil {
		ts.Fatalf("no key was made for %s", name)
	}
	if len(e.Revocations) == 0 {
		return e
	}
	bare := *e // go-crypto does not sign with a revoked key; its owner, or a thief, does
	bare.Revocations = nil
	return &bare
}

func forgeSign(ts *testscript.TestScript, _ bool, args []string) {
	rest, dates := options(ts, args)
	for _, file := range rest[1:] {
		data, err := os.ReadFile(ts.MkAbs(file))
		ts.Check(err)
		e := forgeOf(ts).signer(ts, rest[0])
		var b bytes.Buffer
		ts.Check(detachSign(&b, e, data, dated(dates["at"], forgedDay)))
		ts.Check(os.WriteFile(ts.MkAbs(file+".sig"), b.Bytes(), 0o644))
	}
}

// detachSign makes a detached signature without asking whether the key may sign.
func detachSign(w io.Writer, e *openpgp.Entity, data []byte, config *packet.Config) error {
	s := &packet.Signature{
		Version: 4, SigType: packet.SigTypeBinary, PubKeyAlgo: e.PrimaryKey.PubKeyAlgo, Hash: crypto.SHA256,
		CreationTime: config.Now(), IssuerKeyId: &e.PrimaryKey.KeyId, IssuerFingerprint: e.PrimaryKey.Fingerprint,
	}
	h := crypto.SHA256.New()
	h.Write(data)
	if err := s.Sign(h, e.PrivateKey, config); err != nil {
		return err
	}
	return s.Serialize(w)
}

func forgeInline(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	var b bytes.Buffer
	w, err := openpgp.Sign(&b, forgeOf(ts).signer(ts, args[0]), nil, dated(forgedDay, forgedDay))
	ts.Check(err)
	_, err = w.Write(data)
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o644))
}

func forgePins(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "name: forged\nthreshold: %s\npins:\n", args[1])
	for _, name := range args[2:] {
		fmt.Fprintf(&b, "  - name: %s\n    fingerprints: [%X]\n", name, forgeOf(ts).signer(ts, name).PrimaryKey.Fingerprint)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}
