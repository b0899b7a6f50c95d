package sigs_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

const (
	digestA = "00000000000000000000000000000000000000000000000000000000000000aa"
	digestB = "00000000000000000000000000000000000000000000000000000000000000bb"
)

const goodAssertion = "--- !!omap\n- out_manifest: |\n    " + digestA + "  x-1.0.tar.gz\n- in_manifest: |-\n    " + digestB + "  x-desc.yml\n- base_manifests: !!omap\n  - bionic-amd64: ''\n- release: 1.0-linux\n- name: x\n- type: build\n- optionals: \n"

// says is a verifier that believes what a signature file says: a status per line. A line "none" gives no signature at all.
type says struct{}

func (says) Verify(message, signature []byte) (out []sigs.Signature) {
	for _, line := range strings.Fields(strings.ReplaceAll(string(signature), " ", "_")) {
		if line != "none" {
			out = append(out, sigs.Signature{Path: "to be replaced", Status: sigs.Status(strings.ReplaceAll(line, "_", " ")), Why: "because"})
		}
	}
	return out
}

// attest makes an attestation of an assertion and the statuses its signature files say.
func attest(data string, signatures ...string) sigs.Attestation {
	a := sigs.Attestation{Directory: sigs.Directory{Path: "1.0-linux", Release: "1.0-linux", Version: "1.0", Platform: "linux", Layout: sigs.GitianLayout},
		Path: "1.0-linux/a/x.assert", Signer: "a", Name: "x", Data: []byte(data)}
	for i, s := range signatures {
		a.Signatures = append(a.Signatures, sigs.SignatureFile{Path: fmt.Sprintf("1.0-linux/a/x.assert.%d", i), Data: []byte(s)})
	}
	return a
}

func codes(findings []sigs.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

func TestCheck(t *testing.T) {
	const html = "<!DOCTYPE HTML PUBLIC>\n<html></html>\n"
	for _, tt := range []struct {
		name       string
		a          sigs.Attestation
		best       sigs.Status
		authentic  bool
		unparsed   string
		findings   string
		signatures int
	}{
		{"good", attest(goodAssertion, "good"), sigs.Good, true, "", "", 1},
		{"expired since", attest(goodAssertion, "good, key expired since"), sigs.KeyExpiredSince, true, "", "", 1},
		{"superseded", attest(goodAssertion, "good, key superseded since"), sigs.KeySuperseded, true, "", "", 1},
		{"unsigned", attest(goodAssertion), sigs.Missing, false, "", "missing-signature", 1},
		{"unknown key", attest(goodAssertion, "unknown key"), sigs.UnknownKey, false, "", "unknown-key", 1},
		{"bad", attest(goodAssertion, "bad"), sigs.Bad, false, "not parsed: its signature is bad", "bad-signature", 1},
		{"malformed", attest(goodAssertion, "malformed"), sigs.Malformed, false, "not parsed: it has no signature but a malformed one", "malformed-signature", 1},
		{"bad and malformed", attest(goodAssertion, "malformed\nbad"), sigs.Bad, false, "not parsed: its signature is bad", "bad-signature malformed-signature", 2},
		{"no verdict at all", attest(goodAssertion, "none"), sigs.Malformed, false, "not parsed: it has no signature but a malformed one", "malformed-signature", 1},
		{"a status nobody knows", attest(goodAssertion, "splendid"), "splendid", false, "not parsed: it has no signature but a malformed one", "unjudged-signature", 1},
		{"revoked", attest(goodAssertion, "revoked"), sigs.Revoked, false, "", "revoked-key", 1},
		{"expired at signing", attest(goodAssertion, "expired at signing"), sigs.ExpiredAtSigning, false, "", "expired-at-signing", 1},
		{"impossible time", attest(goodAssertion, "impossible time"), sigs.ImpossibleTime, false, "", "impossible-time", 1},
		{"signature expired", attest(goodAssertion, "signature expired"), sigs.SignatureExpired, false, "", "signature-expired", 1},
		{"key unusable", attest(goodAssertion, "key unusable"), sigs.KeyUnusable, false, "", "key-unusable", 1},
		{"bad beside good", attest(goodAssertion, "bad", "good"), sigs.Good, true, "", "bad-signature", 2},
		{"good and bad in one file", attest(goodAssertion, "bad\ngood"), sigs.Good, true, "", "bad-signature", 2},
		{"bad beside an unknown key", attest(goodAssertion, "bad", "unknown key"), sigs.UnknownKey, false, "", "unknown-key bad-signature", 2},
		{"a web page", attest(html, "good"), sigs.Good, false, sigs.ErrHTML.Error(), "html-page", 1},
		{"no YAML", attest("a: b: c", "good"), sigs.Good, false, "not YAML: mapping values are not allowed in this context", "unparsable-assertion", 1},
		{"cut off", attest("--- !!omap\n- out_manifest: |\n    "+digestA+"  x\n", "good"), sigs.Good, true, "", "incomplete-assertion", 1},
		{"noise", attest(strings.Replace(goodAssertion, "bionic-amd64: ''", "bionic-amd64: |\n      Reading package lists...", 1), "good"), sigs.Good, true, "", "manifest-noise", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, findings := sigs.Check(tt.a, says{})
			if s.Best().Status != tt.best || s.Authentic() != tt.authentic || s.Unparsed != tt.unparsed {
				t.Errorf("best %q, authentic %v, unparsed %q; want %q, %v, %q", s.Best().Status, s.Authentic(), s.Unparsed, tt.best, tt.authentic, tt.unparsed)
			}
			if parsed := len(s.Assertion.Out) > 0; parsed != (tt.unparsed == "") {
				t.Errorf("parsed: %v", parsed)
			}
			if got := codes(findings); got != tt.findings {
				t.Errorf("findings %q, want %q", got, tt.findings)
			}
			if len(s.Signatures()) != tt.signatures {
				t.Errorf("%d signatures, want %d", len(s.Signatures()), tt.signatures)
			}
			for _, signature := range s.Signatures() {
				if wantPath := signature.Status != sigs.Missing; wantPath != strings.HasPrefix(signature.Path, "1.0-linux/a/x.assert.") {
					t.Errorf("path of %q: %q", signature.Status, signature.Path)
				}
			}
			for _, f := range findings {
				if f.Path == "" || f.Release != "1.0-linux" || f.Platform != "linux" || f.Signer != "a" || f.Text == "" || (f.Next == "" && f.Severity != sigs.Note) {
					t.Errorf("finding lacks something: %+v", f)
				}
			}
			if s.Sum != sigs.Digest(sha256.Sum256(tt.a.Data)) || s.Size != len(tt.a.Data) {
				t.Errorf("sum %v, size %d", s.Sum, s.Size)
			}
		})
	}
}

// TestCheckOrder pins the order of several signatures: authentic before others, then by path.
func TestCheckOrder(t *testing.T) {
	want := []sigs.Status{sigs.Good, sigs.Good, sigs.KeySuperseded, sigs.KeyExpiredSince, sigs.ExpiredAtSigning, sigs.SignatureExpired, sigs.KeyUnusable, sigs.ImpossibleTime, sigs.Revoked,
		sigs.UnknownKey, sigs.Bad, sigs.Malformed, "splendid"}
	var files []string
	for _, status := range slices.Backward(want) {
		files = append(files, string(status))
	}
	s, _ := sigs.Check(attest(goodAssertion, files...), says{})
	var got []sigs.Status
	for _, signature := range s.Signatures() {
		got = append(got, signature.Status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if all := s.Signatures(); all[0].Path != "1.0-linux/a/x.assert.11" || all[1].Path != "1.0-linux/a/x.assert.12" {
		t.Errorf("two good ones: %q, %q", all[0].Path, all[1].Path)
	}
	s.Signatures()[0].Status = sigs.Bad
	if s.Best().Status != sigs.Good {
		t.Error("a caller can change the signatures of a statement")
	}
}

func TestCheckProblems(t *testing.T) {
	a := attest(goodAssertion, "good")
	a.Data, a.Problem = nil, "too large: 5 bytes"
	s, findings := sigs.Check(a, says{})
	if s.Authentic() || s.Best().Status != sigs.Missing || s.Unparsed != a.Problem || codes(findings) != "unreadable-assertion" {
		t.Errorf("unreadable assertion: %q, %q, %q", s.Best().Status, s.Unparsed, codes(findings))
	}
	a = attest(goodAssertion, "good")
	a.Signatures[0].Problem = "not a regular file but a symbolic link"
	s, findings = sigs.Check(a, says{})
	if s.Authentic() || s.Best().Status != sigs.Malformed || s.Unparsed == "" || codes(findings) != "malformed-signature" || !strings.Contains(findings[0].Text, "symbolic link") {
		t.Errorf("unreadable signature: %q, %q, %+v", s.Best().Status, s.Unparsed, findings)
	}
}

// TestZeroStatement pins that only Check makes an authentic statement.
func TestZeroStatement(t *testing.T) {
	var s sigs.Statement
	if s.Authentic() || s.Best().Status != sigs.Missing || s.Signatures() != nil {
		t.Errorf("zero statement: %v, %+v", s.Authentic(), s.Best())
	}
}

func TestCheckReadsSums(t *testing.T) {
	a := attest(digestA+"  x\r\n", "good")
	a.Directory.Layout, a.Path, a.Name = sigs.GuixLayout, "1.0/a/all.SHA256SUMS", "all"
	s, findings := sigs.Check(a, says{})
	if !s.Authentic() || s.Assertion.Format != sigs.SumsFormat || len(findings) != 0 {
		t.Errorf("%+v, %+v", s, findings)
	}
	s, findings = sigs.Check(attestAs(a, digestA+"\n"), says{})
	if s.Authentic() || codes(findings) != "unparsable-assertion" || findings[0].Platform != "all" {
		t.Errorf("%+v, %+v", s, findings)
	}
}

func attestAs(a sigs.Attestation, data string) sigs.Attestation {
	a.Data = []byte(data)
	return a
}

// many yields n attestations, then an error if there is one.
func many(n int, then error) iter.Seq2[sigs.Attestation, error] {
	return func(yield func(sigs.Attestation, error) bool) {
		for i := range n {
			a := attest(goodAssertion, "good")
			a.Path = fmt.Sprintf("1.0-linux/%04d/x.assert", i)
			if !yield(a, nil) {
				return
			}
		}
		if then != nil {
			yield(sigs.Attestation{}, then)
		}
	}
}

// uneven verifies some files slowly, and counts how many at once.
type uneven struct{ now, most atomic.Int32 }

func (u *uneven) Verify(message, signature []byte) []sigs.Signature {
	now := u.now.Add(1)
	defer u.now.Add(-1)
	for most := u.most.Load(); now > most && !u.most.CompareAndSwap(most, now); most = u.most.Load() {
	}
	time.Sleep(time.Duration(now%3) * time.Millisecond)
	return says{}.Verify(message, signature)
}

func TestCheckAll(t *testing.T) {
	before := runtime.NumGoroutine()
	failure := errors.New("the tree is broken")
	for _, tt := range []struct {
		name string
		n    int
		then error
		stop int
		want int
	}{
		{"all", 50, nil, 1000, 50},
		{"none", 0, nil, 1000, 0},
		{"error behind them", 20, failure, 1000, 20},
		{"error at once", 0, failure, 1000, 0},
		{"caller stops", 50, failure, 7, 7},
	} {
		for _, workers := range []int{0, 1, 3} {
			t.Run(fmt.Sprintf("%s, %d workers", tt.name, workers), func(t *testing.T) {
				v := &uneven{}
				n := 0
				var last error
				for c, err := range sigs.CheckAll(context.Background(), many(tt.n, tt.then), v, workers) {
					if last != nil {
						t.Fatal("something follows an error")
					}
					if last = err; err != nil {
						continue
					}
					if want := fmt.Sprintf("1.0-linux/%04d/x.assert", n); c.Statement.Path != want || !c.Statement.Authentic() {
						t.Fatalf("result %d is %s", n, c.Statement.Path)
					}
					if n++; n == tt.stop {
						break
					}
				}
				if n != tt.want || tt.stop > n && !errors.Is(last, tt.then) {
					t.Errorf("%d results, error %v; want %d, %v", n, last, tt.want, tt.then)
				}
				if most := int(v.most.Load()); most > max(workers, 1) {
					t.Errorf("%d at once, want at most %d", most, max(workers, 1))
				}
			})
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestCheckAllCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	var last error
	for _, err := range sigs.CheckAll(ctx, many(1_000_000, nil), says{}, 2) {
		if last = err; err != nil {
			break
		}
		if n++; n == 5 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n > 20 {
		t.Errorf("%d results, then %v", n, last)
	}
}

// panics panics instead of verifying.
type panics struct{}

func (panics) Verify(_, _ []byte) []sigs.Signature { panic("a broken verifier") }

func TestCheckAllPanics(t *testing.T) {
	broken := func(yield func(sigs.Attestation, error) bool) { panic("a broken tree") }
	for name, run := range map[string]func(){
		"verifier": func() {
			for range sigs.CheckAll(context.Background(), many(10, nil), panics{}, 2) {
			}
		},
		"tree": func() {
			for range sigs.CheckAll(context.Background(), broken, says{}, 2) {
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r != "a broken "+name {
					t.Errorf("recovered %v", r)
				}
			}()
			run()
		})
	}
}

// TestCheckAllMemory pins that a long sequence is not held in memory.
func TestCheckAllMemory(t *testing.T) {
	body := bytes.Repeat([]byte("x\n"), 1<<10)
	read, most := 0, 0
	var done atomic.Int64
	source := func(yield func(sigs.Attestation, error) bool) {
		for range 64 {
			read++
			most = max(most, read-int(done.Load()))
			if !yield(attestAs(attest("", "good"), string(body)), nil) {
				return
			}
		}
	}
	for range sigs.CheckAll(context.Background(), source, says{}, 2) {
		time.Sleep(time.Millisecond) // a slow reader
		done.Add(1)
	}
	if done.Load() != 64 || most > 2*2+3 {
		t.Errorf("%d done; up to %d attestations were read ahead", done.Load(), most)
	}
}

func TestScanCheckTogether(t *testing.T) {
	fsys := fstest.MapFS{"1.0-linux/a/x-build.assert": {Data: []byte(goodAssertion)}, "1.0-linux/a/x-build.assert.sig": {Data: []byte("good")}}
	l, err := sigs.List(fsys)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for c, err := range sigs.CheckAll(context.Background(), sigs.Scan(fsys, l.Find("1.0")), says{}, 2) {
		if err != nil || !c.Statement.Authentic() || c.Statement.Assertion.Release != "1.0-linux" || c.Statement.Directory.Version != "1.0" {
			t.Errorf("%+v, %v", c.Statement, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d statements", n)
	}
}
