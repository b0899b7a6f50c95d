package sigs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

// A published list may have comments; everything else in it is as strict as a manifest that decides.
func TestParsePublishedSums(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
		err  string
	}{
		{digestA + "  x\n" + digestB + " *dir/y\n", []string{"dir/y", "x"}, ""},
		{"# by the release manager\n#\n" + digestA + "  x\r\n\n## GUI\n" + digestB + "  y", []string{"x", "y"}, ""},
		{"# only\n", nil, "the file is empty"},
		{"# a comment\n\nhello\n", nil, "line 3"},
		{" # no comment\n" + digestA + "  x\n", nil, "line 1"},
		{digestA + "  x # not cut off\n", []string{"x # not cut off"}, ""},
		{digestA + "  ../x\n", nil, "leads out of its directory"},
		{digestA + "  /x\n", nil, "is absolute"},
		{digestA + "  x\n" + digestB + "  x\n", []string{"x", "x"}, ""},
		{digestA + " x\n", nil, "line 1"},
		{digestA[:63] + "  x\n", nil, "line 1"},
		{"", nil, "empty"},
	} {
		m, err := sigs.ParsePublishedSums([]byte(c.text))
		var got []string
		for _, e := range m {
			got = append(got, e.Path)
		}
		if !cmp.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("ParsePublishedSums(%q) = %q, %v, want %q, %q", c.text, got, err, c.want, c.err)
		}
	}
}

func FuzzParsePublishedSums(f *testing.F) {
	f.Add([]byte("#c\n" + digestA + "  x\r\n" + digestB + " *./y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := sigs.ParsePublishedSums(data)
		if err != nil && m != nil || err == nil && len(m) == 0 {
			t.Fatalf("%+v together with %v", m, err)
		}
		checkManifest(t, m)
	})
}
