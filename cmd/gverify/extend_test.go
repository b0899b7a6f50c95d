package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// On a real repository the index that was extended says of a release what the one that was read at once says.
func TestIndexExtendedOnTheCorpus(t *testing.T) {
	directory := filepath.Join(corpusDirectory(t, true), "monero-gitian.git")
	out, err := exec.Command("git", "-C", directory, "rev-list", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	commits := strings.Fields(string(out))
	cache := t.TempDir()
	for _, back := range []int{500, 250, 20} {
		indexed(t, directory, commits[back], cache)
	}
	got, want := indexed(t, directory, "", cache), indexed(t, directory, "", t.TempDir())
	if len(got.findings) > 0 || got.index.Len() != want.index.Len() || len(got.history.Versions) != len(want.history.Versions) {
		t.Fatalf("extended: %d assertions, %d versions, findings %v; at once: %d and %d", got.index.Len(), len(got.history.Versions), got.findings, want.index.Len(), len(want.history.Versions))
	}
	explained := 0
	for _, release := range []string{"v0.17.1.1-linux", "v0.15.0.1-linux", "v0.17.2.0-win", "v0.17.3.2-linux"} {
		a, b := explainedAs(t, got, directory, release), explainedAs(t, want, directory, release)
		if a != b {
			t.Errorf("%s: extended:\n%s\nat once:\n%s", release, a, b)
		}
		if strings.Contains(a, `"signer"`) {
			explained++
		}
	}
	if explained == 0 {
		t.Error("nothing was explained")
	}
	t.Logf("%d releases had something to explain", explained)
}
