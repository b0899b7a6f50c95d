package verify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// explaining groups statements by each explaining value they record: commits, the descriptor, input files, environments, caches.
// Claims are included, since what they say is evidence. The kinds come in that order.
func explaining(c Comparison, indexes []int) []Shared {
	e := explainer{}
	for _, i := range indexes {
		if s := c.Statements[i]; s.Unparsed == "" {
			e.add(i, s.Assertion)
		}
	}
	return e.shared()
}

// kind is what a value is about: its class sets the order, its name the words.
type kind struct {
	class int
	name  string
}

const (
	commitClass = iota
	descriptorClass
	inputClass
	baseClass
	cacheClass
)

type explainer map[kind]map[string][]int

func (e explainer) add(i int, a sigs.Assertion) {
	for _, c := range a.Commits {
		e.put(kind{commitClass, "commit " + c.Dir}, c.Hash, i)
	}
	for _, entry := range a.In {
		k := kind{inputClass, "input " + entry.Path}
		if isDescriptor(entry.Path) {
			k = kind{descriptorClass, "descriptor"}
		}
		e.put(k, entry.Digest.String(), i)
	}
	for _, b := range a.Bases {
		e.put(kind{baseClass, "base " + b.Name}, digestOf(b.Entries), i)
	}
	if len(a.CacheCommon) > 0 {
		e.put(kind{cacheClass, "cache common"}, digestOf(a.CacheCommon), i)
	}
	if len(a.CachePackage) > 0 {
		e.put(kind{cacheClass, "cache package"}, digestOf(a.CachePackage), i)
	}
}

func (e explainer) put(k kind, value string, i int) {
	values := e[k]
	if values == nil {
		values = map[string][]int{}
		e[k] = values
	}
	values[value] = appendNew(values[value], i)
}

func (e explainer) shared() []Shared {
	kinds := make([]kind, 0, len(e))
	for k := range e {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.class, b.class), strings.Compare(a.name, b.name))
	})
	out := make([]Shared, 0, len(kinds))
	for _, k := range kinds {
		s := Shared{Kind: k.name}
		for value, indexes := range e[k] {
			s.Groups = append(s.Groups, SharedGroup{Value: value, Statements: indexes})
		}
		slices.SortFunc(s.Groups, func(a, b SharedGroup) int {
			return cmp.Or(cmp.Compare(len(b.Statements), len(a.Statements)), strings.Compare(a.Value, b.Value))
		})
		out = append(out, s)
	}
	return out
}

// isDescriptor reports whether an input is the recipe itself; gitian-builder and the docker-based builder both name it so.
func isDescriptor(name string) bool { return strings.HasSuffix(path.Base(name), "-desc.yml") }

// digestOf is one value for a whole manifest: the SHA-256 of its lines as sha256sum writes them.
func digestOf(m sigs.Manifest) string {
	h := sha256.New()
	line := make([]byte, 0, 256)
	for _, e := range m {
		line = hex.AppendEncode(line[:0], e.Digest[:])
		line = append(line, "  "...)
		line = append(line, e.Path...)
		line = append(line, '\n')
		h.Write(line)
	}
	return hex.EncodeToString(h.Sum(nil))
}
