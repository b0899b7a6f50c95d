package sigs_test

import (
	"fmt"
	"maps"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

// TestExpectedGroups compares every row of the corpus' groupings, which were computed with other programs' YAML parsers: per
// release, assertion file and artifact, how many signers give it which digest.
func TestExpectedGroups(t *testing.T) {
	for _, name := range []string{"bitcoin-gitian", "monero-gitian", "bitcoin-guix"} {
		t.Run(name, func(t *testing.T) {
			want := readExpected(t, corpusPath(t, "expected", name+".tsv"))
			g := openCorpus(t, name+".git")
			got, parsed := groupsOf(t, g, name)
			if parsed == 0 {
				t.Fatal("nothing was parsed")
			}
			sampled := map[string]bool{} // only the releases of the sample are compared
			for key := range got {
				sampled[releaseOf(key)] = true
			}
			maps.DeleteFunc(want, func(key, _ string) bool { return !sampled[releaseOf(key)] })
			if len(want) == 0 {
				t.Fatal("nothing to compare")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d rows expected, %d found; (-want +got):\n%.3000s", len(want), len(got), diff)
			}
			t.Logf("%d assertions, %d rows", parsed, len(got))
		})
	}
}

// readExpected reads rows as "release, assertion, artifact" to "signers:digest …".
func readExpected(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			t.Fatalf("%s: row %q has %d columns", file, line, len(f))
		}
		key := strings.TrimRight(strings.Join(f[:3], "\t"), "\r")
		rows[key] = addGroups(rows[key], f[3])
	}
	return rows
}

// addGroups joins two rows of one artifact: the tables know the names of 22.0rc1's codesigned.SHA256SUMS, whose lines end with
// two CRs, once with a CR and once without.
func addGroups(a, b string) string {
	sum := map[string]int{}
	for _, group := range strings.Fields(a + " " + b) {
		n, digest, _ := strings.Cut(group, ":")
		signers, err := strconv.Atoi(n)
		if err != nil {
			panic(err)
		}
		sum[digest] += signers
	}
	return showGroups(sum)
}

// groupsOf parses all assertions of a repository, or of an even sample of its releases, and groups their artifacts.
func groupsOf(t *testing.T, g *gitFS, name string) (rows map[string]string, parsed int) {
	t.Helper()
	files := g.files(isAssertion)
	byRelease := map[string][]string{}
	for _, p := range files {
		dir := path.Dir(p)
		if _, _, ok := sigs.SplitRelease(path.Base(dir)); !ok {
			dir = path.Dir(dir)
		}
		dir, _, _ = strings.Cut(dir, "/") // the tables count a release inside another to that one
		byRelease[dir] = append(byRelease[dir], p)
	}
	var releases []string
	for r := range byRelease {
		releases = append(releases, r)
	}
	sort.Strings(releases)
	step := sample(len(releases), 150)
	signers := map[string]map[string]int{} // row, digest: signers
	for i := 0; i < len(releases); i += step {
		for _, p := range byRelease[releases[i]] {
			a, err := parseFile(g, p)
			if err != nil {
				checkUnparsable(t, name, p, err)
				continue
			}
			parsed++
			for _, e := range a.Out {
				key := releases[i] + "\t" + path.Base(p) + "\t" + e.Path
				if signers[key] == nil {
					signers[key] = map[string]int{}
				}
				signers[key][e.Digest.String()[:12]]++
			}
		}
	}
	rows = map[string]string{}
	for key, groups := range signers {
		rows[key] = showGroups(groups)
	}
	return rows, parsed
}

// showGroups writes groups as the tables do: most signers first.
func showGroups(groups map[string]int) string {
	var digests []string
	for d := range groups {
		digests = append(digests, d)
	}
	sort.Slice(digests, func(i, j int) bool {
		if a, b := groups[digests[i]], groups[digests[j]]; a != b {
			return a > b
		}
		return digests[i] < digests[j]
	})
	for i, d := range digests {
		digests[i] = fmt.Sprintf("%d:%s", groups[d], d)
	}
	return strings.Join(digests, " ")
}

func isAssertion(p string) bool {
	return strings.HasSuffix(p, ".assert") || strings.HasSuffix(p, "SHA256SUMS") || strings.HasSuffix(p, "-res.yml")
}

func parseFile(g *gitFS, p string) (sigs.Assertion, error) {
	data, err := g.ReadFile(p)
	if err != nil {
		return sigs.Assertion{}, err
	}
	if strings.HasSuffix(p, "SHA256SUMS") {
		return sigs.ParseSums(data)
	}
	return sigs.ParseAssertion(data)
}

// unparsable are the real files that are refused, and what is said of them.
var unparsable = map[string]string{
	"0.19.0rc1-linux/jonasschnelli/bitcoin-linux-0.19-build.assert":      "a web page",
	"0.19.0rc1-osx-unsigned/jonasschnelli/bitcoin-osx-0.19-build.assert": "a web page",
	"0.19.0rc1-win-unsigned/jonasschnelli/bitcoin-win-0.19-build.assert": "a web page",
}

func checkUnparsable(t *testing.T, name, p string, err error) {
	t.Helper()
	want, ok := unparsable[p]
	if !ok || name != "bitcoin-gitian" || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %s: got %v, want %q", name, p, err, want)
	}
}

func releaseOf(row string) string {
	release, _, _ := strings.Cut(row, "\t")
	return release
}
