package sigs_test

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
)

// TestCutOnCorpus compares the fast way with the plain parser on real files, and counts the files whose manifests are all cut.
func TestCutOnCorpus(t *testing.T) {
	for _, name := range []string{"bitcoin-gitian.git", "monero-gitian.git", "bitpay-mixed.git"} {
		g := openCorpus(t, name)
		files := g.files(func(p string) bool { return strings.HasSuffix(p, ".assert") || strings.HasSuffix(p, "-res.yml") })
		seen, whole := 0, 0
		for i := 0; i < len(files); i += sample(len(files), 60) {
			data, err := g.ReadFile(files[i])
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if left := sigs.CompareCut(t, data); left < 2000 {
				whole++
			}
		}
		if seen == 0 || whole*10 < seen*9 {
			t.Errorf("%s: the manifests of %d of %d files are cut, want 9 of 10", name, whole, seen)
		}
		t.Logf("%s: %d files, %d of them cut completely", name, seen, whole)
	}
}
