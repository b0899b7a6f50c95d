package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
	"github.com/gverify/gverify/verify"
)

var testDay = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// signedDemo is the demonstration's linux release, judged: agreed by four.
type signedDemo struct {
	d       report.Document
	said    attested
	summary dsse.Summary
	signer  dsse.Signer
}

func newSignedDemo(t *testing.T, platforms ...string) signedDemo {
	t.Helper()
	example := filepath.Join("..", "..", "testdata", "example")
	home := t.TempDir()
	w := world{now: testDay, getenv: func(name string) string { return map[string]string{"HOME": home}[name] }}
	r := request{version: "1.0", project: "bitcoin", sigs: filepath.Join(example, "repository"), policy: filepath.Join(example, "policy.yaml"),
		keys: []string{filepath.Join(example, "repository", "gitian-keys")}, platforms: platforms}
	j, err := judge(context.Background(), r, w, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	status, err := exitFor(j.verdict, j.keys)
	if err != nil {
		t.Fatal(err)
	}
	s := signedDemo{d: j.document(status), signer: testSigner(t)}
	if s.said, err = attest(s.d); err != nil {
		t.Fatal(err)
	}
	if s.summary, err = j.summary(s.said, "", testDay); err != nil {
		t.Fatal(err)
	}
	return s
}

func testSigner(t *testing.T) dsse.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dsse.ReadPrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// statements are the two statements before they are signed.
func (s signedDemo) statements(t *testing.T) []dsse.Statement {
	t.Helper()
	summary, err := s.summary.Statement(s.said.subjects)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := reportStatement(s.d, s.said.subjects)
	if err != nil {
		t.Fatal(err)
	}
	return []dsse.Statement{summary, whole}
}

func (s signedDemo) file(t *testing.T, statements []dsse.Statement) []byte {
	t.Helper()
	var out []byte
	for _, statement := range statements {
		line, err := signedLine(context.Background(), statement, []dsse.Signer{s.signer})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, line...)
	}
	return out
}

func (s signedDemo) check(t *testing.T, statements []dsse.Statement) (*checkedVerdict, error) {
	t.Helper()
	return checkEnvelopes(s.file(t, statements), []dsse.PublicKey{s.signer.Public}, 1, testDay)
}

// clone is a deep copy of a document.
func clone(t *testing.T, d report.Document) report.Document {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, d); err != nil {
		t.Fatal(err)
	}
	out, err := report.Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCheckEnvelopes(t *testing.T) {
	s := newSignedDemo(t, "linux")
	c, err := s.check(t, s.statements(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.exitCode() != exitAgreed || c.summary == nil || c.document == nil || len(c.subjects) != 3 || !slices.Equal(c.summary.Levels, []string{"GVERIFY_REPRODUCED_BY_4"}) {
		t.Errorf("code %d, %d subjects, summary %+v", c.exitCode(), len(c.subjects), c.summary)
	}
	for i, alone := range s.statements(t) {
		if c, err := s.check(t, []dsse.Statement{alone}); err != nil || c.exitCode() != exitAgreed {
			t.Errorf("statement %d alone: %v", i, err)
		}
	}
}

// Whoever holds the key can sign anything; what contradicts itself is refused all the same. One change each.
func TestCheckEnvelopesRefuses(t *testing.T) {
	good := newSignedDemo(t, "linux")
	cases := map[string]struct {
		change func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement
		want   string
	}{
		"other predicate": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			st[1].PredicateType = "https://slsa.dev/provenance/v1"
			return st
		}, "predicate type"},
		"two summaries": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			return []dsse.Statement{st[0], st[0]}
		}, "second summary"},
		"two reports": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			return []dsse.Statement{st[1], st[1]}
		}, "second report"},
		"other subjects": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			st[1].Subjects = append(slices.Clone(st[1].Subjects), dsse.Subject{Name: "evil", Digest: sigs.Digest{1}})
			return st
		}, "other subjects"},
		"subject that nobody voted for": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			for i := range st {
				st[i].Subjects = append(slices.Clone(st[i].Subjects), dsse.Subject{Name: "evil", Digest: sigs.Digest{1}})
			}
			return st
		}, "not those that the report's verdict is about"},
		"subject left out": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			st[1].Subjects = st[1].Subjects[1:]
			return st[1:]
		}, "not those that the report's verdict is about"},
		"result": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.Result, s.summary.Levels = dsse.Failed, []string{dsse.Failed, "GVERIFY_DISPUTED"}
			return s.statements(t)
		}, "the summary says FAILED, and the report PASSED"},
		"level": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.Levels = []string{"GVERIFY_REPRODUCED_BY_5"}
			return s.statements(t)
		}, "GVERIFY_REPRODUCED_BY_5, and the report GVERIFY_REPRODUCED_BY_4"},
		"vote left out": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.InputAttestations = s.summary.InputAttestations[2:]
			return s.statements(t)
		}, "other votes"},
		"vote exchanged": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.InputAttestations = slices.Clone(s.summary.InputAttestations)
			s.summary.InputAttestations[0].Digest.SHA256 = strings.Repeat("0", 64)
			return s.statements(t)
		}, "other votes"},
		"policy": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			content := bytes.Replace(s.summary.Policy.Content, []byte(`"threshold":3`), []byte(`"threshold":4`), 1)
			s.summary.Policy = dsse.NewResource(s.summary.Policy.URI, content)
			s.summary.Policy.Content = content
			return s.statements(t)
		}, "another policy"},
		"pin": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			content := bytes.Replace(s.summary.Policy.Content, []byte(`"name":"alice"`), []byte(`"name":"alina"`), 1)
			s.summary.Policy = dsse.NewResource(s.summary.Policy.URI, content)
			s.summary.Policy.Content = content
			return s.statements(t)
		}, "another policy"},
		"from the future": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.TimeVerified = testDay.AddDate(0, 0, 2)
			return s.statements(t)[:1]
		}, "more than a day from now"},
		"unknown level alone": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.Levels = []string{"GVERIFY_EXCELLENT"}
			return s.statements(t)[:1]
		}, "want GVERIFY_REPRODUCED_BY_ and a number"},
		"failed without a reason alone": {func(t *testing.T, s *signedDemo, st []dsse.Statement) []dsse.Statement {
			s.summary.Result, s.summary.Levels = dsse.Failed, []string{dsse.Failed}
			return s.statements(t)[:1]
		}, "says not why"},
		"report of another schema": {func(_ *testing.T, _ *signedDemo, st []dsse.Statement) []dsse.Statement {
			st[1].Predicate = bytes.Replace(st[1].Predicate, []byte(report.Schema), []byte("gverify.report/v9"), 1)
			return st
		}, "is not known"},
	}
	for name, c := range cases {
		s := good
		statements := c.change(t, &s, s.statements(t))
		if checked, err := s.check(t, statements); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v, want %q", name, checked, err, c.want)
		}
	}
}

// The subjects of a passed statement are what enough people agree on; a document whose parts say otherwise attests nothing.
func TestAttestHoldsTheDocumentToItsWord(t *testing.T) {
	good := newSignedDemo(t, "linux").d
	linux := slices.IndexFunc(good.Platforms, func(p report.Platform) bool { return p.Name == "linux" })
	first := func(d *report.Document) *report.Artifact { return &d.Platforms[linux].Artifacts[0] }
	for name, c := range map[string]struct {
		change func(*report.Document)
		want   string
	}{
		"a file is disputed":        {func(d *report.Document) { first(d).Outcome = verify.Disputed }, "this file is disputed"},
		"a file has no group":       {func(d *report.Document) { first(d).Groups = nil }, "this file is agreed"},
		"voters are fewer":          {func(d *report.Document) { first(d).Groups[0].Voters = first(d).Groups[0].Voters[:2] }, "2 voters do so where 3 are needed"},
		"another group is as large": {func(d *report.Document) { first(d).Groups = append(first(d).Groups, first(d).Groups[0]) }, "no group has most voters"},
		"nothing counts": {func(d *report.Document) {
			for i := range d.Platforms[linux].Artifacts {
				d.Platforms[linux].Artifacts[i].Counts = false
			}
		}, "no file that anybody agrees on"},
		"nothing was asked":     {func(d *report.Document) { d.Platforms[linux].Asked = false }, "no file that anybody agrees on"},
		"nobody voted":          {func(d *report.Document) { d.Signers = nil }, "no file that anybody agrees on"},
		"no outcome":            {func(d *report.Document) { d.Outcome = verify.Undecided }, "is no verdict"},
		"keys were unreachable": {func(d *report.Document) { d.Outcome, d.ExitCode = verify.Insufficient, exitError }, "is no verdict"},
	} {
		d := clone(t, good)
		c.change(&d)
		if said, err := attest(d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v, want %q", name, said, err, c.want)
		}
	}
	d := clone(t, good)
	first(&d).Counts = false
	if said, err := attest(d); err != nil || len(said.subjects) != 2 || said.subjects[0].Name == first(&d).Path {
		t.Errorf("a file that does not count: %+v, %v", said, err)
	}
	d = clone(t, good)
	d.Policy.AnyGiven = true
	if said, err := attest(d); err != nil || !slices.Equal(said.levels, []string{"GVERIFY_REPRODUCED_BY_4_UNVETTED_KEYS"}) {
		t.Errorf("the policy any: %+v, %v", said, err)
	}
	for level, want := range map[string]bool{"GVERIFY_REPRODUCED_BY_4": true, "GVERIFY_REPRODUCED_BY_12_UNVETTED_KEYS": true, "GVERIFY_REPRODUCED_BY_0": false,
		"GVERIFY_REPRODUCED_BY_": false, "GVERIFY_REPRODUCED_BY_-1": false, "GVERIFY_REPRODUCED_BY_4x": false, "4": false, "": false} {
		if isPassedLevel(level) != want {
			t.Errorf("isPassedLevel(%q) = %v", level, !want)
		}
	}
	d = clone(t, good)
	d.Own = verify.Differs
	if said, err := attest(d); err != nil || said.code != exitOwnDiffers || !slices.Equal(said.levels, []string{dsse.Failed, "GVERIFY_OWN_BUILD_DIFFERS"}) {
		t.Errorf("an own build that differs: %+v, %v", said, err)
	}
}

// A passed statement names no digest that anybody disputes, whatever the release; any other verdict is not passed.
func TestDisputedIsNotPassed(t *testing.T) {
	s := newSignedDemo(t)
	if s.d.Outcome != verify.Disputed || s.summary.Result != dsse.Failed || len(s.said.subjects) <= 3 {
		t.Errorf("outcome %s, result %s, %d subjects", s.d.Outcome, s.summary.Result, len(s.said.subjects))
	}
	c, err := s.check(t, s.statements(t))
	if err != nil || c.exitCode() != exitDisputed {
		t.Errorf("code %d, %v", c.exitCode(), err)
	}
}

// The digest decides; the name of a subject on other bytes is a contradiction, also where those are another subject's bytes.
func TestLook(t *testing.T) {
	c := checkedVerdict{subjects: []dsse.Subject{
		{Name: "src/a.tar.gz", Digest: sigs.Digest{1}}, {Name: "b.tar.gz", Digest: sigs.Digest{2}}, {Name: "b.tar.gz", Digest: sigs.Digest{3}}, {Name: "c.tar.gz", Digest: sigs.Digest{1}},
	}}
	for _, test := range []struct {
		name   string
		digest byte
		code   int
		status string
	}{
		{"a.tar.gz", 1, exitAgreed, "attested"},
		{"/tmp/a.tar.gz", 1, exitAgreed, "attested"},
		{"c.tar.gz", 1, exitAgreed, "attested"},
		{"b.tar.gz", 3, exitAgreed, "attested"},
		{"wallet.tar.gz", 1, exitAgreed, "renamed"},
		{"A.tar.gz", 1, exitAgreed, "renamed"},
		{"a.tar.gz", 9, exitDisputed, "contradicted"},
		{"b.tar.gz", 1, exitDisputed, "contradicted"},
		{"wallet.tar.gz", 9, exitInsufficient, "not attested"},
		{"tar.gz", 9, exitInsufficient, "not attested"},
	} {
		f := c.look(test.name, sigs.Digest{test.digest})
		if got := f.result(true).Status; f.code() != test.code || got != test.status {
			t.Errorf("look(%q, %d): code %d, %q, want %d, %q", test.name, test.digest, f.code(), got, test.code, test.status)
		}
	}
	c.code, c.files = exitOwnDiffers, []checkedFile{c.look("new", sigs.Digest{9}), c.look("a.tar.gz", sigs.Digest{9})}
	if got := c.exitCode(); got != exitDisputed {
		t.Errorf("exit code %d, want the worst", got)
	}
	if got := c.look("a.tar.gz", sigs.Digest{1}).result(false); got.Status != "failed" || !strings.Contains(got.Text, "did not pass") {
		t.Errorf("a file of a failed verdict: %+v", got)
	}
}

// The date that keys were judged as of is part of the policy: whoever pins the policy's digest is not shown an older world.
func TestAsOfIsPartOfThePolicy(t *testing.T) {
	j := &judged{}
	j.policy.Policy = verify.Policy{Name: "p", Threshold: 3}
	now, err := j.policyResource()
	if err != nil {
		t.Fatal(err)
	}
	j.asked.asOf, j.asOf = "2015-01-01", testDay
	then, err := j.policyResource()
	if err != nil {
		t.Fatal(err)
	}
	if now.Digest == then.Digest || !json.Valid(then.Content) || !bytes.Contains(then.Content, []byte("keys_as_of")) {
		t.Errorf("%s and %s", now.Content, then.Content)
	}
}
