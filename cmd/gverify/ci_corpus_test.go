package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify/review"
)

// reviewedMerges are the repositories of the corpus, how the last changes of their main line are judged, and what that gives: how
// many end with which exit code, how many have which finding, and the ones that are stopped, each looked at by hand.
var reviewedMerges = []struct {
	repository, project string
	keys                []string
	direct              bool // changes were also pushed without a merge
	sample, whole       map[string]int
	stopped             map[string]string // commit: code, and why that is right
}{
	{
		repository: "bitcoin-gitian.git", project: "bitcoin", keys: []string{"keys/bitcoin-gitian"},
		sample: map[string]int{"exit 0": 6, "exit 4": 6},
		whole:  map[string]int{"exit 0": 69, "exit 1": 2, "exit 3": 1, "exit 4": 28, "attestation-edited": 1, "contradicts-verified": 1, "missing-signature": 1},
		stopped: map[string]string{
			"a0b06d297f68": "attestation-edited: CoinForensics replaced an attestation of 0.21.1rc1 that had disputed two files by one that agrees",
			"437508e0799f": "missing-signature: darosior's assertion of 0.21.1 osx-signed came without its .sig",
			"83c7fd1ee8ce": "contradicts-verified: midnightmagic got other x86_64 Linux files and another osx-unsigned tarball of 0.20.0 than 8 verified signers",
		},
	},
	{
		repository: "bitcoin-guix.git", project: "bitcoin",
		sample: map[string]int{"exit 0": 12},
		whole:  map[string]int{"exit 0": 100, "key-changed-too": 1},
	},
	{
		repository: "monero-gitian.git", project: "monero",
		sample: map[string]int{"exit 0": 9, "exit 4": 3, "expired-at-signing": 1, "key-with-attestation": 2},
		whole: map[string]int{"exit 0": 81, "exit 1": 2, "exit 4": 17, "expired-at-signing": 10, "key-known": 1, "key-refreshed": 2,
			"key-replaced": 2, "key-weakened": 1, "key-with-attestation": 7},
		stopped: map[string]string{
			"483530f11c63": "key-replaced: hinto-janaiyo.asc became another key, together with attestations of 0.18.2.0 that only the new one verifies; his old key, by which he had attested, was gone",
			"1d078d3a18f2": "key-replaced: MoneroArbo.asc became another key, together with attestations of 0.18.3.2 that only the new one verifies",
		},
	},
	{ // nobody is pinned for this project, so nothing can vote
		repository: "bitpay-mixed.git", project: "bitcore", direct: true,
		sample: map[string]int{"exit 0": 11, "exit 4": 1, "no-pins": 1},
		whole:  map[string]int{"exit 0": 26, "exit 4": 25, "incomplete-assertion": 3, "label-drift": 5, "no-pins": 25},
	},
}

// changesOf returns the last n merges of a repository's main line, or of all its commits, oldest first.
func changesOf(t testing.TB, r *repo.Repository, n int, direct bool) []commitRange {
	t.Helper()
	at, err := r.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	var out []commitRange
	for len(out) < n {
		parents, err := r.Parents(at)
		if err != nil {
			t.Fatal(err)
		}
		if len(parents) == 0 {
			break
		}
		if len(parents) > 1 || direct {
			out = append(out, commitRange{base: parents[0], head: at, how: "a change of the corpus"})
		}
		at = parents[0]
	}
	slices.Reverse(out)
	return out
}

// TestReviewOfMerges is what gverify ci would have said about the last changes of real repositories.
func TestReviewOfMerges(t *testing.T) {
	corpus := corpusDirectory(t, true)
	whole := os.Getenv("GVERIFY_WHOLE") == "1"
	for _, test := range reviewedMerges {
		t.Run(test.repository, func(t *testing.T) {
			n, want := 12, test.sample
			if whole {
				n, want = 100, test.whole
			}
			asked := request{project: test.project, offline: true}
			for _, k := range test.keys {
				asked.keys = append(asked.keys, filepath.Join(corpus, k))
			}
			home := t.TempDir()
			w := world{now: judgedOn, getenv: func(name string) string { return map[string]string{"HOME": home}[name] }}
			c, _, err := settle(asked, w, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := c.opener.open(context.Background(), filepath.Join(corpus, test.repository))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			v := reviewing{releaseCase: c, repository: r}
			got, stopped := map[string]int{}, map[string]bool{}
			for _, change := range changesOf(t, r, n, test.direct) {
				d, err := v.review(context.Background(), change)
				if err != nil {
					t.Fatalf("%.12s: %v", change.head.Hash, err)
				}
				count(got, d)
				commit := shortHash(change.head.Hash)
				if status, _ := exitForReview(d.result, d.keys); status != exitError && status != exitDisputed {
					continue
				}
				stopped[commit] = true
				if why, _, _ := strings.Cut(test.stopped[commit], ":"); !slices.ContainsFunc(d.document(0).Findings, func(f review.Finding) bool { return f.Code == why }) {
					var text bytes.Buffer
					if err := report.ReviewText(&text, d.document(exitError), report.Options{}); err != nil {
						t.Fatal(err)
					}
					t.Errorf("%s is stopped, but not for %q:\n%s", commit, why, text.String())
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the last %d changes (-want +got):\n%s", n, diff)
			}
			for commit, why := range test.stopped {
				if whole && !stopped[commit] {
					t.Errorf("%s is not stopped: %s", commit, why)
				}
			}
		})
	}
}

// count adds a review's exit code and codes to the table.
func count(table map[string]int, d *reviewed) {
	status, _ := exitForReview(d.result, d.keys)
	table[fmt.Sprintf("exit %d", status)]++
	codes := map[string]bool{}
	for _, f := range d.result.Findings {
		codes[f.Code] = true
	}
	for code := range codes {
		table[code]++
	}
}
