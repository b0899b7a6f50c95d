package review_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/review"
)

// key is the fingerprint of an invented person.
func key(name string) string {
	return strings.ToUpper(fmt.Sprintf("%-40x", name))[:min(40, 2*len(name))] + strings.Repeat("0", max(40-2*len(name), 0))
}

// signs is a verifier to whom a signature file's text is "STATUS NAME".
type signs struct{}

func (signs) Verify(_, signature []byte) []sigs.Signature {
	status, name, _ := strings.Cut(string(signature), "/")
	s := sigs.Signature{Status: sigs.Status(status), Fingerprint: key(name)}
	if s.Valid() {
		s.Primary = s.Fingerprint
	}
	return []sigs.Signature{s}
}

// digest is 64 digits that begin with a letter.
func digest(letter string) string { return letter + strings.Repeat("0", 63) }

// made is one attestation of version 1.0: who signed it in whose directory, and the letters of the digests of its files.
type made struct {
	dir, signer, status string // status empty: good
	files               map[string]string
	platform            string
}

func (m made) path() string {
	return "1.0-" + m.platformName() + "/" + m.dir + "/x-" + m.platformName() + "-1.0-build.assert"
}
func (m made) platformName() string {
	if m.platform == "" {
		return "linux"
	}
	return m.platform
}

func (m made) statement(t *testing.T) *sigs.Statement {
	t.Helper()
	var b strings.Builder
	release := "1.0-" + m.platformName()
	b.WriteString("--- !!omap\n- out_manifest: |\n")
	var names []string
	for name := range m.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for letter := range strings.SplitSeq(m.files[name], "+") {
			fmt.Fprintf(&b, "    %s  %s\n", digest(letter), name)
		}
	}
	fmt.Fprintf(&b, "- in_manifest: ''\n- base_manifests: !!omap []\n- release: %s\n- name: x\n- type: build\n", release)
	status := m.status
	if status == "" {
		status = string(sigs.Good)
	}
	a := sigs.Attestation{
		Directory: sigs.Directory{Path: release, Release: release, Version: "1.0", Platform: m.platformName(), Layout: sigs.GitianLayout},
		Path:      m.path(), Signer: m.dir, Name: path.Base(m.path()), Data: []byte(b.String()),
	}
	if status != string(sigs.Missing) {
		a.Signatures = []sigs.SignatureFile{{Path: m.path() + ".sig", Data: []byte(status + "/" + m.signer)}}
	}
	s, _ := sigs.Check(a, signs{})
	if s.Unparsed != "" && s.Best().Valid() {
		t.Fatal(s.Unparsed)
	}
	return s
}

var policy = verify.Policy{Name: "test", Threshold: 2, Pins: []verify.Pin{
	{Name: "alice", Fingerprints: []string{key("alice")}, Aliases: []string{"al"}}, {Name: "bob", Fingerprints: []string{key("bob"), key("bob2")}}, {Name: "carol", Fingerprints: []string{key("carol")}},
}}

func side(t *testing.T, all []made) review.Side {
	t.Helper()
	var statements []*sigs.Statement
	for _, m := range all {
		statements = append(statements, m.statement(t))
	}
	s := review.Side{Present: len(all) > 0, Comparison: verify.Compare("1.0", statements)}
	var err error
	if s.Verdict, err = policy.Decide(s.Comparison, verify.Question{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// adding is a change that adds attestations to others.
func adding(t *testing.T, before, added []made) review.Change {
	t.Helper()
	c := review.Change{Pins: policy.Pins, Brought: map[string]string{}, Owners: map[string][]string{}}
	for _, m := range added {
		c.Files = append(c.Files, review.File{Path: m.path(), Kind: review.Added, Part: review.AssertionPart})
		if m.status != string(sigs.Missing) {
			c.Files = append(c.Files, review.File{Path: m.path() + ".sig", Kind: review.Added, Part: review.SignaturePart})
		}
	}
	c.Releases = []review.Release{{Version: "1.0", Before: side(t, before), After: side(t, slices.Concat(before, added))}}
	return c
}

func codes(r review.Review) string {
	var out []string
	for _, f := range r.Findings {
		code := f.Code
		if f.Breaks {
			code = "*" + code
		}
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

var (
	a  = map[string]string{"x-1.0.tar.gz": "a"}
	b  = map[string]string{"x-1.0.tar.gz": "b"}
	ab = map[string]string{"x-1.0.tar.gz": "a", "y-1.0.tar.gz": "b"}
)

func TestNewAttestations(t *testing.T) {
	base := []made{{dir: "alice", signer: "alice", files: a}, {dir: "bob", signer: "bob", files: a}}
	for _, test := range []struct {
		name          string
		before, added []made
		edit          func(*review.Change)
		outcome       review.Outcome
		codes         string
		verified      string // of the first new attestation
		agrees        string
	}{
		{name: "the same files", before: base, added: []made{{dir: "carol", signer: "carol", files: a}}, outcome: review.Clean, verified: review.Same, agrees: "alice bob"},
		{name: "other files", before: base, added: []made{{dir: "carol", signer: "carol", files: b}}, outcome: review.Contradicted, codes: "contradicts-verified", verified: review.Different},
		{name: "other files by somebody nobody knows", before: base, added: []made{{dir: "zoe", signer: "zoe", status: string(sigs.UnknownKey), files: b}}, outcome: review.Contradicted, codes: "contradicts-verified", verified: review.Different},
		{name: "nobody is known", before: []made{{dir: "zoe", signer: "zoe", files: a}}, added: []made{{dir: "yan", signer: "yan", files: a}}, outcome: review.Voiceless, codes: "nobody-known", verified: review.Nothing},
		{name: "nobody is pinned", added: []made{{dir: "yan", signer: "yan", files: a}}, edit: func(c *review.Change) { c.Pins = nil }, outcome: review.Voiceless, codes: "no-pins", verified: review.Nothing},
		{name: "the first ones", added: []made{{dir: "carol", signer: "carol", files: a}, {dir: "bob", signer: "bob", files: a}}, outcome: review.Clean, verified: review.Nothing, agrees: "carol"},
		{name: "the first ones disagree", added: []made{{dir: "carol", signer: "carol", files: a}, {dir: "bob", signer: "bob", files: b}}, outcome: review.Contradicted, codes: "new-attestations-disagree", verified: review.Nothing},
		{name: "the first ones disagree, one without a vote", added: []made{{dir: "carol", signer: "carol", files: a}, {dir: "zoe", signer: "zoe", files: b}}, outcome: review.Clean, verified: review.Nothing},
		{name: "the smaller side of a dispute", before: append(slices.Clone(base), made{dir: "carol", signer: "carol", files: b}), added: []made{{dir: "zoe", signer: "zoe", files: b}}, outcome: review.Contradicted, codes: "contradicts-verified", verified: review.Different, agrees: "carol"},
		{name: "one of two equal sides", before: []made{base[0], {dir: "bob", signer: "bob", files: b}}, added: []made{{dir: "carol", signer: "carol", files: b}}, outcome: review.Clean, verified: review.Same, agrees: "bob"},
		{name: "neither of two equal sides", before: []made{base[0], {dir: "bob", signer: "bob", files: b}}, added: []made{{dir: "carol", signer: "carol", files: map[string]string{"x-1.0.tar.gz": "c"}}}, outcome: review.Contradicted, codes: "contradicts-verified", verified: review.Different},
		{name: "more files than the others", before: base, added: []made{{dir: "carol", signer: "carol", files: ab}}, outcome: review.Clean, verified: review.Same, agrees: "alice bob"},
		{name: "another platform", before: base, added: []made{{dir: "carol", signer: "carol", files: map[string]string{"y-1.0.zip": "b"}, platform: "win"}}, outcome: review.Clean, verified: review.Nothing},
		{name: "another platform, with other contents under one name", before: base, added: []made{{dir: "carol", signer: "carol", files: b, platform: "win"}}, outcome: review.Contradicted, codes: "differs-elsewhere", verified: review.Nothing},
		{name: "not pinned", before: base, added: []made{{dir: "zoe", signer: "zoe", files: a}}, outcome: review.Voiceless, verified: review.Same, agrees: "alice bob"},
		{name: "unknown key", before: base, added: []made{{dir: "carol", signer: "carol", status: string(sigs.UnknownKey), files: a}}, outcome: review.Voiceless, verified: review.Same, agrees: "alice bob"},
		{name: "expired", before: base, added: []made{{dir: "carol", signer: "carol", status: string(sigs.ExpiredAtSigning), files: a}}, outcome: review.Voiceless, verified: review.Same, agrees: "alice bob"},
		{name: "one votes, one does not", before: base, added: []made{{dir: "carol", signer: "carol", files: a}, {dir: "zoe", signer: "zoe", files: a}}, outcome: review.Clean, verified: review.Same, agrees: "alice bob"},
		{name: "two hashes for one file", before: base, added: []made{{dir: "carol", signer: "carol", files: map[string]string{"x-1.0.tar.gz": "a+b"}}}, outcome: review.Broken, codes: "*contradicts-itself contradicts-verified", verified: review.Different},
		{name: "in the directory of a pinned person", before: base, added: []made{{dir: "al", signer: "carol", files: a}}, outcome: review.Broken, codes: "*misfiled", verified: review.Same, agrees: "alice bob"},
		{name: "in a directory that but for case is a pinned person's", before: base, added: []made{{dir: "Alice", signer: "carol", files: a}}, outcome: review.Broken, codes: "*other-signers-directory name-differs", verified: review.Same, agrees: "alice bob"},
		{name: "in one's own but for case", before: base, added: []made{{dir: "Carol", signer: "carol", files: a}}, outcome: review.Clean, codes: "name-differs", verified: review.Same, agrees: "alice bob"},
		{name: "a stranger in a pinned person's directory", added: []made{{dir: "al", signer: "mallory", files: a}}, outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "an alias", added: []made{{dir: "al", signer: "alice", files: a}}, outcome: review.Clean, verified: review.Nothing},
		{name: "under another name", before: base, added: []made{{dir: "caroline", signer: "carol", files: a}}, outcome: review.Clean, codes: "name-differs", verified: review.Same, agrees: "alice bob"},
		{name: "in the directory of somebody with another key", before: append(slices.Clone(base), made{dir: "zoe", signer: "zoe", files: a}), added: []made{{dir: "zoe", signer: "mallory", files: a, platform: "win"}},
			outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "in the directory of somebody with another key file", added: []made{{dir: "zoe", signer: "mallory", files: a}}, edit: func(c *review.Change) { c.Owners["zoe"] = []string{key("zoe")} },
			outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "by a key said to be another", added: []made{{dir: "zoe", signer: "mallory", status: string(sigs.UnknownKey), files: a}}, edit: func(c *review.Change) { c.Owners["zoe"] = []string{key("zoe")} },
			outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "by an unknown key in the directory of a pinned person", added: []made{{dir: "alice", signer: "mallory", status: string(sigs.UnknownKey), files: a}}, outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "by an unknown key in a directory that looks like a pinned person's", added: []made{{dir: "\u0430lice", signer: "mallory", status: string(sigs.UnknownKey), files: a}}, outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "by a new subkey of the pinned key, which comes along", added: []made{{dir: "alice", signer: "sub", status: string(sigs.UnknownKey), files: a}}, edit: func(c *review.Change) {
			c.BroughtKey = map[string]string{made{dir: "alice"}.path(): key("alice")}
		}, outcome: review.Voiceless, verified: review.Nothing},
		{name: "a stranger whose key file is there, but for case, under a pinned name", added: []made{{dir: "alice", signer: "mallory", files: a}}, edit: func(c *review.Change) { c.Owners["alice"] = []string{key("mallory")} },
			outcome: review.Broken, codes: "*other-signers-directory", verified: review.Nothing},
		{name: "by another key of one person", before: base, added: []made{{dir: "bob", signer: "bob2", files: a, platform: "win"}}, outcome: review.Clean, verified: review.Nothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := adding(t, test.before, test.added)
			if test.edit != nil {
				test.edit(&c)
			}
			r := review.Of(c)
			if r.Outcome != test.outcome || codes(r) != test.codes {
				t.Errorf("got %s with %q, want %s with %q: %s", r.Outcome, codes(r), test.outcome, test.codes, r.Grounds)
			}
			if len(r.Attestations) != len(test.added) {
				t.Fatalf("%d new attestations, want %d", len(r.Attestations), len(test.added))
			}
			first := r.Attestations[0]
			if first.Verified != test.verified || strings.Join(first.Agrees, " ") != test.agrees {
				t.Errorf("stands %q, agrees with %q, want %q, %q", first.Verified, first.Agrees, test.verified, test.agrees)
			}
		})
	}
}

func TestFilesAndKeys(t *testing.T) {
	file := func(path string, kind review.Kind, part review.Part) review.File {
		return review.File{Path: path, Kind: kind, Part: part}
	}
	of := func(k review.KeyFile) review.Change {
		return review.Change{Pins: policy.Pins, Keys: []review.KeyFile{k}, Files: []review.File{file(k.Path, k.Kind, review.KeyPart)}}
	}
	const sums = "1.0/bob/all.SHA256SUMS"
	for _, test := range []struct {
		name    string
		change  review.Change
		outcome review.Outcome
		codes   string
	}{
		{"nothing", review.Change{}, review.Clean, ""},
		{"documentation", review.Change{Files: []review.File{file("README.md", review.Edited, review.OtherPart)}}, review.Clean, "other-files"},
		{"edited", review.Change{Files: []review.File{file(sums, review.Edited, review.AssertionPart)}}, review.Broken, "*attestation-edited"},
		{"signature edited", review.Change{Files: []review.File{file(sums+".asc", review.Edited, review.SignaturePart)}}, review.Broken, "*attestation-edited"},
		{"removed", review.Change{Files: []review.File{file(sums, review.Removed, review.AssertionPart)}}, review.Broken, "*attestation-removed"},
		{"moved", review.Change{Files: []review.File{{Path: sums, Kind: review.Removed, Part: review.AssertionPart, MovedTo: "x"}}}, review.Broken, "*attestation-moved"},
		{"removed, though misplaced", review.Change{Files: []review.File{{Path: "1.0/bob/x/all.SHA256SUMS", Kind: review.Removed, Part: review.MisplacedPart, Read: true}}}, review.Broken, "*attestation-removed"},
		{"what nobody read is removed", review.Change{Files: []review.File{file("1.0/bob/notes.txt", review.Removed, review.MisplacedPart)}}, review.Clean, ""},
		{"mode", review.Change{Files: []review.File{file(sums, review.ModeChanged, review.AssertionPart)}}, review.Clean, "mode-changed"},
		{"misplaced", review.Change{Files: []review.File{file("1.0/bob/x.sh", review.Added, review.MisplacedPart)}}, review.Broken, "*wrong-path"},
		{"misplaced, and edited", review.Change{Files: []review.File{file("1.0/bob/x.sh", review.Edited, review.MisplacedPart)}}, review.Broken, "*wrong-path"},
		{"misplaced, said more precisely", review.Change{Files: []review.File{file("1.0/bob/x/y", review.Added, review.MisplacedPart)},
			After: []sigs.Finding{{Code: "nested-directory", Severity: sigs.Warning, Path: "1.0/bob/x"}}}, review.Broken, "*nested-directory"},
		{"an oddity that was there", review.Change{Files: []review.File{file("1.0/bob/x/y", review.Added, review.MisplacedPart)},
			Before: []sigs.Finding{{Code: "nested-directory", Severity: sigs.Warning, Path: "1.0/bob/x"}},
			After:  []sigs.Finding{{Code: "nested-directory", Severity: sigs.Warning, Path: "1.0/bob/x"}}}, review.Broken, "*wrong-path"},
		{"a note of somebody else's", review.Change{After: []sigs.Finding{{Code: "several-signatures", Severity: sigs.Note}}}, review.Clean, ""},
		{"a warning of somebody else's", review.Change{After: []sigs.Finding{{Code: "label-drift", Severity: sigs.Warning}}}, review.Clean, "label-drift"},
		{"checks", review.Change{Files: []review.File{file(".github/x.yml", review.Edited, review.CheckPart)}}, review.Clean, "checks-changed"},
		{"checks with an attestation", review.Change{Files: []review.File{file(".github/x.yml", review.Edited, review.CheckPart), file(sums, review.Added, review.AssertionPart)}}, review.Broken, "*checks-changed"},
		{"checks with a key", review.Change{Files: []review.File{file(".github/x.yml", review.Edited, review.CheckPart), file("k/bob.gpg", review.Added, review.KeyPart)}}, review.Broken, "*checks-changed"},

		{"key added", of(review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Added, After: []string{key("zoe")}}), review.Clean, "key-added"},
		{"pinned key added", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Added, After: []string{key("bob")}}), review.Clean, "key-added"},
		{"another key in a pinned name", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Added, After: []string{key("zoe")}}), review.Broken, "*key-under-pinned-name"},
		{"a second key in a pinned name", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Added, After: []string{key("bob"), key("zoe")}}), review.Broken, "*key-under-pinned-name"},
		{"another key in an alias", of(review.KeyFile{Path: "k/al.gpg", Signer: "al", Kind: review.Added, After: []string{key("zoe")}}), review.Broken, "*key-under-pinned-name"},
		{"a name that but for case is a pinned one", of(review.KeyFile{Path: "k/Alice.gpg", Signer: "Alice", Kind: review.Added, After: []string{key("zoe")}}), review.Broken, "*key-look-alike"},
		{"a name that looks like an alias", of(review.KeyFile{Path: "k/\u0430l.gpg", Signer: "\u0430l", Kind: review.Added, After: []string{key("zoe")}}), review.Broken, "*key-look-alike"},
		{"his own key in a name that but for case is his", of(review.KeyFile{Path: "k/Alice.gpg", Signer: "Alice", Kind: review.Added, After: []string{key("alice")}, Elsewhere: []string{"k/alice.gpg"}}), review.Clean, "key-known"},
		{"a name that looks like that of another key file", of(review.KeyFile{Path: "k/Zoe.gpg", Signer: "Zoe", Kind: review.Added, After: []string{key("mallory")}, Twins: []string{"k/zoe.gpg"}}), review.Broken, "*key-look-alike"},
		{"key known", of(review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Added, After: []string{key("bob")}, Elsewhere: []string{"k/bob.gpg"}}), review.Clean, "key-known"},
		{"key replaced", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("zoe")}}), review.Broken, "*key-replaced"},
		{"key replaced by another pinned one", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("bob2")}}), review.Clean, "key-replaced"},
		{"key replaced by somebody else's pinned one", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("alice")}}), review.Broken, "*key-replaced"},
		{"a pinned key and one more", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("bob"), key("zoe")}}), review.Broken, "*key-replaced"},
		{"key emptied", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}}), review.Broken, "*key-replaced"},
		{"key refreshed", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("bob")}}), review.Clean, "key-refreshed"},
		{"revocation removed", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("bob")}, Revoked: []string{key("bob")}}), review.Broken, "*revocation-removed"},
		{"key removed", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Removed, Before: []string{key("bob")}}), review.Clean, "key-removed"},
		{"key removed, which is revoked", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Removed, Before: []string{key("bob")}, Revoked: []string{key("bob")}}), review.Clean, "key-removed"},
		{"usable key of a pinned person removed", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Removed, Before: []string{key("bob")}, Lost: []string{key("bob")}}), review.Broken, "*key-removed"},
		{"usable key of a pinned person removed from another name", of(review.KeyFile{Path: "k/robert.gpg", Signer: "robert", Kind: review.Removed, Before: []string{key("bob")}, Lost: []string{key("bob")}}), review.Broken, "*key-removed"},
		{"key of somebody who attested removed", of(review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Removed, Before: []string{key("zoe")}, Lost: []string{key("zoe")}, Attestations: 3, Versions: 2}), review.Broken, "*key-removed"},
		{"key of nobody removed", of(review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Removed, Before: []string{key("zoe")}, Lost: []string{key("zoe")}}), review.Clean, "key-removed"},
		{"signing subkeys stripped", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("bob")}, Lost: []string{key("sub")}}), review.Broken, "*key-weakened"},
		{"key renamed away from a pinned name", of(review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Removed, Before: []string{key("bob")}, Elsewhere: []string{"k/zzz.gpg"}}), review.Broken, "*key-renamed"},
		{"key renamed to an alias", of(review.KeyFile{Path: "k/alice.gpg", Signer: "alice", Kind: review.Removed, Before: []string{key("alice")}, Elsewhere: []string{"k/al.gpg"}}), review.Clean, "key-renamed"},
		{"key renamed", of(review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Removed, Before: []string{key("zoe")}, Elsewhere: []string{"k/z.gpg"}}), review.Clean, "key-renamed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := review.Of(test.change)
			if r.Outcome != test.outcome || codes(r) != test.codes {
				t.Errorf("got %s with %q, want %s with %q", r.Outcome, codes(r), test.outcome, test.codes)
			}
			for _, f := range r.Findings {
				if f.Breaks && !review.BreaksRule(f.Code) {
					t.Errorf("%s breaks a rule, and gverify help codes does not say so", f.Code)
				}
			}
		})
	}
}

// What no attestation consists of is named, and what decides how changes are judged comes first.
func TestUntouched(t *testing.T) {
	var files []review.File
	for i := range 8 {
		files = append(files, review.File{Path: fmt.Sprintf("doc/%d", i), Kind: review.Edited, Part: review.OtherPart})
	}
	r := review.Of(review.Change{Files: files})
	if want := "doc/0, doc/1, doc/2, doc/3, doc/4, doc/5 and 2 more"; len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Text, want) {
		t.Errorf("%+v, want %q", r.Findings, want)
	}
	r = review.Of(review.Change{Files: append(files, review.File{Path: ".github/x.yml", Kind: review.Edited, Part: review.CheckPart})})
	if r.Outcome != review.Clean || !strings.Contains(r.Grounds, "the checks themselves are changed: read them") {
		t.Errorf("%s: %s", r.Outcome, r.Grounds)
	}
}

// What a key does together with attestations.
func TestKeysWithAttestations(t *testing.T) {
	base := []made{{dir: "alice", signer: "alice", files: a}, {dir: "bob", signer: "bob", files: a}}
	known := made{dir: "carol", signer: "carol", files: a}
	stranger := made{dir: "zoe", signer: "zoe", status: string(sigs.UnknownKey), files: a}
	for _, test := range []struct {
		name    string
		added   made
		key     review.KeyFile
		brought bool
		outcome review.Outcome
		codes   string
	}{
		{"a new signer's", stranger, review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Added, After: []string{key("zoe")}}, true, review.Voiceless, "key-with-attestation"},
		{"a new signer's, beside another's attestation", known, review.KeyFile{Path: "k/zoe.gpg", Signer: "zoe", Kind: review.Added, After: []string{key("zoe")}}, false, review.Clean, "key-added"},
		{"refreshed", known, review.KeyFile{Path: "k/carol.gpg", Signer: "carol", Kind: review.Edited, Before: []string{key("carol")}, After: []string{key("carol")}}, false, review.Clean, "key-changed-too"},
		{"replaced", stranger, review.KeyFile{Path: "k/alice.gpg", Signer: "alice", Kind: review.Edited, Before: []string{key("alice")}, After: []string{key("zoe")}}, true, review.Broken, "*key-replaced"},
		{"replaced by another pinned one", known, review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Edited, Before: []string{key("bob")}, After: []string{key("bob2")}}, false, review.Broken, "*key-replaced"},
		{"removed", known, review.KeyFile{Path: "k/bob.gpg", Signer: "bob", Kind: review.Removed, Before: []string{key("bob")}}, false, review.Broken, "*key-removed"},
	} {
		c := adding(t, base, []made{test.added})
		c.Keys = []review.KeyFile{test.key}
		c.Files = append(c.Files, review.File{Path: test.key.Path, Kind: test.key.Kind, Part: review.KeyPart})
		if test.brought {
			c.Brought[test.added.path()] = test.key.Path
		}
		r := review.Of(c)
		if r.Outcome != test.outcome || codes(r) != test.codes {
			t.Errorf("%s: got %s with %q, want %s with %q", test.name, r.Outcome, codes(r), test.outcome, test.codes)
		}
		if why := r.Attestations[0].Why; test.brought && !strings.Contains(why, test.key.Path) {
			t.Errorf("%s: no vote because %q, which does not name the key file", test.name, why)
		}
	}
}

// The zero outcome is no success, and names are stable.
func TestOutcomes(t *testing.T) {
	if review.Undecided != 0 || review.Outcome(0).String() != "undecided" || review.Outcome(99).String() != "undecided" {
		t.Error("the zero outcome is an answer")
	}
	for _, o := range []review.Outcome{review.Undecided, review.Clean, review.Broken, review.Contradicted, review.Voiceless} {
		text, err := o.MarshalText()
		var back review.Outcome
		if err != nil || back.UnmarshalText(text) != nil || back != o {
			t.Errorf("%s comes back as %s, %v", text, back, err)
		}
	}
	var o review.Outcome
	if err := o.UnmarshalText([]byte("fine")); err == nil {
		t.Error("an unknown outcome was read")
	}
}
