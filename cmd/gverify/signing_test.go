package main

import (
	"bytes"
	"crypto"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/rogpeppe/go-internal/testscript"
)

// Scripts make their keys when they run; none is kept.
func signingCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){"newkey": newKey, "detach": detach, "clearsign": clearSign, "pin": pin, "fingerprint": fingerprint}
}

func signingConfig() *packet.Config {
	day := time.Date(2025, 6, 2, 12, 0, 0, 0, time.UTC)
	return &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, DefaultHash: crypto.SHA256, Time: func() time.Time { return day }}
}

// newKey makes NAME.sec and NAME.asc for every name: newkey alice bob.
func newKey(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		e, err := openpgp.NewEntity(name, "", name+"@example.org", signingConfig())
		ts.Check(err)
		var secret, public bytes.Buffer
		ts.Check(e.SerializePrivate(&secret, signingConfig()))
		w, err := armor.Encode(&public, "PGP PUBLIC KEY BLOCK", nil)
		ts.Check(err)
		ts.Check(e.Serialize(w))
		ts.Check(w.Close())
		ts.Check(os.WriteFile(ts.MkAbs(name+".sec"), secret.Bytes(), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs(name+".asc"), append(public.Bytes(), '\n'), 0o600))
	}
}

func secretKeys(ts *testscript.TestScript, names []string) []*openpgp.Entity {
	var out []*openpgp.Entity
	for _, name := range names {
		ring, err := openpgp.ReadKeyRing(strings.NewReader(ts.ReadFile(name + ".sec")))
		ts.Check(err)
		out = append(out, ring...)
	}
	return out
}

// detach writes one armored block with a signature by every name: detach SHA256SUMS.asc SHA256SUMS alice bob.
func detach(ts *testscript.TestScript, _ bool, args []string) {
	var packets, armored bytes.Buffer
	for _, e := range secretKeys(ts, args[2:]) {
		ts.Check(openpgp.DetachSign(&packets, e, strings.NewReader(ts.ReadFile(args[1])), signingConfig()))
	}
	w, err := armor.Encode(&armored, "PGP SIGNATURE", nil)
	ts.Check(err)
	_, err = w.Write(packets.Bytes())
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(armored.Bytes(), '\n'), 0o600))
}

// clearSign writes a clear-signed message with a signature by every name: clearsign OUT FILE alice bob.
func clearSign(ts *testscript.TestScript, _ bool, args []string) {
	var keys []*packet.PrivateKey
	for _, e := range secretKeys(ts, args[2:]) {
		keys = append(keys, e.PrivateKey)
	}
	var out bytes.Buffer
	w, err := clearsign.EncodeMulti(&out, keys, signingConfig())
	ts.Check(err)
	_, err = w.Write([]byte(strings.TrimSuffix(ts.ReadFile(args[1]), "\n")))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(out.Bytes(), '\n'), 0o600))
}

// pin adds names to a policy's pins: pin policy.yaml alice bob.
func pin(ts *testscript.TestScript, _ bool, args []string) {
	policy := ts.ReadFile(args[0])
	for i, e := range secretKeys(ts, args[1:]) {
		policy += fmt.Sprintf("  - name: %s\n    fingerprints: [%X]\n", args[1+i], e.PrimaryKey.Fingerprint)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(policy), 0o600))
}

// fingerprint sets an environment variable to a key's fingerprint: fingerprint MANAGER manager.
func fingerprint(ts *testscript.TestScript, _ bool, args []string) {
	for _, e := range secretKeys(ts, args[1:2]) {
		ts.Setenv(args[0], fmt.Sprintf("%X", e.PrimaryKey.Fingerprint))
	}
}
