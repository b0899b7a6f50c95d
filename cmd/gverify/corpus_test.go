package main

import (
	"bytes"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/repo"
)

// judgedOn is the day as of which the corpus is judged.
var judgedOn = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// corpusTree opens a repository of the corpus at its newest commit, until the test is over.
func corpusTree(t testing.TB, name string) *repo.Tree {
	r, tree := openCorpus(t, name)
	t.Cleanup(func() { r.Close() })
	return tree
}

func openCorpus(t testing.TB, name string) (*repo.Repository, *repo.Tree) {
	r, err := repo.Open(context.Background(), filepath.Join(corpusDirectory(t, true), name), repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	commit, err := r.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := r.Tree(commit)
	if err != nil {
		t.Fatal(err)
	}
	return r, tree
}

// corpusRing reads the keys of past Bitcoin signers.
func corpusRing(t testing.TB) *pgp.Keyring {
	g := &keyGatherer{ring: pgp.NewKeyring()}
	if err := g.addGiven(context.Background(), filepath.Join(corpusDirectory(t, true), "keys", "bitcoin-gitian")); err != nil {
		t.Fatal(err)
	}
	return g.ring
}

// One byte changed in an assertion or in its signature is never authentic, whichever byte it is.
func TestOneByteChanged(t *testing.T) {
	tree := corpusTree(t, "bitcoin-gitian.git")
	listing, err := sigs.List(tree)
	if err != nil {
		t.Fatal(err)
	}
	verifier := corpusRing(t).At(judgedOn)
	random := rand.New(rand.NewPCG(1, 2))
	changed, before := 0, 0
	for changed < 400 {
		d := listing.Directories[random.IntN(len(listing.Directories))]
		f := d.Files[random.IntN(len(d.Files))]
		if len(f.Signatures) != 1 {
			continue
		}
		original := sample(t, tree, f.Path, f.Signatures[0])
		d.Files = []sigs.AssertionFile{f}
		if !authentic(original, d, verifier) {
			continue
		}
		before++
		for _, name := range []string{f.Path, f.Signatures[0]} {
			if name == f.Signatures[0] && original[name].Data[0]&0x80 == 0 {
				continue // armor has comments, which sign nothing
			}
			data := bytes.Clone(original[name].Data)
			data[random.IntN(len(data))] ^= 1 << random.IntN(8)
			tampered := fstest.MapFS{f.Path: original[f.Path], f.Signatures[0]: original[f.Signatures[0]]}
			tampered[name] = &fstest.MapFile{Data: data}
			if authentic(tampered, d, verifier) {
				t.Errorf("%s is authentic after a bit of %s was changed", f.Path, name)
			}
			changed++
		}
	}
	t.Logf("%d files changed of %d authentic attestations", changed, before)
}

// sample copies files of a tree into memory.
func sample(t *testing.T, tree fs.FS, names ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: data}
	}
	return out
}

func authentic(fsys fs.FS, d sigs.Directory, v sigs.Verifier) bool {
	for a := range sigs.Scan(fsys, []sigs.Directory{d}) {
		s, _ := sigs.Check(a, v)
		return s.Authentic()
	}
	return false
}

// BenchmarkWholeRepository reads, parses and verifies every attestation of bitcoin-gitian.git. x/archive is the time as a
// multiple of "git archive HEAD | sha256sum" in the same run; MB-peak is what the Go runtime took from the system.
func BenchmarkWholeRepository(b *testing.B) {
	directory := corpusDirectory(b, true)
	ring := corpusRing(b)
	var ours, floor time.Duration
	for b.Loop() {
		start := time.Now()
		r, tree := openCorpus(b, "bitcoin-gitian.git")
		listing, err := sigs.List(tree)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, err := range sigs.CheckAll(context.Background(), sigs.Scan(tree, listing.Directories), ring.At(judgedOn), runtime.GOMAXPROCS(0)) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 6025 {
			b.Fatalf("%d attestations, want 6025", n)
		}
		ours += time.Since(start)
		r.Close() // or every round would keep its objects
		start = time.Now()
		if err := exec.Command("sh", "-c", "git -C '"+directory+"/bitcoin-gitian.git' archive HEAD | sha256sum").Run(); err != nil {
			b.Fatal(err)
		}
		floor += time.Since(start)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(ours)/float64(floor), "x/archive")
	b.ReportMetric(float64(m.Sys)/1e6, "MB-peak")
}

// BenchmarkRelease is a warm "gverify release 0.15.2". x/gpg is the time as a multiple of gpg --verify per signature plus Ruby's
// YAML parser over the same assertions in the same run.
func BenchmarkRelease(b *testing.B) {
	directory := corpusDirectory(b, true)
	for _, program := range []string{"gpg", "ruby"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skip(err)
		}
	}
	work := b.TempDir()
	binary := filepath.Join(work, "gverify")
	run := func(name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "HOME="+work, "GNUPGHOME="+work)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("go", "build", "-o", binary, ".")
	if err := os.Chmod(work, 0o700); err != nil {
		b.Fatal(err)
	}
	keys, _ := filepath.Glob(filepath.Join(directory, "keys", "bitcoin-gitian", "*"))
	run("gpg", append([]string{"--batch", "-q", "--import"}, keys...)...)
	tree := corpusTree(b, "bitcoin-gitian.git")
	listing, err := sigs.List(tree)
	if err != nil {
		b.Fatal(err)
	}
	var files []string
	for a := range sigs.Scan(tree, listing.Find("0.15.2")) {
		name := filepath.Join(work, strings.ReplaceAll(a.Path, "/", "_"))
		if err := os.WriteFile(name, a.Data, 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name+".sig", a.Signatures[0].Data, 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, name)
	}
	peer := "for f; do gpg --batch -q --verify $f.sig $f || true; done; ruby -ryaml -e 'YAML.add_domain_type(\"\", \"omap\") { |_, v| v }; ARGV.each { |f| YAML.load(File.read(f), permitted_classes: [Psych::Omap]) }' \"$@\""
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		run(binary, "release", "0.15.2", "--sigs", filepath.Join(directory, "bitcoin-gitian.git"), "--keys", filepath.Join(directory, "keys", "bitcoin-gitian"), "-q")
		ours += time.Since(start)
		start = time.Now()
		run("sh", slices.Concat([]string{"-c", peer, "sh"}, files)...)
		theirs += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x/gpg")
	b.ReportMetric(float64(len(files)), "attestations")
}
