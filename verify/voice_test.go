package verify_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
)

// TestVoices holds what a verdict says of every statement against vectors: who speaks, whether it counts, and why not.
func TestVoices(t *testing.T) {
	for _, test := range []struct {
		vector, signer      string // directory
		shown, person, key  string
		why                 string // part of it, empty where the statement votes
		finding, findingHas string
	}{
		{vector: "agreed", signer: "carol", shown: "carol", person: "carol", key: fingerprintOf("carol")},
		{vector: "changed-byte", signer: "carol", shown: "carol", why: "its signature is not verified: bad"},
		{vector: "signatures-deleted", signer: "carol", shown: "carol", why: "nobody signed it"},
		{vector: "unknown-key", signer: "carol", shown: "carol", why: "not verified: unknown key"},
		{vector: "status-revoked", signer: "carol", shown: "carol", person: "carol", why: "does not accept its signature: revoked"},
		{vector: "path-outside", signer: "carol", shown: "carol", person: "carol", why: "its content was not read: out_manifest"},
		{vector: "not-pinned", signer: "eve", shown: "eve", why: "its key is not pinned"},
		{vector: "any-not-given", signer: "frank", shown: "frank", why: "its key was not given with --keys"},
		{vector: "short-key-id", signer: "carol", shown: "carol", why: "no full fingerprint"},
		{vector: "label-refused", signer: "carol", shown: "carol", person: "carol", why: "refuses its signature: weak: SHA-1 digest"},
		{vector: "pin-too-late", signer: "carol", shown: "carol", person: "carol", why: "outside the dates for which carol is pinned"},
		{vector: "replay", signer: "carol", shown: "carol", person: "carol", why: "it calls itself 0.9-linux", finding: "replay", findingHas: "1 assertion of carol"},
		{vector: "misfiled", signer: "carol", shown: "bob", person: "bob", why: "filed under the name of carol, but bob signed it", finding: "misfiled", findingHas: "bob"},
		{vector: "name-differs", signer: "robert", shown: "bob", person: "bob", key: fingerprintOf("bob"), finding: "name-differs", findingHas: "robert"},
		{vector: "case-twin", signer: "Carol", shown: "bob", person: "bob", key: fingerprintOf("bob"), finding: "name-differs", findingHas: "but for upper and lower case is the name of carol"},
		{vector: "signed-beside", signer: "alice", shown: "alice", person: "alice", key: fingerprintOf("alice")},
		{vector: "two-voters-one-assertion", signer: "alice", shown: "alice", person: "alice", key: fingerprintOf("alice"), finding: "several-signers", findingHas: "alice and carol both signed 1 assertion;"},
		{vector: "any-given", signer: "erin", shown: "erin", key: fingerprintOf("erin")},
		{vector: "two-keys-one-person", signer: "alice2", shown: "alice", person: "alice", key: strings.Repeat("E", 40)},
		{vector: "copied-signature", signer: "alice3", shown: "alice", person: "alice", key: fingerprintOf("alice"), finding: "name-differs", findingHas: "alice2 and alice3"},
	} {
		v, _, err := readVector(filepath.Join(vectorDir, test.vector+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		statements, _ := v.check(t, v.files)
		verdict := v.decide(t, v.policy, statements)
		if len(verdict.Voices) != len(statements) {
			t.Fatalf("%s: %d voices for %d statements", test.vector, len(verdict.Voices), len(statements))
		}
		seen := false
		for _, voice := range verdict.Voices {
			if statements[voice.Statement].Signer != test.signer {
				continue
			}
			seen = true
			if voice.Signer != test.shown || voice.Person != test.person || voice.Fingerprint != test.key || voice.Votes != (test.key != "") {
				t.Errorf("%s: %s speaks as %+v", test.vector, test.signer, voice)
			}
			if (voice.Why == "") != (test.why == "") || !strings.Contains(voice.Why, test.why) {
				t.Errorf("%s: %s has no vote because %q, want %q", test.vector, test.signer, voice.Why, test.why)
			}
		}
		if !seen {
			t.Errorf("%s: no statement of %s", test.vector, test.signer)
		}
		if n := countFindings(verdict.Findings, test.finding, test.findingHas); test.finding != "" && n != 1 {
			t.Errorf("%s: %d findings %s with %q, want 1", test.vector, n, test.finding, test.findingHas)
		}
	}
}

func countFindings(findings []sigs.Finding, code, text string) int {
	n := 0
	for _, f := range findings {
		if f.Code == code && strings.Contains(f.Text, text) {
			n++
		}
	}
	return n
}
