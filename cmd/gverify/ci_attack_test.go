package main

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/verify/review"
)

// attacker holds a throwaway key.
type attacker struct {
	key    *openpgp.Entity
	config packet.Config
}

func newAttacker(t *testing.T, name string) attacker {
	t.Helper()
	config := packet.Config{DefaultHash: crypto.SHA512, Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return judgedOn.AddDate(0, -2, 0) }}
	key, err := openpgp.NewEntity(name, "", name+"@example.org", &config)
	if err != nil {
		t.Fatal(err)
	}
	return attacker{key, config}
}

// publicKey is the armored public key.
func (a attacker) publicKey(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w, err := armor.Encode(&b, "PGP PUBLIC KEY BLOCK", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.key.Serialize(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// sign is a detached signature.
func (a attacker) sign(t *testing.T, data string) string {
	t.Helper()
	config := a.config
	config.Time = func() time.Time { return judgedOn.AddDate(0, -1, 0) }
	var b bytes.Buffer
	if err := openpgp.DetachSign(&b, a.key, strings.NewReader(data), &config); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bareCopy is a copy of a repository of the corpus, to which tests add commits.
type bareCopy struct {
	t   *testing.T
	dir string
}

func copyCorpus(t *testing.T, name string) bareCopy {
	t.Helper()
	from := filepath.Join(corpusDirectory(t, true), name)
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return bareCopy{t, dir}
}

// git runs git in the copy.
func (c bareCopy) git(input string, args ...string) string {
	c.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "safe.directory=*"}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_DIR="+c.dir, "GIT_INDEX_FILE="+filepath.Join(c.dir, "test-index"), "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org")
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, problem.String())
	}
	return string(out)
}

// commit makes a commit on top of HEAD with files added or changed; nothing is checked out.
func (c bareCopy) commit(files map[string]string) string {
	c.t.Helper()
	c.git("", "read-tree", "HEAD")
	for name, content := range files {
		id := strings.TrimSpace(c.git(content, "hash-object", "-w", "--stdin"))
		c.git("", "update-index", "--add", "--cacheinfo", "100644,"+id+","+name)
	}
	tree := strings.TrimSpace(c.git("", "write-tree"))
	return strings.TrimSpace(c.git("", "commit-tree", "-m", "change", "-p", "HEAD", tree))
}

// runJSON runs gverify ci and reads its report.
func runCIReport(t *testing.T, args ...string) (report.Review, int) {
	t.Helper()
	var out, problem bytes.Buffer
	home := t.TempDir()
	w := world{streams: streams{In: strings.NewReader(""), Out: &out, Err: &problem}, now: judgedOn,
		getenv: func(name string) string { return map[string]string{"HOME": home}[name] }}
	code := run(context.Background(), append([]string{"ci", "--offline", "--format", "json"}, args...), w)
	var d report.Review
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatalf("%v: %s%s", err, out.String(), problem.String())
	}
	if d.ExitCode != code {
		t.Errorf("the report says exit code %d, the program ended with %d", d.ExitCode, code)
	}
	return d, code
}

func codesOf(d report.Review) []string {
	var out []string
	for _, f := range d.Findings {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestKeyChangedWithAttestation is the eighth attack: a pull request changes a known signer's key together with an attestation
// that the changed key verifies. It is stopped, and whatever it does, nobody votes who did not before.
func TestKeyChangedWithAttestation(t *testing.T) {
	monero := copyCorpus(t, "monero-gitian.git")
	const victim, version = "selsta", "0.18.5.1"
	evil := newAttacker(t, victim)
	dir := "v" + version + "-linux/"
	real := monero.git("", "show", "HEAD:"+dir+"thomasbuilds/monero-linux-0.18-build.assert")
	forged := strings.Replace(real, "out_manifest: |\n    ", "out_manifest: |\n    0000", 1)
	cut := strings.Index(forged, "    0000") + 8
	forged = forged[:cut] + forged[cut+4:] // another digest for the first file
	if forged == real || len(forged) != len(real) {
		t.Fatal("the assertion was not changed")
	}
	attestation := func(signer, data string, by attacker) map[string]string {
		name := dir + signer + "/monero-linux-0.18-build.assert"
		return map[string]string{name: data, name + ".sig": by.sign(t, data)}
	}
	with := func(files map[string]string, name, content string) map[string]string {
		files[name] = content
		return files
	}
	key := "gitian-pubkeys/" + victim + ".asc"
	before := monero.git("", "show", "HEAD:"+key)
	for _, test := range []struct {
		name    string
		files   map[string]string
		args    []string
		outcome review.Outcome
		code    string
	}{
		{"replaced", with(attestation(victim, real, evil), key, evil.publicKey(t)), nil, review.Broken, "key-replaced"},
		{"replaced, other files", with(attestation(victim, forged, evil), key, evil.publicKey(t)), nil, review.Broken, "key-replaced"},
		{"added to the signer's file", with(attestation(victim, real, evil), key, before+"\n"+evil.publicKey(t)), nil, review.Broken, "key-replaced"},
		{"every key of the repository counts", with(attestation(victim, real, evil), key, evil.publicKey(t)), []string{"--policy", "any", "--keys", "sigs:"}, review.Broken, "key-replaced"},
		{"a second key file in his name", with(attestation(victim, real, evil), "gitian-pubkeys/"+victim+".pgp", evil.publicKey(t)), nil, review.Broken, "key-under-pinned-name"},
		{"a stranger's key", with(attestation("stranger", real, evil), "gitian-pubkeys/stranger.asc", evil.publicKey(t)), nil, review.Voiceless, "key-with-attestation"},
		{"no key at all", attestation(victim, real, evil), nil, review.Broken, "other-signers-directory"},
	} {
		head := monero.commit(test.files)
		args := append([]string{"--sigs", monero.dir, "--project", "monero", "--range", "HEAD.." + head}, test.args...)
		d, code := runCIReport(t, args...)
		if d.Outcome != test.outcome || code == exitAgreed {
			t.Errorf("%s: outcome %s with exit code %d, want %s", test.name, d.Outcome, code, test.outcome)
		}
		if !slices.Contains(codesOf(d), test.code) {
			t.Errorf("%s: findings %v, want %s among them", test.name, codesOf(d), test.code)
		}
		if len(d.Releases) != 1 || d.Releases[0].Version != version {
			t.Fatalf("%s: releases %v", test.name, d.Releases)
		}
		was, is := d.Releases[0].Before, d.Releases[0].After
		if len(was.Voters) < 3 || !slices.Equal(was.Voters, is.Voters) || was.Outcome != is.Outcome {
			t.Errorf("%s: before %s by %v, after %s by %v", test.name, was.Outcome, was.Voters, is.Outcome, is.Voters)
		}
		if len(d.Attestations) != 1 || d.Attestations[0].Votes {
			t.Errorf("%s: attestations %+v", test.name, d.Attestations)
		}
		t.Logf("%s: exit %d %v, %d voters before, %d after; %s", test.name, code, codesOf(d), len(was.Voters), len(is.Voters), d.Attestations[0].Why)
	}
}

// TestHiddenByDirectory: a dissent about a file under another directory's name is not passed over.
func TestHiddenByDirectory(t *testing.T) {
	guix := copyCorpus(t, "bitcoin-guix.git")
	newbie := newAttacker(t, "newbie")
	real := guix.git("", "show", "HEAD:29.0/achow101/noncodesigned.SHA256SUMS")
	digest, name, _ := strings.Cut(strings.SplitN(real, "\n", 2)[0], "  ")
	for _, test := range []struct {
		name, line string
		code       int
		finding    string
	}{
		{"the same name", strings.Repeat("1", 64) + "  " + name, exitDisputed, "contradicts-verified"},
		{"in a directory", strings.Repeat("1", 64) + "  out/" + name, exitError, "similar-name"},
		{"in a directory, and the same bytes", digest + "  out/" + name, exitInsufficient, ""},
	} {
		data := test.line + "\n"
		const at = "29.0/newbie/noncodesigned.SHA256SUMS"
		head := guix.commit(map[string]string{at: data, at + ".asc": newbie.sign(t, data), "builder-keys/newbie.gpg": newbie.publicKey(t)})
		d, code := runCIReport(t, "--sigs", guix.dir, "--project", "bitcoin", "--range", "HEAD.."+head)
		if code != test.code || test.finding != "" && !slices.Contains(codesOf(d), test.finding) || test.finding == "" && slices.Contains(codesOf(d), "similar-name") {
			t.Errorf("%s: exit code %d with %v, want %d with %q", test.name, code, codesOf(d), test.code, test.finding)
		}
	}
}
