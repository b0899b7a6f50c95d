package verify_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// With -seal, signatures of the vectors that say "message: seal" are bound to the files they stand beside.
var seal = flag.Bool("seal", false, "bind new signatures of testdata/vectors to their messages")

const vectorDir = "../testdata/vectors"

// vector is one lesson: what is asked, what is expected, and a repository.
type vector struct {
	name       string
	policy     verify.Policy
	question   verify.Question
	version    string
	expect     string // an outcome, or "error"
	failure    string // what the error says
	own        string
	findings   []string // codes that must be there
	noFindings []string // codes that must not
	voters     map[string]string
	files      fstest.MapFS
}

// people are the persons pinned where a vector does not say otherwise.
var people = []string{"alice", "bob", "carol", "dave"}

// fingerprintOf is a person's key: forty times the capital first letter.
func fingerprintOf(name string) string { return strings.Repeat(strings.ToUpper(name[:1]), 40) }

// readVector reads a vector; an unknown key is an error.
func readVector(file string) (*vector, *txtar.Archive, error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, nil, err
	}
	v := &vector{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), version: "1.0", voters: map[string]string{}, files: fstest.MapFS{}}
	var pins []verify.Pin
	for n, line := range strings.Split(string(archive.Comment), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, nil, fmt.Errorf("line %d: %q is no key with a value", n+1, line)
		}
		if err := v.set(key, value, &pins); err != nil {
			return nil, nil, fmt.Errorf("line %d: %s: %w", n+1, key, err)
		}
	}
	if v.expect == "" {
		return nil, nil, fmt.Errorf("nothing is expected")
	}
	for _, name := range people {
		if pins == nil && v.policy.Name != "nobody" {
			v.policy.Pins = append(v.policy.Pins, verify.Pin{Name: name, Fingerprints: []string{fingerprintOf(name)}})
		}
	}
	v.policy.Pins = append(v.policy.Pins, pins...)
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "own/"); ok {
			a, err := sigs.ParseAssertion(f.Data)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			v.question.Own = append(v.question.Own, verify.OwnBuild{Name: name, Assertion: a})
			continue
		}
		v.files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return v, archive, nil
}

// set understands one key of a vector's header.
func (v *vector) set(key, value string, pins *[]verify.Pin) (err error) {
	words := strings.Fields(value)
	p := &v.policy
	switch key {
	case "expect":
		v.expect, v.failure, _ = strings.Cut(value, ": ")
	case "own":
		v.own = value
	case "version":
		v.version = value
	case "threshold":
		p.Threshold, err = strconv.Atoi(value)
	case "policy": // built in
		switch value {
		case "any":
			p.AnyGiven, p.Name = true, value
		case "nobody": // nobody is pinned
			p.Name = value
		default:
			err = fmt.Errorf("%q is not known", value)
		}
	case "group": // name, number, members
		g := verify.GroupRule{Name: words[0], Of: words[2:]}
		g.AtLeast, err = strconv.Atoi(words[1])
		p.Groups = append(p.Groups, g)
	case "required":
		p.Required = words
	case "vetoes":
		p.Vetoes = words
	case "accept":
		p.Accept = append(p.Accept, sigs.Status(value))
	case "refuse-label":
		p.RefuseLabels = append(p.RefuseLabels, sigs.Label(value))
	case "dissent":
		p.Dissent = verify.Dissent(value)
	case "bad-signature":
		p.BadSignature = verify.BadSignature(value)
	case "pin": // name, fingerprints and aliases, from=, until=
		var pin verify.Pin
		pin, err = readPin(words)
		*pins = append(*pins, pin)
	case "due":
		v.question.Due = words
	case "platforms":
		v.question.Platforms = words
	case "finding":
		v.findings = append(v.findings, words...)
	case "no-finding":
		v.noFindings = append(v.noFindings, words...)
	case "voters":
		platform, names, _ := strings.Cut(value, ": ")
		v.voters[platform] = names
	default:
		err = fmt.Errorf("unknown key")
	}
	return err
}

func readPin(words []string) (verify.Pin, error) {
	pin := verify.Pin{Name: words[0]}
	for _, w := range words[1:] {
		var err error
		switch k, v, ok := strings.Cut(w, "="); {
		case ok && k == "from":
			pin.From, err = time.Parse(time.DateOnly, v)
		case ok && k == "until":
			pin.Until, err = time.Parse(time.DateOnly, v)
		case len(w) == 40:
			pin.Fingerprints = append(pin.Fingerprints, w)
		default:
			pin.Aliases = append(pin.Aliases, w)
		}
		if err != nil {
			return pin, err
		}
	}
	if pin.Fingerprints == nil {
		pin.Fingerprints = []string{fingerprintOf(pin.Name)}
	}
	return pin, nil
}

// scribe judges the vectors' signature files: paragraphs of "key: value", bound to the message by its SHA-256.
type scribe struct{}

func (scribe) Verify(message, signature []byte) []sigs.Signature {
	var out []sigs.Signature
	for _, paragraph := range strings.Split(strings.TrimSpace(string(signature)), "\n\n") {
		out = append(out, readSignature(message, paragraph))
	}
	return out
}

func readSignature(message []byte, paragraph string) sigs.Signature {
	sig := sigs.Signature{Hash: "SHA256", Algorithm: "RSA", Bits: 4096}
	bound := ""
	lines := bufio.NewScanner(strings.NewReader(paragraph))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "by":
			sig.Fingerprint, sig.Primary = value, value
			if len(value) == 1 {
				sig.Fingerprint = strings.Repeat(value, 40)
				sig.Primary = sig.Fingerprint
			}
		case "status":
			sig.Status = sigs.Status(value)
		case "created":
			sig.Created, _ = time.Parse(time.DateOnly, value)
		case "label":
			sig.Labels = append(sig.Labels, sigs.Label(value))
		case "given":
			sig.Given = value == "yes"
		case "message":
			bound = value
		default:
			return sigs.Signature{Status: sigs.Malformed, Why: fmt.Sprintf("unknown line %q", lines.Text())}
		}
	}
	sum := sha256.Sum256(message)
	switch {
	case sig.Status == sigs.UnknownKey:
		sig.Primary = ""
	case bound != hex.EncodeToString(sum[:]):
		sig.Status = sigs.Bad
	}
	return sig
}

// check makes statements of a vector's repository, with the findings of package sigs.
func (v *vector) check(t *testing.T, files fstest.MapFS) ([]*sigs.Statement, []sigs.Finding) {
	t.Helper()
	listing, err := sigs.List(files)
	if err != nil {
		t.Fatal(err)
	}
	findings := listing.Findings
	var out []*sigs.Statement
	for a, err := range sigs.Scan(files, append(listing.Find(v.version), listing.Candidates(v.version)...)) {
		if err != nil {
			t.Fatal(err)
		}
		s, f := sigs.Check(a, scribe{})
		out, findings = append(out, s), append(findings, f...)
	}
	return out, findings
}

// TestVectors runs every vector: as it stands, with the statements in reverse order, and with the signers renamed so that they
// are read in reverse order.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.txtar"))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d vectors in %s: %v", len(files), vectorDir, err)
	}
	for _, file := range files {
		v, archive, err := readVector(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if *seal {
			sealVector(t, file, archive)
		}
		t.Run(v.name, func(t *testing.T) {
			statements, found := v.check(t, v.files)
			v.judge(t, v.policy, statements, found)
		})
		t.Run(v.name+"/reversed", func(t *testing.T) {
			statements, found := v.check(t, v.files)
			slices.Reverse(statements)
			v.judge(t, v.policy, statements, found)
		})
		t.Run(v.name+"/renamed", func(t *testing.T) {
			r := newRenaming(v)
			renamed := *v
			renamed.voters = nil // their names are others
			statements, found := renamed.check(t, r.files(v.files))
			renamed.judge(t, r.policy(v.policy), statements, found)
		})
	}
}

// judge decides and compares with what is expected.
func (v *vector) judge(t *testing.T, p verify.Policy, statements []*sigs.Statement, found []sigs.Finding) {
	t.Helper()
	verdict, err := p.Decide(verify.Compare(v.version, statements), v.question)
	if v.expect == "error" {
		if err == nil || v.failure == "" || !strings.Contains(err.Error(), v.failure) {
			t.Fatalf("Decide returned the error %v, want one with %q", err, v.failure)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if verdict.Outcome.String() != v.expect {
		t.Errorf("outcome is %s, want %s: %s", verdict.Outcome, v.expect, verdict.Grounds)
	}
	if v.own != "" && verdict.Own.String() != v.own {
		t.Errorf("own build %s, want %s", verdict.Own, v.own)
	}
	if verdict.Grounds == "" {
		t.Error("the verdict has no grounds")
	}
	for _, f := range verdict.Findings {
		if f.Text == "" || f.Next == "" || f.Severity == "" {
			t.Errorf("finding %+v lacks words", f)
		}
	}
	found = append(found, verdict.Findings...)
	for _, code := range v.findings {
		if !slices.ContainsFunc(found, func(f sigs.Finding) bool { return f.Code == code }) {
			t.Errorf("no finding %s", code)
		}
	}
	for _, f := range found {
		if slices.Contains(v.noFindings, f.Code) {
			t.Errorf("finding %s: %s", f.Code, f.Text)
		}
		t.Logf("%s %s: %s", f.Severity, f.Code, f.Text)
	}
	for _, platform := range verdict.Platforms {
		if want, ok := v.voters[platform.Name]; ok && strings.Join(platform.Voters, " ") != want {
			t.Errorf("voters of %s are %q, want %q", platform.Name, platform.Voters, want)
		}
	}
	t.Log(verdict.Grounds)
}

// renaming gives every signer of a vector, pinned or not, a name that sorts the other way round.
type renaming map[string]string

func newRenaming(v *vector) renaming {
	names := map[string]bool{}
	for p := range v.files {
		if signer := signerOf(p); signer != "" {
			names[signer] = true
		}
	}
	for _, pin := range v.policy.Pins {
		for _, name := range append([]string{pin.Name}, pin.Aliases...) {
			names[name] = true
		}
	}
	var sorted []string
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	r := renaming{}
	for i, name := range sorted {
		r[name] = fmt.Sprintf("s%03d-%s", len(sorted)-i, name)
	}
	return r
}

// signerOf is the directory an assertion or signature lies in, below its release.
func signerOf(p string) string {
	if dir := path.Dir(p); strings.Contains(dir, "/") {
		return path.Base(dir)
	}
	return ""
}

func (r renaming) files(files fstest.MapFS) fstest.MapFS {
	out := fstest.MapFS{}
	for p, f := range files {
		if signer := signerOf(p); signer != "" {
			p = path.Join(path.Dir(path.Dir(p)), r[signer], path.Base(p))
		}
		out[p] = f
	}
	return out
}

func (r renaming) all(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, r[name])
	}
	return out
}

func (r renaming) policy(p verify.Policy) verify.Policy {
	p.Required, p.Vetoes = r.all(p.Required), r.all(p.Vetoes)
	p.Groups, p.Pins = slices.Clone(p.Groups), slices.Clone(p.Pins)
	for i := range p.Groups {
		p.Groups[i].Of = r.all(p.Groups[i].Of)
	}
	for i := range p.Pins {
		p.Pins[i].Name, p.Pins[i].Aliases = r[p.Pins[i].Name], r.all(p.Pins[i].Aliases)
	}
	return p
}

// sealVector binds signatures that say "message: seal" to the file they stand beside, in the vector's file.
func sealVector(t *testing.T, file string, archive *txtar.Archive) {
	t.Helper()
	messages := map[string][]byte{}
	for _, f := range archive.Files {
		messages[f.Name] = f.Data
	}
	changed := false
	for i, f := range archive.Files {
		message, ok := messages[strings.TrimSuffix(f.Name, path.Ext(f.Name))]
		if !ok || !bytes.Contains(f.Data, []byte("message: seal\n")) {
			continue
		}
		sum := sha256.Sum256(message)
		archive.Files[i].Data = bytes.ReplaceAll(f.Data, []byte("message: seal\n"), []byte("message: "+hex.EncodeToString(sum[:])+"\n"))
		changed = true
	}
	if changed {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("%s was sealed: run again without -seal", file)
	}
}
