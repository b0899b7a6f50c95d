package sigs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// flatten lists a document's nodes with kind, tag and text, the texts that were cut out in their places.
func flatten(d *document, n *yaml.Node, isKey bool) (out []string) {
	line := fmt.Sprintf("%d %s", n.Kind, n.Tag)
	if n.Kind == yaml.ScalarNode {
		value := n.Value
		if cut, ok := d.texts[n.Line]; ok && !isKey && strings.TrimSuffix(value, "\n") == placeholder {
			d.used++
			value = cut
		}
		line += " " + value
	}
	out = append(out, line)
	for i, c := range n.Content {
		out = append(out, flatten(d, c, n.Kind == yaml.MappingNode && i%2 == 0)...)
	}
	return out
}

// compareCut fails where the parser sees another document behind a cut than without.
func compareCut(t testing.TB, data []byte) (cuts int) {
	t.Helper()
	c := cut(data)
	if len(c.texts) == 0 {
		if string(c.skeleton) != string(data) {
			t.Fatalf("nothing was cut, but the skeleton differs:\n%.500q\n%.500q", data, c.skeleton)
		}
		return 0
	}
	d, err := readDocument(c)
	whole, wholeErr := readDocument(cutting{skeleton: data})
	if err != nil {
		return len(c.texts) // the plain parser decides
	}
	if wholeErr != nil {
		t.Fatalf("the plain parser says %v of a file that is accepted cut:\n%.1000q\n%.500q", wholeErr, data, c.skeleton)
	}
	if want, got := flatten(whole, whole.root, false), flatten(d, d.root, false); !slices.Equal(want, got) {
		t.Fatalf("the plain parser reads another document (-plain +cut):\n%.2000s\nfile: %.1000q\nskeleton: %.1000q", cmp.Diff(want, got), data, c.skeleton)
	}
	if d.used != len(c.texts) {
		t.Fatalf("%d of %d cuts found their places:\n%.1000q", d.used, len(c.texts), c.skeleton)
	}
	a, err := parseCutting(c)
	b, wholeErr := parseCutting(cutting{skeleton: data})
	if err == nil && (wholeErr != nil || !reflect.DeepEqual(a, b)) { // an error sends ParseAssertion to the plain parser
		t.Fatalf("cut: %v, plain: %v; %s", err, wholeErr, cmp.Diff(b, a))
	}
	return len(c.texts)
}

const (
	hashA = "00000000000000000000000000000000000000000000000000000000000000aa"
	hashB = "00000000000000000000000000000000000000000000000000000000000000bb"
)

// cutSeeds are files near the border of what is cut.
var cutSeeds = []string{
	"--- !!omap\n- out_manifest: |\n    " + hashA + "  a\n    " + hashB + "  b\n- in_manifest: |-\n    " + hashA + "  x-desc.yml\n    git:0123456789012345678901234567890123456789 x\n- base_manifests: !!omap\n  - bionic-amd64: |\n      " + hashA + "  a_1_all.deb\n- release: 1.0-linux\n- name: x\n- type: build\n- optionals: \n",
	"--- !omap \n- out_manifest: ! '" + hashA + "  a\n\n    " + hashB + "  b\n\n'\n- base_manifests: !omap \n  - lucid-i386: ! '" + hashA + "  a_1_all.deb\n\n      " + hashB + "  b_1_all.deb'\n- cache: ''\n- release: 1.0\n",
	"--- !omap\n- a: 'x\n\n  y'\n- b: |\n    z\n",
	"--- !omap\n- a: |\n    x\n   y\n- b: |\n    z\n",
	"--- !omap\n- a: |\n    x\n\n    y\n- b: |\n    z\n",
	"--- !omap\n- a: |\n    x\n    # no comment\n- b: |-\n    z\n# a comment\n",
	"--- !omap\n- a: plain\n  more: |\n    x\n- b: |\n    z\n",
	"--- !omap\n- a: plain\n    - b: |\n      z\n",
	"--- !omap\n- a: !omap\n- b: |\n    x\n",
	"--- !omap\n- a: !omap\n - b: |\n     x\n",
	"--- !omap\n- a: |\n    x\n--- !omap\n- b: |\n    y\n",
	"--- !omap\n- a: |\n    x\n...\n- b: |\n    y\n",
	"--- !omap\n- a: |\n   x\n  - b: |\n      y\n",
	"--- !omap\n- a: 'x\n\n--- y\n\n'\n- b: |\n    y\n",
	"--- !omap\n- a: 'x''\n\n  y'\n",
	"--- !omap\n- a: 'x\n\n  y''\n\n  z'\n",
	"--- !omap\n- x: |\n    x\n- y: 'x'\n- z: x\n",
	"--- !omap\n- on: |\n    x\n- null: |\n    y\n",
}

func TestCutSeeds(t *testing.T) {
	cuts := 0
	for _, s := range cutSeeds {
		cuts += compareCut(t, []byte(s))
	}
	if cuts != 13 {
		t.Errorf("%d texts were cut out of all seeds, want 13", cuts)
	}
}

// TestCutLeavesNothing pins that files written the usual ways are cut completely: that is all the speed.
func TestCutLeavesNothing(t *testing.T) {
	for _, s := range cutSeeds[:2] {
		if c := cut([]byte(s)); strings.Contains(string(c.skeleton), hashA) || strings.Contains(string(c.skeleton), hashB) {
			t.Errorf("a manifest was left in:\n%s", c.skeleton)
		}
	}
}

func FuzzBlockCut(f *testing.F) {
	for _, s := range cutSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer func() {
			if r := recover(); r != nil {
				t.Skip("yaml.v3 panicked; ParseAssertion catches it")
			}
		}()
		compareCut(t, data)
	})
}
