package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

// TestScore explains the labelled cases that lie beside the corpus, through the command itself.
func TestScore(t *testing.T) {
	corpus := corpusDirectory(t, true)
	cases := filepath.Join(corpus, "..", "cases", "open-cases.json")
	if _, err := os.Stat(cases); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the labelled cases are missing in CI: %v", err)
		}
		t.Skipf("no labelled cases: %v", err)
	}
	var out, errs bytes.Buffer
	w := world{streams: streams{strings.NewReader(""), &out, &errs}, getenv: homeless(t)}
	if code := run(context.Background(), []string{"score", cases, "--sigs", corpus}, w); code != exitAgreed {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	t.Logf("\n%s", out.String())
	m := regexp.MustCompile(`(\d+) cases: (\d+) at rank 1, (\d+) among the first three`).FindStringSubmatch(out.String())
	if m == nil || m[1] != m[3] || m[1] == "0" {
		t.Errorf("not every case has its cause among the first three:\n%s", out.String())
	}
}

// homeless is an environment with a cache of its own.
func homeless(t *testing.T) func(string) string {
	dir := t.TempDir()
	return func(name string) string {
		if strings.HasPrefix(name, "XDG_") {
			return dir
		}
		return ""
	}
}

// tally counts what explanations of many releases say.
type tally struct {
	releases, disputed, agreed int
	pairs, alone               int // alone: one signer against one
	five, one, none            int // pairs with at most that many candidates
	unrecorded                 int // pairs whose first cause is that nothing recorded explains them
	first                      map[verify.CauseID]int
}

// TestWholeHistory explains every release of real repositories with all assertions that ever stood in them. Nothing may be said of
// files on which all agree. How far the causes narrow down is logged.
func TestWholeHistory(t *testing.T) {
	corpus := corpusDirectory(t, true)
	for _, name := range []string{"bitcoin-gitian.git", "monero-gitian.git", "bitcoin-guix.git", "bitpay-mixed.git"} {
		t.Run(name, func(t *testing.T) {
			s := scorer{dirs: directories{cache: t.TempDir()}, open: map[string]*labelled{}}
			defer s.close()
			l, err := s.repository(context.Background(), filepath.Join(corpus, name))
			if err != nil {
				t.Fatal(err)
			}
			byRelease := map[string][]repo.Version{}
			for _, v := range l.history.Versions {
				if p, ok := l.places[v.Path]; ok {
					byRelease[p.directory.Path] = append(byRelease[p.directory.Path], v)
				}
			}
			releases := slices.Sorted(maps.Keys(byRelease))
			step := 1
			if os.Getenv("GVERIFY_WHOLE") != "1" {
				step = max(len(releases)/25, 1)
			}
			sum := tally{first: map[verify.CauseID]int{}}
			for i := 0; i < len(releases); i += step {
				var members []verify.Observation
				err := l.reader.observe(context.Background(), byRelease[releases[i]], l.places, func(o verify.Observation) { members = append(members, o) })
				if err != nil {
					t.Fatal(err)
				}
				sum.add(t, releases[i], verify.ExplainGroups([][]verify.Observation{members}, l.index))
			}
			if sum.agreed == 0 {
				t.Error("nobody agreed on anything")
			}
			t.Log(sum.String())
		})
	}
}

// add counts one release, and checks that nothing is said of what all agree on.
func (s *tally) add(t *testing.T, release string, e verify.PlatformExplanation) {
	t.Helper()
	s.releases++
	s.agreed += len(e.Agreed)
	if len(e.Splits) > 0 {
		s.disputed++
	}
	for _, split := range e.Splits {
		for _, p := range split.Pairs {
			s.pairs++
			s.first[p.Causes[0].ID]++
			if p.OneToOne {
				s.alone++
			}
			switch {
			case p.Candidates == 0:
				s.none, s.one, s.five = s.none+1, s.one+1, s.five+1
			case p.Candidates == 1:
				s.one, s.five = s.one+1, s.five+1
			case p.Candidates <= 5:
				s.five++
			}
			if p.Candidates == 0 && (p.Causes[0].ID == verify.Undetermined || p.Causes[0].ID == verify.Nondeterminism) {
				s.unrecorded++
			}
			for _, c := range p.Causes {
				for _, artifact := range c.Artifacts {
					if slices.Contains(e.Agreed, artifact) {
						t.Errorf("%s: %s is said of %s, on which all agree", release, c.ID, artifact)
					}
				}
			}
		}
	}
}

func (s *tally) String() string {
	var b strings.Builder
	percent := func(n int) int { return 100 * n / max(s.pairs, 1) }
	fmt.Fprintf(&b, "%d releases, %d in dispute; %d files agreed, none with a cause\n", s.releases, s.disputed, s.agreed)
	fmt.Fprintf(&b, "%d pairs of groups (%d one against one): at most 5 candidates %d (%d %%), at most 1 %d (%d %%), none %d; nothing recorded explains %d\n",
		s.pairs, s.alone, s.five, percent(s.five), s.one, percent(s.one), s.none, s.unrecorded)
	for _, id := range slices.Sorted(maps.Keys(s.first)) {
		fmt.Fprintf(&b, "%s %d  ", id, s.first[id])
	}
	return b.String()
}
