package verify_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

// asOf is the day on which the corpus was judged by other programs.
var asOf = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// corpusPath returns the path of a file of the corpus of real repositories. Without the corpus the test is skipped, in CI it
// fails.
func corpusPath(tb testing.TB, elements ...string) string {
	tb.Helper()
	root := os.Getenv("GVERIFY_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "corpus") // beside the module's root
	}
	p, err := filepath.Abs(filepath.Join(append([]string{root}, elements...)...))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := os.Stat(p); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the corpus is missing in CI: %v", err)
		}
		tb.Skipf("no corpus (GVERIFY_CORPUS names its directory): %v", err)
	}
	return p
}

// stepOf is one in how many of n evenly spread items a test takes.
func stepOf(n, want int) int {
	if os.Getenv("GVERIFY_WHOLE") == "1" {
		return 1
	}
	if raceEnabled || testing.Short() {
		want = max(want/8, 1)
	}
	return max(n/want, 1)
}

// corpusTree opens the newest commit of a repository of the corpus.
func corpusTree(tb testing.TB, name string) (*repo.Tree, sigs.Listing) {
	tb.Helper()
	r, err := repo.Open(context.Background(), corpusPath(tb, name), repo.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { r.Close() })
	head, err := r.Resolve("")
	if err != nil {
		tb.Fatal(err)
	}
	tree, err := r.Tree(head)
	if err != nil {
		tb.Fatal(err)
	}
	listing, err := sigs.List(tree)
	if err != nil {
		tb.Fatal(err)
	}
	return tree, listing
}

// checkAll checks all attestations of the given directories.
func checkAll(tb testing.TB, tree *repo.Tree, dirs []sigs.Directory, v sigs.Verifier) []*sigs.Statement {
	tb.Helper()
	var out []*sigs.Statement
	for checked, err := range sigs.CheckAll(context.Background(), sigs.Scan(tree, dirs), v, 2) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, checked.Statement)
	}
	return out
}

// stranger knows no key, so that every assertion is parsed as a claim.
type stranger struct{}

func (stranger) Verify(_, _ []byte) []sigs.Signature {
	return []sigs.Signature{{Status: sigs.UnknownKey}}
}

// TestCorpusGroups compares the groups of every release of three real repositories with groups computed by other programs.
func TestCorpusGroups(t *testing.T) {
	for _, name := range []string{"bitcoin-gitian", "monero-gitian", "bitcoin-guix"} {
		t.Run(name, func(t *testing.T) {
			want := expectedGroups(t, corpusPath(t, "expected", name+".tsv"))
			tree, listing := corpusTree(t, name+".git")
			got, releases := map[string]map[string]int{}, map[string]bool{}
			versions := listing.Versions()
			step := stepOf(len(versions), 40)
			for i := 0; i < len(versions); i += step {
				dirs := listing.Find(versions[i].Version)
				for _, d := range dirs {
					releases[topOf(d.Path)] = true
				}
				c := verify.Compare(versions[i].Version, checkAll(t, tree, dirs, stranger{}))
				maps.Copy(got, groupsOf(c))
			}
			maps.DeleteFunc(want, func(key string, _ map[string]int) bool {
				release, _, _ := strings.Cut(key, "\t")
				return !releases[release]
			})
			if len(want) == 0 {
				t.Fatal("nothing to compare")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d artifacts expected, %d found; (-want +got):\n%.3000s", len(want), len(got), diff)
			}
			t.Logf("%d releases, %d artifacts", len(releases), len(got))
		})
	}
}

// groupsOf counts signers per release directory, artifact and beginning of the digest.
func groupsOf(c verify.Comparison) map[string]map[string]int {
	type line struct {
		key, digest string
		statement   int
	}
	seen := map[line]bool{}
	out := map[string]map[string]int{}
	for _, p := range c.Platforms {
		for _, a := range p.Artifacts {
			for _, g := range a.Groups {
				for _, i := range slices.Concat(g.Statements, g.Claims) {
					l := line{topOf(c.Statements[i].Directory.Path) + "\t" + a.Path, g.Digest.String()[:12], i}
					if seen[l] {
						continue
					}
					seen[l] = true
					if out[l.key] == nil {
						out[l.key] = map[string]int{}
					}
					out[l.key][l.digest]++
				}
			}
		}
	}
	return out
}

// topOf is the release a directory is counted to: one inside another counts to that one.
func topOf(p string) string {
	top, _, _ := strings.Cut(p, "/")
	return top
}

// expectedGroups reads rows of release, assertion, artifact and groups, merged over the assertions.
func expectedGroups(t *testing.T, file string) map[string]map[string]int {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]int{}
	for _, row := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		f := strings.Split(row, "\t")
		if len(f) != 4 {
			t.Fatalf("row %q has %d columns", row, len(f))
		}
		key := f[0] + "\t" + strings.TrimRight(f[2], "\r")
		if out[key] == nil {
			out[key] = map[string]int{}
		}
		for _, group := range strings.Fields(f[3]) {
			n, digest, _ := strings.Cut(group, ":")
			signers, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			out[key][digest] += signers
		}
	}
	return out
}

// realPolicy pins the signers whose fingerprints the project published.
func realPolicy(tb testing.TB, table string) verify.Policy {
	tb.Helper()
	data, err := os.ReadFile(corpusPath(tb, "signers", table))
	if err != nil {
		tb.Fatal(err)
	}
	p := verify.Policy{Name: table, Threshold: verify.DefaultThreshold}
	for _, row := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		f := strings.Split(row, "\t")
		if i := slices.IndexFunc(p.Pins, func(pin verify.Pin) bool { return slices.Contains(pin.Fingerprints, f[1]) }); i >= 0 {
			p.Pins[i].Aliases = append(p.Pins[i].Aliases, f[0]) // one key under two names is one person
			continue
		}
		i := slices.IndexFunc(p.Pins, func(pin verify.Pin) bool { return pin.Name == f[0] })
		if i < 0 {
			p.Pins = append(p.Pins, verify.Pin{Name: f[0]})
			i = len(p.Pins) - 1
		}
		p.Pins[i].Fingerprints = append(p.Pins[i].Fingerprints, f[1])
	}
	return p
}

// keyring reads key files of a directory.
func keyring(tb testing.TB, dir string) sigs.Verifier {
	tb.Helper()
	ring := pgp.NewKeyring()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no keys in %s: %v", dir, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		ring.Add(filepath.Base(file), pgp.Source{Name: "keys", Given: true}, data)
	}
	return ring.At(asOf)
}

// decideReal decides one version of a repository of the corpus.
func decideReal(tb testing.TB, name, version string, v sigs.Verifier, p verify.Policy, q verify.Question) (verify.Comparison, verify.Verdict) {
	tb.Helper()
	tree, listing := corpusTree(tb, name)
	dirs := append(listing.Find(version), listing.Candidates(version)...)
	if len(dirs) == 0 {
		tb.Fatalf("%s has no %s", name, version)
	}
	c := verify.Compare(version, checkAll(tb, tree, dirs, v))
	verdict, err := p.Decide(c, q)
	if err != nil {
		tb.Fatal(err)
	}
	return c, verdict
}

var bitcoinPlatforms = []string{"linux", "osx-signed", "osx-unsigned", "win-signed", "win-unsigned"}

// TestBitcoin0191 is a real dispute: the compiler had moved between the builds.
func TestBitcoin0191(t *testing.T) {
	keys := keyring(t, corpusPath(t, "keys", "bitcoin-gitian"))
	_, v := decideReal(t, "bitcoin-gitian.git", "0.19.1", keys, realPolicy(t, "bitcoin.tsv"), verify.Question{Due: bitcoinPlatforms})
	if v.Outcome != verify.Disputed {
		t.Errorf("outcome is %s, want disputed: %s", v.Outcome, v.Grounds)
	}
	want := map[string]string{
		"aarch64": "14 4", "arm-": "14 4", "riscv64": "14 4", "i686": "14(8) 2(1) 2(1)", "x86_64": "14(8) 2(1) 2(1)",
		"osx-unsigned.tar.gz": "13 3", "src/": "", ".dmg": "", "osx64.tar.gz": "",
	}
	seen := map[string]int{}
	for _, p := range v.Platforms {
		for _, a := range p.Artifacts {
			for part, groups := range want {
				if !strings.Contains(a.Path, part) {
					continue
				}
				seen[part]++
				if groups == "" {
					if a.Outcome != verify.Agreed {
						t.Errorf("%s %s is %s, want agreed: %s", p.Name, a.Path, a.Outcome, a.Grounds)
					}
				} else if got := showGroups(a, strings.Contains(groups, "(")); got != groups || a.Outcome != verify.Disputed {
					t.Errorf("%s %s has groups %s and is %s, want %s disputed", p.Name, a.Path, got, a.Outcome, groups)
				}
			}
		}
	}
	for part := range want {
		if seen[part] == 0 {
			t.Errorf("no artifact is named %s", part)
		}
	}
	disputes := 0
	for _, f := range v.Findings {
		if f.Code == "disputed" {
			disputes++
			t.Log(f.Text)
		}
	}
	if disputes != 3 {
		t.Errorf("%d findings tell of the dispute, want one for each of 3 ways to split", disputes)
	}
	t.Log(v.Grounds)
}

// showGroups writes the sizes of an artifact's groups, with their voters where asked.
func showGroups(a verify.ArtifactVerdict, voters bool) string {
	var out []string
	for _, g := range a.Groups {
		s := strconv.Itoa(len(g.Voters) + len(g.Others) + len(g.Claims))
		if voters {
			s += fmt.Sprintf("(%d)", len(g.Voters))
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}
