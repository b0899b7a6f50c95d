package build

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gverify/gverify/sigs"
)

func digest(n int) sigs.Digest { return sha256.Sum256(fmt.Append(nil, n)) }

// invented makes a result of some size; the same number gives the same one.
func invented(seed uint64) Result {
	r := rand.New(rand.NewPCG(seed, 1))
	manifest := func(most int, format string) sigs.Manifest {
		var m sigs.Manifest
		for i := range r.IntN(most + 1) {
			m = append(m, sigs.Entry{Path: fmt.Sprintf(format, r.IntN(1000), i), Digest: digest(r.IntN(99))})
		}
		return m
	}
	res := Result{Name: "small-linux", Out: append(manifest(3, "src/a-%d.%d.tar.gz"), sigs.Entry{Path: "z.tar.gz", Digest: digest(1)})}
	res.In.Files = append([]sigs.Entry{{Path: "small-linux-desc.yml", Digest: digest(2)}}, manifest(2, "Input-%d_%d")...)
	for i := range r.IntN(3) {
		res.In.Commits = append(res.In.Commits, sigs.Commit{Dir: fmt.Sprintf("dir%d", i), Hash: digest(i).String()[:40]})
	}
	for i := range r.IntN(3) {
		res.Base = append(res.Base, sigs.Base{Name: fmt.Sprintf("suite%d-amd64", i), Entries: manifest(3, "apt-%d_%d_amd64.deb")})
	}
	res.Cache.Common, res.Cache.Package = manifest(2, "%d-x-%d.tar.xz"), manifest(2, "x86_64-linux-gnu/%d/%d.tar.gz")
	return res
}

func written(t *testing.T, r Result) (res, assert []byte) {
	t.Helper()
	var a, b bytes.Buffer
	if err := errors.Join(WriteResult(&a, r), WriteAssertion(&b, r, "1.0-linux")); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), b.Bytes()
}

// What is written is read back as what was to be said; gsign's way from res.yml to assertion gives the same bytes as ours.
func TestWrittenIsRead(t *testing.T) {
	for seed := range uint64(300) {
		r := invented(seed)
		res, assertion := written(t, r)
		viaFile, err := Assert(res, "1.0-linux", r.Name)
		if err != nil || !bytes.Equal(viaFile, assertion) {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, viaFile, assertion)
		}
		want := sigs.Assertion{Format: sigs.GitianFormat, Out: r.Out, In: r.In.Files, Commits: r.In.Commits, CacheCommon: r.Cache.Common,
			CachePackage: r.Cache.Package, Bases: r.Base, Release: "1.0-linux", Name: r.Name, Type: "build"}
		got, err := sigs.ParseAssertion(assertion)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, assertion)
		}
		order := cmpopts.SortSlices(func(a, b sigs.Entry) bool {
			return a.Path < b.Path || a.Path == b.Path && a.Digest.String() < b.Digest.String()
		})
		if diff := cmp.Diff(want, got, order, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d: (-said +read)\n%s\n%s", seed, diff, assertion)
		}
	}
}

// Ruby makes the same file of the same content, and the same assertion of the same res.yml.
func TestWrittenLikeRuby(t *testing.T) {
	ruby := startRuby(t)
	for seed := range uint64(60) {
		r := invented(seed)
		m, err := r.omap()
		if err != nil {
			t.Fatal(err)
		}
		comparePsych(t, ruby, m)
		res, assertion := written(t, r)
		var want string
		if err := ruby.ask(map[string]string{"assert": string(res), "release": "1.0-linux", "name": r.Name}, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(assertion)); diff != "" {
			t.Fatalf("seed %d (-Ruby +ours)\n%s", seed, diff)
		}
	}
}

func TestWriteResultText(t *testing.T) {
	r := Result{
		Name: "small-linux", Out: sigs.Manifest{{Path: "small.tar.gz", Digest: digest(1)}},
		In: In{Files: []sigs.Entry{{Path: "small-linux-desc.yml", Digest: digest(2)}, {Path: "MacOSX.sdk", Digest: digest(3)}},
			Commits: []sigs.Commit{{Dir: "small", Hash: strings.Repeat("a", 40)}, {Dir: "signature", Hash: strings.Repeat("b", 40)}}},
		Base: []sigs.Base{{Name: "bookworm-amd64", Entries: sigs.Manifest{{Path: "apt_1_amd64.deb", Digest: digest(5)}, {Path: "apt-utils_1_amd64.deb", Digest: digest(4)}}}},
	}
	res, _ := written(t, r)
	want := fmt.Sprintf(`--- !!omap
- out_manifest: '%s  small.tar.gz

    '
- in_manifest: |-
    %s  small-linux-desc.yml
    %s  MacOSX.sdk
    git:%s smallgit:%s signature
- base_manifests: !!omap
  - bookworm-amd64: |
      %s  apt-utils_1_amd64.deb
      %s  apt_1_amd64.deb
- cache_common_manifest: ''
- cache_package_manifest: ''
`, digest(1), digest(2), digest(3), strings.Repeat("a", 40), strings.Repeat("b", 40), digest(4), digest(5))
	if diff := cmp.Diff(want, string(res)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(r *Result)
	}{
		{"nothing in out", func(r *Result) { r.Out = nil }},
		{"leads out", func(r *Result) { r.Out[0].Path = "../x" }},
		{"characters", func(r *Result) { r.Out[0].Path = "a b" }},
		{"absolute", func(r *Result) { r.Cache.Common = sigs.Manifest{{Path: "/x"}} }},
		{"two bases", func(r *Result) { r.Base = []sigs.Base{{Name: "a"}, {Name: "a"}} }},
		{"base", func(r *Result) { r.Base = []sigs.Base{{Name: "a\nb"}} }},
		{"name", func(r *Result) { r.Name = "" }},
	} {
		r := invented(1)
		test.change(&r)
		var b bytes.Buffer
		if err := WriteResult(&b, r); err == nil || !strings.Contains(err.Error(), test.want) || b.Len() > 0 {
			t.Errorf("error %v, want %q; wrote %d bytes", err, test.want, b.Len())
		}
	}
}

func TestAssertRefuses(t *testing.T) {
	res, assertion := written(t, invented(3))
	for _, test := range []struct {
		want, release string
		data          []byte
	}{
		{"it is an assertion", "1.0-linux", assertion},
		{"leads out", "..", res},
		{"characters", "1.0/linux", res},
		{"where a res.yml has", "1.0-linux", append(bytes.Clone(res), "- more: x\n"...)},
		{"out_manifest", "1.0-linux", []byte("--- !!omap\n- out_manifest: ''\n")},
		{"empty", "1.0-linux", nil},
	} {
		if got, err := Assert(test.data, test.release, "small"); err == nil || !strings.Contains(err.Error(), test.want) || got != nil {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
}

// TestCorpus writes every real assertion again from its texts, and counts those that come out as their signers' Ruby wrote them.
// The others are explained by the class of their difference; none remains.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("GVERIFY_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "bitcoin-gitian.git")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no corpus in %s: set GVERIFY_CORPUS", dir)
		}
		t.Skipf("no corpus in %s: set GVERIFY_CORPUS", dir)
	}
	for _, name := range []string{"bitcoin-gitian.git", "monero-gitian.git", "bitpay-mixed.git"} {
		counts := map[string]int{}
		for file, data := range assertionsOf(t, filepath.Join(dir, name)) {
			class := rewritten(t, file, data)
			counts[class]++
		}
		t.Logf("%s: %v", name, counts)
		if name != "bitpay-mixed.git" && counts["identical"] == 0 || counts["unexplained"] > 0 {
			t.Errorf("%s: %v", name, counts)
		}
	}
}

// rewritten says how a file differs from what we write of its texts.
func rewritten(t *testing.T, file string, data []byte) string {
	fields, err := sigs.ReadFields(data)
	if err != nil {
		return "not YAML that is read"
	}
	got := psych(toOmap(fields))
	if got == string(data) {
		return "identical"
	}
	again, err := sigs.ReadFields([]byte(got))
	if err != nil {
		return "unexplained"
	}
	if diff := cmp.Diff(fields, again); diff != "" {
		t.Logf("%s is read otherwise: %.500s", file, diff)
		return "unexplained"
	}
	for _, older := range []*strings.Replacer{spacedOptionals, marginQuotes} {
		if got = older.Replace(got); got == string(data) {
			return "identical but for the white space of older libyaml"
		}
	}
	for _, class := range []struct{ name, sign string }{
		{"quoted manifests of Psych 1 and 2", "manifest: ! '"}, {"quoted manifests of Psych 1 and 2", "manifest: ! \""},
		{"!omap of Ruby 1.8's Syck", "--- !omap"},
	} {
		if strings.Contains(string(data), class.sign) {
			return class.name
		}
	}
	return "unexplained"
}

// libyaml before 0.2.5 writes "optionals: " with a space; older ones close a quoted manifest at the margin, too.
var (
	spacedOptionals = strings.NewReplacer("\n- optionals:\n", "\n- optionals: \n")
	marginQuotes    = strings.NewReplacer("\n\n    '\n", "\n\n'\n", "\n\n      '\n", "\n\n'\n")
)

// assertionsOf reads a repository's assertions: a sample of them, all with GVERIFY_WHOLE set.
func assertionsOf(t *testing.T, repository string) func(func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		list, err := exec.Command("git", "-C", repository, "-c", "safe.directory=*", "ls-tree", "-r", "-z", "HEAD").Output()
		if err != nil {
			t.Fatal(err)
		}
		var objects, names []string
		for _, line := range strings.Split(string(list), "\x00") {
			meta, name, ok := strings.Cut(line, "\t")
			if f := strings.Fields(meta); ok && len(f) == 3 && (strings.HasSuffix(name, ".assert") || strings.HasSuffix(name, "-res.yml")) {
				objects, names = append(objects, f[2]), append(names, name)
			}
		}
		step := 1
		if os.Getenv("GVERIFY_WHOLE") == "" {
			step = max(1, len(names)/200)
		}
		var wanted []string
		var chosen []string
		for i := 0; i < len(names); i += step {
			wanted, chosen = append(wanted, objects[i]), append(chosen, names[i])
		}
		cmd := exec.Command("git", "-C", repository, "-c", "safe.directory=*", "cat-file", "--batch")
		cmd.Stdin = strings.NewReader(strings.Join(wanted, "\n") + "\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range chosen {
			head, rest, _ := bytes.Cut(out, []byte("\n"))
			var id, kind string
			var size int
			if _, err := fmt.Sscan(string(head), &id, &kind, &size); err != nil {
				t.Fatal(err)
			}
			if !yield(name, rest[:size]) {
				return
			}
			out = rest[size+1:]
		}
	}
}
