package repo_test

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/repo"
)

func TestBlob(t *testing.T) {
	g := newGrown(t)
	one := g.is("one", "a=replaced")
	g.is("two", "a=standing", one)
	r := openAt(t, g.dir)
	replaced := g.blob("replaced").String()
	for _, id := range []string{replaced, replaced[:8], strings.ToUpper(replaced[:8])} {
		data, full, err := r.Blob(id, 8)
		if string(data) != "replaced" || full != replaced || err != nil {
			t.Errorf("Blob(%s): got %q, %s, %v, want what was replaced", id, data, full, err)
		}
	}
	for _, id := range []string{"", "abc", "main", one.String(), strings.Repeat("0", 40), replaced + "0"} {
		if data, _, err := r.Blob(id, 1000); data != nil || err == nil {
			t.Errorf("Blob(%q): got %q, %v, want an error", id, data, err)
		} else {
			wantIs(t, id, err, repo.ErrNoBlob)
		}
	}
	if data, _, err := r.Blob(replaced, 7); data != nil || err == nil || !strings.Contains(err.Error(), "8 bytes") {
		t.Errorf("too large: got %q, %v, want an error with its size", data, err)
	}
	ambiguous := ""
	seen := map[string]bool{}
	for i := 0; ambiguous == "" && i < 2000; i++ {
		id := g.blob(strings.Repeat("w", i)).String()[:4]
		if seen[id] {
			ambiguous = id
		}
		seen[id] = true
	}
	if _, _, err := openAt(t, g.dir).Blob(ambiguous, 1<<20); err == nil || !strings.Contains(err.Error(), " or ") {
		t.Errorf("ambiguous %q: got %v, want an error with both", ambiguous, err)
	}
}
