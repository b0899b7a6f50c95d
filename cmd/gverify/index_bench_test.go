package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs/repo"
)

// archived is how long "git archive HEAD | sha256sum" takes: the measure of all speeds over a whole repository.
func archived(b *testing.B, directory string) time.Duration {
	start := time.Now()
	if err := exec.Command("sh", "-c", "git -C '"+directory+"' archive HEAD | sha256sum").Run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// indexed reads the corpus of a revision of a repository through a cache.
func indexed(tb testing.TB, directory, revision, cache string) *corpus {
	tb.Helper()
	r, err := repo.Open(context.Background(), directory, repo.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	commit, err := r.Resolve(revision)
	if err != nil {
		tb.Fatal(err)
	}
	x, err := indexCache{cache, directory}.open(context.Background(), corpusReader{repository: r}, commit, true)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// parent returns the first parent of a repository's newest commit.
func parent(tb testing.TB, directory string) string {
	out, err := exec.Command("git", "-C", directory, "rev-parse", "HEAD^").Output()
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// BenchmarkIndex reads the whole history of bitcoin-gitian.git, from nothing to a file in the cache. x/archive is the time as a
// multiple of "git archive HEAD | sha256sum" in the same run.
func BenchmarkIndex(b *testing.B) {
	directory := filepath.Join(corpusDirectory(b, true), "bitcoin-gitian.git")
	var ours, floor time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		n = indexed(b, directory, "", b.TempDir()).index.Len()
		ours += time.Since(start)
		floor += archived(b, directory)
	}
	b.ReportMetric(float64(ours)/float64(floor), "x/archive")
	b.ReportMetric(float64(n), "assertions")
}

// BenchmarkIndexExtend opens the index of the newest commit where that of its parent is in the cache.
func BenchmarkIndexExtend(b *testing.B) {
	directory := filepath.Join(corpusDirectory(b, true), "bitcoin-gitian.git")
	cache := b.TempDir()
	old := indexed(b, directory, parent(b, directory), cache)
	var ours, floor time.Duration
	for b.Loop() {
		start := time.Now()
		x := indexed(b, directory, "", cache)
		ours += time.Since(start)
		if x.index.Len() <= old.index.Len() || len(x.findings) > 0 {
			b.Fatalf("%d assertions after %d, findings %v", x.index.Len(), old.index.Len(), x.findings)
		}
		if err := os.Remove(indexCache{cache, directory}.file(x.history.Commit.Hash)); err != nil {
			b.Fatal(err)
		}
		floor += archived(b, directory)
	}
	b.ReportMetric(float64(ours)/float64(floor), "x/archive")
}

// BenchmarkExplain is a warm "gverify explain 0.18.0-linux --history": opening the repository, reading and judging every
// attestation of the release, loading the index, explaining.
func BenchmarkExplain(b *testing.B) {
	directory := corpusDirectory(b, true)
	home := b.TempDir()
	w := world{streams: streams{In: strings.NewReader(""), Out: io.Discard, Err: os.Stderr}, now: judgedOn,
		getenv: func(name string) string { return map[string]string{"HOME": home}[name] }}
	explain := func() {
		if code := run(context.Background(), []string{"explain", "0.18.0-linux", "--history", "--sigs", filepath.Join(directory, "bitcoin-gitian.git"),
			"--keys", filepath.Join(directory, "keys", "bitcoin-gitian")}, w); code != 0 {
			b.Fatalf("exit code %d", code)
		}
	}
	explain()
	var ours, floor time.Duration
	for b.Loop() {
		start := time.Now()
		explain()
		ours += time.Since(start)
		floor += archived(b, filepath.Join(directory, "bitcoin-gitian.git"))
	}
	b.ReportMetric(float64(ours)/float64(floor), "x/archive")
}
