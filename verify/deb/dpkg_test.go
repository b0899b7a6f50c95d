package deb_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/gverify/gverify/verify/deb"
)

// dpkgCompare asks dpkg itself. The batch is one shell, so that a pair costs no more than dpkg does.
func dpkgCompare(tb testing.TB, pairs [][2]string) []int {
	tb.Helper()
	if _, err := exec.LookPath("dpkg"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatal("dpkg is missing in CI")
		}
		tb.Skip("no dpkg here to compare with")
	}
	var in bytes.Buffer
	for _, p := range pairs {
		fmt.Fprintf(&in, "%s\t%s\n", p[0], p[1])
	}
	cmd := exec.Command("sh", "-c", `tab=$(printf '\t')
while IFS="$tab" read -r a b; do
	if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" gt "$b"; then echo 1; else echo 0; fi
done`)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("dpkg: %v\n%s", err, stderr.Bytes())
	}
	var results []int
	for _, line := range strings.Fields(string(out)) {
		results = append(results, map[string]int{"-1": -1, "0": 0, "1": 1}[line])
	}
	if len(results) != len(pairs) {
		tb.Fatalf("dpkg compared %d pairs of %d", len(results), len(pairs))
	}
	return results
}

// TestDpkg compares with dpkg on every pair of neighbours, in our order, of the versions one package has in a real repository's whole history, and
// on a sample of other pairs. Since both orders are transitive, neighbours decide all pairs: GVERIFY_WHOLE=1 asks for every one.
func TestDpkg(t *testing.T) {
	var near, far [][2]string
	names := 0
	for _, repository := range []string{"bitcoin-gitian.git", "monero-gitian.git", "bitpay-mixed.git"} {
		all := corpusVersions(t, repository)
		for _, name := range sortedNames(all) {
			list := all[name]
			names++
			slices.SortFunc(list, func(a, b string) int { return deb.Compare(a, b) })
			for i := range list {
				for j := i + 1; j < len(list); j++ {
					if j == i+1 {
						near = append(near, [2]string{list[i], list[j]})
					} else {
						far = append(far, [2]string{list[i], list[j]})
					}
				}
			}
		}
	}
	if names < 1000 || len(near) < 1000 {
		t.Fatalf("only %d packages with %d pairs of versions", names, len(near))
	}
	whole := os.Getenv("GVERIFY_WHOLE") == "1"
	pairs := unique(slices.Concat(near, far))
	if !whole {
		random := rand.New(rand.NewPCG(1, 2))
		pairs = unique(near)
		for len(pairs) > 300 {
			i := random.IntN(len(pairs))
			pairs[i] = pairs[len(pairs)-1]
			pairs = pairs[:len(pairs)-1]
		}
		for range 200 {
			pairs = append(pairs, far[random.IntN(len(far))])
		}
	}
	for i, want := range dpkgCompare(t, pairs) {
		if got := deb.Compare(pairs[i][0], pairs[i][1]); got != want {
			t.Errorf("Compare(%q, %q) = %d, dpkg says %d", pairs[i][0], pairs[i][1], got, want)
		}
	}
	t.Logf("%d packages, %d pairs of neighbours, %d others; %d compared with dpkg", names, len(near), len(far), len(pairs))
}

// TestDpkgTable compares the table of [TestCompare] with dpkg, for the versions that dpkg takes.
func TestDpkgTable(t *testing.T) {
	valid := regexp.MustCompile(`^([0-9]+:)?[0-9][A-Za-z0-9.+~-]*$`)
	var pairs [][2]string
	for i, a := range ascending {
		for _, b := range ascending[i:] {
			if valid.MatchString(a) && valid.MatchString(b) {
				pairs = append(pairs, [2]string{a, b})
			}
		}
	}
	for i, want := range dpkgCompare(t, pairs) {
		if got := deb.Compare(pairs[i][0], pairs[i][1]); got != want {
			t.Errorf("Compare(%q, %q) = %d, dpkg says %d", pairs[i][0], pairs[i][1], got, want)
		}
	}
}

func unique(pairs [][2]string) [][2]string {
	sort.Slice(pairs, func(i, j int) bool { return pairs[i][0]+"\t"+pairs[i][1] < pairs[j][0]+"\t"+pairs[j][1] })
	return slices.Compact(pairs)
}

func sortedNames(all map[string][]string) []string {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// corpusVersions reads every package version that any content in a repository's history names. git itself writes the contents out.
func corpusVersions(t *testing.T, repository string) map[string][]string {
	t.Helper()
	dir := corpusPath(t, repository)
	cmd := exec.Command("git", "--git-dir="+dir, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{} // file names: a history repeats them thousands of times
	all := map[string][]string{}
	known := map[string]bool{}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Bytes()
		if !bytes.HasSuffix(line, []byte(".deb")) {
			continue
		}
		name := line[bytes.LastIndexByte(line, ' ')+1:]
		if seen[string(name)] {
			continue
		}
		seen[string(name)] = true
		f, ok := deb.ParseFile(string(name))
		if !ok || strings.ContainsAny(f.Version, "%'\"") {
			continue
		}
		if key := f.Name + "\n" + f.Version; !known[key] {
			known[key] = true
			all[f.Name] = append(all[f.Name], f.Version)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// corpusPath returns the path of a file of the corpus of real repositories. Without the corpus the test is skipped, in CI it
// fails.
func corpusPath(tb testing.TB, elements ...string) string {
	tb.Helper()
	root := os.Getenv("GVERIFY_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus") // beside the module's root
	}
	p := filepath.Join(append([]string{root}, elements...)...)
	if _, err := os.Stat(p); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the corpus is missing in CI: %v", err)
		}
		tb.Skipf("no corpus (GVERIFY_CORPUS names its directory): %v", err)
	}
	return p
}
