package main

import (
	"strings"
	"testing"
)

func TestParseRange(t *testing.T) {
	for _, test := range []struct {
		text string
		want revisions
		ok   bool
	}{
		{"a..b", revisions{"a", "b", false}, true}, {"a...b", revisions{"a", "b", true}, true}, {"a..", revisions{"a", "", false}, true},
		{"origin/main..HEAD~2", revisions{"origin/main", "HEAD~2", false}, true},
		{text: "a"}, {text: ""}, {text: ".."}, {text: "..b"}, {text: "a..b..c"}, {text: "a...b..c"}, {text: "a....b"},
	} {
		got, err := parseRange(test.text)
		if (err == nil) != test.ok || test.ok && got != test.want {
			t.Errorf("parseRange(%q): got %+v, %v, want %+v, %v", test.text, got, err, test.want, test.ok)
		}
	}
}

// FuzzParseRange: an accepted range names a base, and its ends together with the dots are the text.
func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"a..b", "a...b", "a..", "..", "a....b", "a.b..c.d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRange(text)
		if err != nil {
			return
		}
		dots := ".."
		if r.shared {
			dots = "..."
		}
		if r.base == "" || r.base+dots+r.head != text || strings.Contains(r.base, "..") || strings.Contains(r.head, "..") {
			t.Errorf("parseRange(%q): %+v", text, r)
		}
	})
}
