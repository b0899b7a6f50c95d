package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs/repo"
)

// reviewedMerges are the repositories of the corpus and how their merges are judged.
var reviewedMerges = []struct {
	repository, project string
	keys                []string
	sample, whole       map[string]int // exit codes, and finding codes, counted
}{
	{repository: "bitcoin-gitian.git", project: "bitcoin", keys: []string{"keys/bitcoin-gitian"}},
	{repository: "bitcoin-guix.git", project: "bitcoin"},
	{repository: "monero-gitian.git", project: "monero"},
	{repository: "bitpay-mixed.git", project: "bitcore"},
}

// mergesOf returns the last n merges of a repository's main line, oldest first, each with what it was merged into.
func mergesOf(t testing.TB, r *repo.Repository, n int) []commitRange {
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
		if len(parents) > 1 {
			out = append(out, commitRange{parents[0], at, "a merge of the corpus"})
		}
		at = parents[0]
	}
	slices.Reverse(out)
	return out
}

// TestReviewOfMerges is what gverify ci would have said about the last merges of real repositories.
func TestReviewOfMerges(t *testing.T) {
	corpus := corpusDirectory(t, true)
	n, whole := 12, os.Getenv("GVERIFY_WHOLE") == "1"
	if whole {
		n = 100
		if os.Getenv("GVERIFY_ALL") != "" {
			n = 3000
		}
	}
	for _, test := range reviewedMerges {
		t.Run(test.repository, func(t *testing.T) {
			start := time.Now()
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
			got := map[string]int{}
			for _, m := range mergesOf(t, r, n) {
				d, err := v.review(context.Background(), m)
				if err != nil {
					t.Errorf("%.12s: %v", m.head.Hash, err)
					continue
				}
				status, _ := exitForReview(d.result, d.keys)
				got[fmt.Sprintf("exit %d", status)]++
				codes := map[string]bool{}
				for _, f := range d.result.Findings {
					codes[f.Code] = true
				}
				for code := range codes {
					got[code]++
				}
				if status == exitError || status == exitDisputed || testing.Verbose() && os.Getenv("GVERIFY_SHOW") != "" {
					var text bytes.Buffer
					if err := report.ReviewText(&text, d.document(status), report.Options{}); err != nil {
						t.Fatal(err)
					}
					t.Logf("%.12s\n%s", m.head.Hash, text.String())
				}
			}
			for _, k := range slices.Sorted(maps.Keys(got)) {
				t.Logf("%4d %s", got[k], k)
			}
			t.Log(time.Since(start).Round(time.Second))
		})
	}
	_ = strings.TrimSpace
}
