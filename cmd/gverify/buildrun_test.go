package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
)

// A stage that misses a file is left out, and so is what needs it; the others are built.
func TestPossible(t *testing.T) {
	stages := []stage{
		{platform: "linux", plan: build.Plan{Name: "small-linux"}},
		{platform: "osx-unsigned", plan: build.Plan{Name: "small-osx", Inputs: build.Inputs{Files: []build.File{{Name: "sdk.tar.gz"}}}}},
		{platform: "osx-signed", plan: build.Plan{Name: "small-osx-signer", Inputs: build.Inputs{Files: []build.File{{Name: "small-osx-unsigned.tar.gz", From: "small-osx"}}}}},
		{platform: "win-unsigned", plan: build.Plan{Name: "small-win"}},
	}
	missing := []missingInput{{platform: "osx-unsigned", file: "sdk.tar.gz", used: []usedInput{{digest: sigs.Digest{1}, signers: []string{"alice"}, claims: []string{"b\x1b[31mob"}}}}}
	var notes strings.Builder
	plans, err := possible(world{streams: streams{Err: &notes}}, stages, missing)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range plans {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "small-linux small-win" {
		t.Errorf("built: %s", got)
	}
	for _, want := range []string{"MISSING   sdk.tar.gz: the build of osx-unsigned cannot start", "01000000", "  alice; not verified: b\\x1b[31mob"} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("no %q in\n%s", want, notes.String())
		}
	}
	if _, err := possible(world{streams: streams{Err: &notes}}, stages[1:3], missing); err == nil {
		t.Error("nothing can be built, and that is no error")
	}
}

// What a build made is handed to the next under the name that one wants.
func TestTake(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "out"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "out", "small-1.0-win-unsigned.zip"), []byte("made"), 0o644); err != nil {
		t.Fatal(err)
	}
	digest := sigs.Digest(sha256.Sum256([]byte("made")))
	made := build.Result{Name: "small-win", Out: sigs.Manifest{{Path: "small-1.0-win-unsigned.zip", Digest: digest}}}
	p := build.Plan{Name: "small-win-signer", Inputs: build.Inputs{Files: []build.File{{Name: "tool.zip", Digest: &sigs.Digest{1}}, {Name: "small-win-unsigned.zip", From: "small-win"}}}}
	before := p.Inputs.Files
	if err := take(&p, made, dir); err != nil {
		t.Fatal(err)
	}
	if d := p.Inputs.Files[1].Digest; d == nil || *d != digest || before[1].Digest != nil {
		t.Errorf("digest %v; the plan given was changed: %v", d, before[1].Digest != nil)
	}
	if data, err := os.ReadFile(filepath.Join(dir, handedOver, "small-win-unsigned.zip")); string(data) != "made" {
		t.Errorf("%q, %v", data, err)
	}
	p.Inputs.Files[1] = build.File{Name: "small-osx-unsigned.zip", From: "small-win"}
	if err := take(&p, made, dir); err == nil {
		t.Error("a file that was not made is taken")
	}
}
