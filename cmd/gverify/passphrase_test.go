package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// typed is a user who types these lines, one per question.
func typed(w *world, lines ...string) *[]string {
	var asked []string
	w.secret = func(_ context.Context, prompt string) ([]byte, error) {
		asked = append(asked, prompt)
		if len(asked) > len(lines) {
			return nil, errors.New("asked once too often")
		}
		return []byte(lines[len(asked)-1]), nil
	}
	return &asked
}

func quietWorld() (world, *bytes.Buffer) {
	var out bytes.Buffer
	return world{streams: streams{Out: &out, Err: &out}, now: testDay, getenv: func(string) string { return "" }}, &out
}

func TestKeygenAsksTwice(t *testing.T) {
	for _, c := range []struct {
		name  string
		typed []string
		want  string
	}{
		{"the same twice", []string{"horse", "horse"}, ""},
		{"two different", []string{"horse", "house"}, "differ"},
		{"empty", []string{""}, "empty"},
	} {
		w, _ := quietWorld()
		asked := typed(&w, c.typed...)
		prefix := filepath.Join(t.TempDir(), "k")
		err := runKeygen(context.Background(), keygenOptions{prefix: prefix}, w)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if len(*asked) != len(c.typed) {
			t.Errorf("%s: asked %d times", c.name, len(*asked))
		}
		info, statErr := os.Stat(prefix + ".key")
		if (err == nil) != (statErr == nil) {
			t.Errorf("%s: error %v, and key file %v", c.name, err, statErr)
		}
		if err == nil && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", c.name, info.Mode())
		}
	}
}

func TestSignerAsksOnce(t *testing.T) {
	w, _ := quietWorld()
	typed(&w, "horse", "horse")
	dir := t.TempDir()
	if err := runKeygen(context.Background(), keygenOptions{prefix: filepath.Join(dir, "k")}, w); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "k.key")
	asked := typed(&w, "horse")
	if _, err := openSigners(context.Background(), []string{key}, w); err != nil || !slices.Equal(*asked, []string{"Passphrase of " + key + ": "}) {
		t.Errorf("%v, asked %q", err, *asked)
	}
	typed(&w, "house")
	var hint *hintError
	if _, err := openSigners(context.Background(), []string{key}, w); !errors.As(err, &hint) || !strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong passphrase: %v", err)
	}
	w.secret = nil
	w.getenv = func(name string) string {
		return map[string]string{"GVERIFY_KEY_PASSWORD": "horse", "COSIGN_PASSWORD": "house"}[name]
	}
	if _, err := openSigners(context.Background(), []string{key}, w); err != nil {
		t.Errorf("gverify's own variable comes first: %v", err)
	}
}

// A public key that cannot be written takes the private key with it: half a pair would block the next try.
func TestKeygenHalf(t *testing.T) {
	w, _ := quietWorld()
	prefix := filepath.Join(t.TempDir(), "k")
	w.secret = func(context.Context, string) ([]byte, error) {
		return []byte("horse"), os.WriteFile(prefix+".pub", []byte("mine"), 0o644) // appears while the user types
	}
	err := runKeygen(context.Background(), keygenOptions{prefix: prefix}, w)
	if err == nil || exists(prefix+".key") {
		t.Errorf("%v, key file left: %v", err, exists(prefix+".key"))
	}
	if data, _ := os.ReadFile(prefix + ".pub"); string(data) != "mine" {
		t.Errorf("the file was overwritten: %q", data)
	}
}
