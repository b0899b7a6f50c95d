package sigs_test

import (
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

// TestCounts pins what the listing finds in real repositories.
func TestCounts(t *testing.T) {
	for _, tt := range []struct {
		name string
		want map[string]int
	}{
		{"bitcoin-gitian.git", map[string]int{"assertions": 6025, "releases": 758, "signers": 89, "unsigned": 33, "signed by .gpg": 3, "keys": 0,
			"finding assertion-without-signer": 1, "finding nested-release": 1, "finding orphan-signature": 15, "finding other-platform-name": 1,
			"finding several-assertions": 1, "finding signer-case-twins": 2, "finding unusual-signature-name": 3}},
		{"monero-gitian.git", map[string]int{"assertions": 1314, "releases": 208, "signers": 35, "keys": 39}},
		{"bitcoin-guix.git", map[string]int{"assertions": 2946, "releases": 99, "signers": 51, "keys": 39}},
		{"bitpay-mixed.git", map[string]int{"assertions": 40, "releases": 19, "signers": 4, "keys": 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := sigs.List(openCorpus(t, tt.name))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{"releases": len(l.Directories), "keys": len(l.KeyFiles)}
			signers := map[string]bool{}
			for _, d := range l.Directories {
				for _, f := range d.Files {
					got["assertions"]++
					if f.Signer != "" {
						signers[f.Signer] = true
					}
					if len(f.Signatures) == 0 {
						got["unsigned"]++
					}
					for _, p := range f.Signatures {
						if path.Ext(p) == ".gpg" {
							got["signed by .gpg"]++
						}
					}
				}
			}
			got["signers"] = len(signers)
			for _, f := range l.Findings {
				got["finding "+f.Code]++
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
