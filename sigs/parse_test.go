package sigs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

const (
	commitA = "0123456789012345678901234567890123456789"
	commitB = "abcdefabcdefabcdefabcdefabcdefabcdefabcd"
)

func digest(s string) sigs.Digest {
	d, err := sigs.ParseDigest(s)
	if err != nil {
		panic(err)
	}
	return d
}

// manifest makes a manifest of "path digest" pairs.
func manifest(pairs ...string) sigs.Manifest {
	var m sigs.Manifest
	for i := 0; i < len(pairs); i += 2 {
		m = append(m, sigs.Entry{Path: pairs[i], Digest: digest(pairs[i+1])})
	}
	return m
}

// TestParseAssertionForms reads one content in every spelling that real files have.
func TestParseAssertionForms(t *testing.T) {
	want := sigs.Assertion{
		Format:  sigs.GitianFormat,
		Out:     manifest("x-1.0.tar.gz", digestA, "y-1.0.tar.gz", digestB),
		In:      manifest("x-desc.yml", digestB),
		Commits: []sigs.Commit{{Dir: "signature", Hash: commitA}, {Dir: "signapple", Hash: commitB}},
		Bases:   []sigs.Base{{Name: "bionic-amd64", Entries: manifest("apt-utils_1.2_amd64.deb", digestA, "apt_1.2_amd64.deb", digestB)}},
		Release: "1.0-linux", Name: "x", Type: "build",
	}
	out, base := digestA+"  x-1.0.tar.gz\n"+digestB+"  y-1.0.tar.gz\n", digestA+"  apt-utils_1.2_amd64.deb\n"+digestB+"  apt_1.2_amd64.deb\n"
	in := digestB + "  x-desc.yml\ngit:" + commitA + " signaturegit:" + commitB + " signapple"
	block := func(indent, text string) string {
		mark := "|"
		if !strings.HasSuffix(text, "\n") {
			mark = "|-"
		}
		return mark + "\n" + indent + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent)
	}
	single := func(_, text string) string {
		return "'" + strings.ReplaceAll(text, "\n", "\n\n    ") + "'"
	}
	double := func(_, text string) string { return fmt.Sprintf("%q", text) }
	tagged := func(indent, text string) string { return "! " + single(indent, text) }
	folded := func(_, text string) string { return "\"" + strings.ReplaceAll(text, "\n", "\\n\\\n    ") + "\"" }
	for name, write := range map[string]func(indent, text string) string{"block": block, "single-quoted": single, "double-quoted": double, "tagged": tagged, "escaped": folded} {
		for _, header := range []string{"--- !!omap", "--- !omap", "--- !omap ", "---"} {
			t.Run(name+" "+header, func(t *testing.T) {
				nested := strings.TrimPrefix(header, "---")
				file := header + "\n- out_manifest: " + write("    ", out) + "\n- in_manifest: " + write("    ", in) + "\n- base_manifests:" + nested + "\n  - bionic-amd64: " + write("      ", base) +
					"\n- cache_common_manifest: ''\n- cache_package_manifest: ''\n- release: 1.0-linux\n- name: x\n- type: build\n- optionals: \n"
				got, err := sigs.ParseAssertion([]byte(file))
				if err != nil {
					t.Fatalf("%v of:\n%s", err, file)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestParseAssertionContent(t *testing.T) {
	head := "--- !!omap\n- out_manifest: |\n    " + digestA + "  x\n"
	for _, tt := range []struct {
		name, file string
		want       sigs.Assertion
	}{
		{"result", head, sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA)}},
		{"upper-case digest", strings.Replace(head, digestA, strings.ToUpper(digestA), 1), sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA)}},
		{"one line, folded", "--- !omap\n- out_manifest: ! '" + digestA + "  x\n\n'\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA)}},
		{"all newlines folded away", "--- !omap\n- out_manifest: ! '" + digestA + "  x\n    " + digestB + "  y\n'\n- in_manifest: ! '" + digestB + "  x-desc.yml\n    git:" + commitA + " bitcoin'\n",
			sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA, "y", digestB), In: manifest("x-desc.yml", digestB), Commits: []sigs.Commit{{Dir: "bitcoin", Hash: commitA}},
				Noise: []string{"out_manifest: its newlines were lost; the entries were told apart by their digests", "in_manifest: its newlines were lost; the entries were told apart by their digests"}}},
		{"twice the same, and contradiction", head + "    " + digestB + "  x\n    " + digestA + "  x\n    " + digestA + "  a\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("a", digestA, "x", digestA, "x", digestB)}},
		{"empty commit", head + "- in_manifest: |\n    git: bitcoin\n    git:" + commitA + " other\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA), Commits: []sigs.Commit{{Dir: "bitcoin"}, {Dir: "other", Hash: commitA}}}},
		{"commit glued to a file", head + "- in_manifest: |-\n    " + digestB + "  x-desc.ymlgit:" + commitA + " x\n",
			sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA), In: manifest("x-desc.yml", digestB), Commits: []sigs.Commit{{Dir: "x", Hash: commitA}}}},
		{"noise", head + "- in_manifest: |\n    hello\n    " + digestB + "  x\n    git:nonsense x\n- cache_common_manifest: |\n    " + digestB + " y\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA), In: manifest("x", digestB),
			Noise: []string{"in_manifest: line 1: hello", "in_manifest: line 3: git:nonsense x", "cache_common_manifest: line 1: " + digestB + " y"}}},
		{"console output in base", head + "- base_manifests: !!omap\n  - trusty-amd64: |\n      Reading package lists...\n      " + digestA + "  a_1%3a2_all.deb\n      " + digestB + "  lock\n",
			sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA), Bases: []sigs.Base{{Name: "trusty-amd64", Entries: manifest("a_1%3a2_all.deb", digestA), Noise: []string{"line 1: Reading package lists...", "line 3: " + digestB + "  lock"}}}}},
		{"unknown key", head + "- colour: blue\n- shapes: [round, {a: b}]\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA), Noise: []string{`unknown key "colour"`, `unknown key "shapes"`}}},
		{"version that looks like a number", head + "- release: 0.10\n- name: 1e3\n- type: null\n", sigs.Assertion{Format: sigs.GitianFormat, Out: manifest("x", digestA), Release: "0.10", Name: "1e3"}},
		{"blank lines", head + "\n\n    " + digestB + "  y\n\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("x", digestA, "y", digestB)}},
		{"names with spaces", head + "    " + digestB + "  a name  with spaces\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("a name  with spaces", digestB, "x", digestA)}},
		{"C byte order", head + "    " + digestA + "  X\n    " + digestA + "  a-b\n    " + digestA + "  a_b\n", sigs.Assertion{Format: sigs.ResultFormat, Out: manifest("X", digestA, "a-b", digestA, "a_b", digestA, "x", digestA)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sigs.ParseAssertion([]byte(tt.file))
			if err != nil {
				t.Fatalf("%v of:\n%s", err, tt.file)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseAssertionRefuses(t *testing.T) {
	head := "--- !!omap\n- out_manifest: |\n    " + digestA + "  x\n"
	line := func(s string) string { return "--- !!omap\n- out_manifest: |\n    " + digestA + "  x\n    " + s + "\n" }
	for _, tt := range []struct{ name, file, want string }{
		{"empty", "", "the file is empty"},
		{"blank", " \n\n", "the file is empty"},
		{"not UTF-8", head + "- name: \xff\n", "not UTF-8 text"},
		{"UTF-16", "\xff\xfe-\x00", "not UTF-8 text"},
		{"too large", head + strings.Repeat("#", sigs.MaxAssertion), "4194405 bytes, at most 4194304 are read"},
		{"web page", "\n<!DOCTYPE HTML>", sigs.ErrHTML.Error()},
		{"plain text", "hello", "line 1: the assertion is not a list of \"- key: value\" entries"},
		{"a map", "out_manifest: |\n  " + digestA + "  x\n", "line 1: the assertion is not a list of \"- key: value\" entries"},
		{"two keys in one entry", head + "- a: b\n  c: d\n", "line 4: an entry of the assertion is not one key with one value"},
		{"no out_manifest", "--- !!omap\n- release: 1.0-linux\n", "no out_manifest, or an empty one: it says nothing about what was built"},
		{"empty out_manifest", "--- !!omap\n- out_manifest: ''\n", "no out_manifest, or an empty one: it says nothing about what was built"},
		{"key twice", head + "- release: 1.0\n- release: 2.0\n", `line 5: key "release" stands twice`},
		{"out_manifest twice", head + head[11:], `line 4: key "out_manifest" stands twice`},
		{"base twice", head + "- base_manifests: !!omap\n  - a: ''\n  - a: ''\n", `base_manifests: line 6: key "a" stands twice`},
		{"anchor", head + "- name: &a x\n", "name: line 4: an anchor; assertions have none"},
		{"alias", head + "- name: &a x\n- type: *a\n", "name: line 4: an anchor; assertions have none"},
		{"anchor in what is not used", head + "- optionals: [&a x]\n", "line 4: an anchor; assertions have none"},
		{"alias bomb", head + "- a: &a [x]\n- b: &b [*a, *a]\n", "line 4: an anchor; assertions have none"},
		{"alias of what is not used", head + "- a: [&x y]\n- b: *x\n", "b: line 5: an alias; assertions have none"},
		{"merge key", head + "- <<: x\n", "line 4: a merge key; assertions have none"},
		{"tag", head + "- name: !!binary eA==\n", `name: line 4: tag "!!binary"; only !!omap, !omap and ! stand in assertions`},
		{"tag str", head + "- name: !!str x\n", `name: line 4: tag "!!str"; only !!omap, !omap and ! stand in assertions`},
		{"ruby object", head + "- name: !ruby/object:Gem::Requirement x\n", `name: line 4: tag "!ruby/object:Gem::Requirement"; only !!omap, !omap and ! stand in assertions`},
		{"tag on the whole", strings.Replace(head, "!!omap", "!!set", 1), `line 1: tag "!!set"; only !!omap, !omap and ! stand in assertions`},
		{"tag redefined", "%TAG ! tag:evil.example,2000:\n" + strings.Replace(head, "!!omap", "!omap", 1), `line 2: tag "tag:evil.example,2000:omap"; only !!omap, !omap and ! stand in assertions`},
		{"tag on an entry", "--- !!omap\n- !x\n  out_manifest: a\n", `line 2: tag "!x"; only !!omap, !omap and ! stand in assertions`},
		{"two documents", head + "--- !!omap\n- a: b\n", "several YAML documents, want one"},
		{"second document is broken", head + "---\n- a: 'b\n", "not YAML: line 5: found unexpected end of stream"},
		{"a collection for text", "--- !!omap\n- out_manifest: [a]\n", "out_manifest: a collection where text is due"},
		{"a collection for a release", head + "- release: {a: b}\n", "release: a collection where text is due"},
		{"text for a collection", head + "- base_manifests: x\n", "base_manifests: text where a list of environments is due"},
		{"a collection for a base", head + "- base_manifests: !!omap\n  - a: [b]\n", `base_manifests: "a": a collection where text is due`},
		{"nested keys", "--- !!omap\n- [a]: b\n", "line 2: a collection where text is due"},
		{"short digest", line(digestA[1:] + "  y"), "out_manifest: line 2: sha256 digest has 63 digits, want 64"},
		{"long digest", line("0" + digestA + "  y"), "out_manifest: line 2: sha256 digest has more than 64 digits, want 64"},
		{"no digest", line("hello"), "out_manifest: line 2: sha256 digest has 0 digits, want 64"},
		{"digest alone", line(digestA), "out_manifest: line 2: no two spaces behind the digest"},
		{"one space", line(digestA + " y"), "out_manifest: line 2: no two spaces behind the digest"},
		{"no name", "--- !!omap\n- out_manifest: \"" + digestA + "  \"\n", "out_manifest: line 1: no name behind the digest"},
		{"absolute", line(digestA + "  /etc/passwd"), `out_manifest: line 2: artifact name "/etc/passwd" is absolute`},
		{"drive", line(digestA + "  C:\\x"), `out_manifest: line 2: artifact name "C:\\x" is absolute`},
		{"share", line(digestA + "  \\\\host\\x"), `out_manifest: line 2: artifact name "\\\\host\\x" is absolute`},
		{"up", line(digestA + "  a/../../x"), `out_manifest: line 2: artifact name "a/../../x" leads out of its directory`},
		{"up only", line(digestA + "  .."), `out_manifest: line 2: artifact name ".." leads out of its directory`},
		{"up with backslashes", line(digestA + "  a\\..\\x"), `out_manifest: line 2: artifact name "a\\..\\x" leads out of its directory`},
		{"control character", "--- !!omap\n- out_manifest: \"" + digestA + "  x\\e[31m\"\n", `out_manifest: line 1: artifact name "x\x1b[31m" has control characters`},
		{"NUL", "--- !!omap\n- out_manifest: \"" + digestA + "  x\\0\"\n", `out_manifest: line 1: artifact name "x\x00" has control characters`},
		{"CR", "--- !!omap\n- out_manifest: \"" + digestA + "  x\\r\\n\"\n", `out_manifest: line 1: artifact name "x\r" has control characters`},
		{"two entries on a line of several", line(digestA + "  y " + digestB + "  z"), "out_manifest: line 2: several entries on one line: the file's newlines were lost"},
		{"long name", line(digestA + "  " + strings.Repeat("y", 4097)), "out_manifest: line 2: artifact name of 4097 bytes, at most 4096"},
		{"many keys", head + keys(65), "line 1: the assertion has 66 entries, at most 64 are read"},
		{"deep flow", head + "- a: " + strings.Repeat("[", 100_000), "nested too deeply: more than 1000 brackets"},
		{"deep blocks", head + strings.Repeat("- ", 100_000) + "a\n", "line 4: nested too deeply: more than 16 collections on a line"},
		{"deep indentation", head + deep(1100), "line 1007: nested too deeply: more than 1000 steps to the right"},
		{"deep value that is not used", head + "- a: " + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "\n", "line 4: nested too deeply"},
		{"many nodes", head + "- a:\n" + strings.Repeat("  - b\n", 25_000), "line 20001: more than 20000 entries"},
		{"many flow nodes", head + "- a: [" + strings.Repeat("b,", 25_000) + "]\n", "more than 20000 commas in collections"},
		{"many entries", "--- !!omap\n- out_manifest: \"" + strings.Repeat("\\n", 10) + "x\"\n", "out_manifest: line 11: sha256 digest has 0 digits, want 64"},
		{"tab", "--- !!omap\n\t- a: b\n", "not YAML: line 2: found character that cannot start any token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sigs.ParseAssertion([]byte(tt.file))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if !cmp.Equal(got, sigs.Assertion{}) {
				t.Errorf("something comes with an error: %+v", got)
			}
		})
	}
	if _, err := sigs.ParseAssertion([]byte("<html>")); !errors.Is(err, sigs.ErrHTML) {
		t.Errorf("web page: %v", err)
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "- k%d: v\n", i)
	}
	return b.String()
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i+1) + "x\n")
	}
	return b.String()
}

func TestParseManifest(t *testing.T) {
	m, err := sigs.ParseManifest(digestB + "  y\n" + digestA + " *x")
	if err != nil || !cmp.Equal(m, manifest("x", digestA, "y", digestB)) {
		t.Errorf("got %v, %v", m, err)
	}
	if m, err := sigs.ParseManifest(""); err != nil || len(m) != 0 {
		t.Errorf("empty: %v, %v", m, err)
	}
	if _, err := sigs.ParseManifest(digestA + "  x " + digestA + "  y"); err == nil {
		t.Error("two entries on one line are accepted")
	}
	if _, err := sigs.ParseManifest(strings.Repeat(digestA+"  x\n", 100_001)); err == nil || err.Error() != "line 100001: more than 100000 entries" {
		t.Errorf("too many: %v", err)
	}
}

func TestDigests(t *testing.T) {
	m := manifest("a", digestA, "b", digestA, "b", digestB)
	for path, want := range map[string]int{"a": 1, "b": 2, "c": 0, "": 0} {
		if got := m.Digests(path); len(got) != want {
			t.Errorf("Digests(%q) = %v, want %d", path, got, want)
		}
	}
}

func TestParseSums(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       sigs.Manifest
	}{
		{"plain", digestA + "  x\n" + digestB + "  y\n", manifest("x", digestA, "y", digestB)},
		{"binary", digestA + " *x\n", manifest("x", digestA)},
		{"CRLF", digestA + "  x\r\n" + digestB + "  y\r\n", manifest("x", digestA, "y", digestB)},
		{"two CRs", digestA + "  x\r\r\n" + digestB + "  y\r\r", manifest("x", digestA, "y", digestB)},
		{"no newline at the end", digestA + "  x", manifest("x", digestA)},
		{"prefix", digestA + "  dir/x\n" + digestA + "  ./y\n", manifest("dir/x", digestA, "y", digestA)},
		{"one name, two digests", digestB + "  x\n" + digestA + "  x\n", manifest("x", digestA, "x", digestB)},
		{"one name, two spellings, two digests", digestB + "  ./x\n" + digestA + "  x\n", manifest("x", digestA, "x", digestB)},
		{"the same twice", digestA + "  ./x\n" + digestA + "  x\n", manifest("x", digestA)},
	} {
		got, err := sigs.ParseSums([]byte(tt.file))
		if want := (sigs.Assertion{Format: sigs.SumsFormat, Out: tt.want}); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v\n%s", tt.name, err, cmp.Diff(want, got))
		}
	}
	for _, tt := range []struct{ name, file, want string }{
		{"empty", "", "the file is empty"},
		{"newlines", "\n\r\n", "the file is empty"},
		{"web page", "<html>", sigs.ErrHTML.Error()},
		{"clear-signed", "-----BEGIN PGP SIGNED MESSAGE-----\n", "line 1: sha256 digest has 0 digits, want 64"},
		{"CR inside", digestA + "  x\ry\n", `line 1: artifact name "x\ry" has control characters`},
		{"up", digestA + "  ../x\n", `line 1: artifact name "../x" leads out of its directory`},
		{"escaped name", "\\" + digestA + "  x\\ny\n", "line 1: sha256 digest has 0 digits, want 64"},
		{"not UTF-8", digestA + "  \xff\n", "not UTF-8 text"},
		{"garbage behind good lines", digestA + "  x\ngarbage\n", "line 2: sha256 digest has 0 digits, want 64"},
	} {
		got, err := sigs.ParseSums([]byte(tt.file))
		if err == nil || err.Error() != tt.want || !cmp.Equal(got, sigs.Assertion{}) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestNoiseIsBounded pins that what is set aside cannot fill the memory.
func TestNoiseIsBounded(t *testing.T) {
	file := "--- !!omap\n- out_manifest: |\n    " + digestA + "  x\n- in_manifest: |\n" + strings.Repeat("    y\n", 500_000) + "- base_manifests: !!omap\n  - a: |\n      " + strings.Repeat("é", 300) + "\n"
	a, err := sigs.ParseAssertion([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Noise) != 1001 || a.Noise[1000] != "in_manifest: and 499000 more lines" {
		t.Errorf("%d lines of noise, the last %q", len(a.Noise), a.Noise[len(a.Noise)-1])
	}
	if n := a.Bases[0].Noise; len(n) != 1 || len(n[0]) > 220 || !strings.HasSuffix(n[0], "é…") {
		t.Errorf("a long line: %q", n)
	}
}

// TestHostileIsCheap gives the parser the largest files of what has made other parsers slow.
func TestHostileIsCheap(t *testing.T) {
	fill := func(prefix, s string) []byte {
		return []byte((prefix + strings.Repeat(s, sigs.MaxAssertion/len(s)+1))[:sigs.MaxAssertion])
	}
	out := "--- !!omap\n- out_manifest: |\n    " + digestA + "  x\n"
	for _, data := range [][]byte{
		fill("", "#"), fill("", "# a\n\n"), fill("", "a\n"), fill("", " "), fill("", "- a\n"), fill("", "? a\n"), fill("", "- - "), fill("", "["), fill("", "{a: b,"), fill("[", "a,"), fill("", "&a "),
		fill("", "%TAG ! a\n"), fill("", "---\n"), fill("'", "a\n\n"), fill("\"", "\\n"), fill("a: |\n", "\n"), fill("a: >\n", " x\n"), fill("", "a:\n "), fill("", "!!omap\n- "), fill("--- !!omap\n", "- a: |\n    x\n"),
		fill("--- !!omap\n- a: '", "x\n\n "), fill(out+"- in_manifest: |\n", "    git: x\n"), fill(out+"- in_manifest: |\n    ", "git:"), fill(out+"- in_manifest: |\n    ", "git:"+commitA+" "), fill("--- !!omap\n- out_manifest: |\n    ", digestA+" "),
		fill("--- !!omap\n- out_manifest: |\n    ", digestA+"  "), fill("--- !!omap\n- out_manifest: ", "  "), fill("\r", "\r"), fill(digestA+"  x", "\r"),
	} {
		parsers := map[string]func([]byte) (sigs.Assertion, error){"ParseAssertion": sigs.ParseAssertion}
		if data[0] != '-' {
			parsers["ParseSums"] = sigs.ParseSums
		}
		for name, parse := range parsers {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			parse(data)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			limit := 10 * time.Second // real files take less than 5 ms; the machine may be busy
			if raceEnabled {
				limit *= 10
			}
			if alloc := after.TotalAlloc - before.TotalAlloc; took > limit || alloc > 100<<20 {
				t.Errorf("%s(%.40q…): %v, %d MB", name, data, took, alloc>>20)
			}
		}
	}
}

// write makes a file of an assertion, in the way gitian-builder writes it.
func write(a sigs.Assertion) []byte {
	var b strings.Builder
	lines := func(indent string, m sigs.Manifest) {
		for _, e := range m {
			fmt.Fprintf(&b, "%s%s  %s\\n\\\n", indent, e.Digest, quoteYAML(e.Path))
		}
	}
	b.WriteString("--- !!omap\n- out_manifest: \"\\\n")
	lines("    ", a.Out)
	b.WriteString("    \"\n- in_manifest: \"\\\n")
	lines("    ", a.In)
	for _, c := range a.Commits {
		fmt.Fprintf(&b, "    git:%s %s\\n\\\n", c.Hash, quoteYAML(c.Dir))
	}
	b.WriteString("    \"\n- base_manifests: !!omap")
	if len(a.Bases) == 0 {
		b.WriteString(" []")
	}
	b.WriteString("\n")
	for _, base := range a.Bases {
		fmt.Fprintf(&b, "  - \"%s\": \"\\\n", quoteYAML(base.Name))
		lines("      ", base.Entries)
		b.WriteString("      \"\n")
	}
	b.WriteString("- cache_common_manifest: \"\\\n")
	lines("    ", a.CacheCommon)
	b.WriteString("    \"\n- cache_package_manifest: \"\\\n")
	lines("    ", a.CachePackage)
	fmt.Fprintf(&b, "    \"\n- name: \"%s\"\n- type: \"%s\"\n", quoteYAML(a.Name), quoteYAML(a.Type))
	if a.Format == sigs.GitianFormat {
		fmt.Fprintf(&b, "- release: \"%s\"\n", quoteYAML(a.Release))
	}
	return []byte(b.String())
}

// quoteYAML escapes everything but letters and digits for a double-quoted scalar.
func quoteYAML(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\U%08X", r)
		}
	}
	return b.String()
}

func FuzzParseAssertion(f *testing.F) {
	f.Add([]byte(goodAssertion))
	for _, s := range []string{"--- !omap \n- out_manifest: ! '" + digestA + "  x\n\n    " + digestB + "  y\n\n'\n- base_manifests: !omap \n  - a: ! '" + digestA + "  a_1_all.deb'\n", "a: [b, {c: d}]", "<html>", "--- !!omap\n- out_manifest: \"" + digestA + "  x\"\n- in_manifest: git:" + commitA + " x\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := sigs.ParseAssertion(data)
		if err != nil {
			if !cmp.Equal(a, sigs.Assertion{}) {
				t.Fatalf("%+v together with %v", a, err)
			}
			return
		}
		checkManifest(t, a.Out)
		if len(a.Out) == 0 {
			t.Fatal("an assertion without output")
		}
		a.Noise = nil
		for i := range a.Bases {
			a.Bases[i].Noise = nil
		}
		again, err := sigs.ParseAssertion(write(a))
		if err != nil {
			t.Fatalf("written again: %v\n%s", err, write(a))
		}
		if diff := cmp.Diff(a, again); diff != "" {
			t.Fatalf("written again (-first +second):\n%s", diff)
		}
	})
}

// checkManifest holds for every manifest that decides.
func checkManifest(t *testing.T, m sigs.Manifest) {
	t.Helper()
	for i, e := range m {
		if e.Path == "" || strings.HasPrefix(e.Path, "/") || slices.Contains(strings.Split(e.Path, "/"), "..") || strings.ContainsAny(e.Path, "\x00\n\r\x1b") {
			t.Fatalf("entry %q", e.Path)
		}
		if i > 0 && (m[i-1].Path > e.Path || m[i-1] == e) {
			t.Fatalf("out of order: %q, %q", m[i-1].Path, e.Path)
		}
	}
	if data, err := json.Marshal(m); err != nil || !json.Valid(data) {
		t.Fatalf("no JSON: %v", err)
	}
}

func FuzzParseSums(f *testing.F) {
	f.Add([]byte(digestA + "  x\r\n" + digestB + " *./y\n"))
	f.Add([]byte(digestA + "  dir/x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := sigs.ParseSums(data)
		if err != nil {
			if !cmp.Equal(a, sigs.Assertion{}) {
				t.Fatalf("%+v together with %v", a, err)
			}
			return
		}
		checkManifest(t, a.Out)
		var file strings.Builder
		for _, e := range a.Out {
			fmt.Fprintf(&file, "%s  %s\n", e.Digest, e.Path)
		}
		again, err := sigs.ParseSums([]byte(file.String()))
		if err != nil || !cmp.Equal(a, again) || len(a.Out) == 0 {
			t.Fatalf("written again: %v\n%s", err, cmp.Diff(a, again))
		}
	})
}
