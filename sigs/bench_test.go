package sigs_test

import (
	"testing"

	"github.com/gverify/gverify/sigs"
)

// BenchmarkParseAssertion parses an even sample of real files from memory.
func BenchmarkParseAssertion(b *testing.B) {
	g := openCorpus(b, "bitcoin-gitian.git")
	files := g.files(isAssertion)
	var sampled [][]byte
	size := 0
	for i := 0; i < len(files); i += 20 {
		data, err := g.ReadFile(files[i])
		if err != nil {
			b.Fatal(err)
		}
		sampled = append(sampled, data)
		size += len(data)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		refused := 0
		for _, data := range sampled {
			if _, err := sigs.ParseAssertion(data); err != nil {
				refused++
			}
		}
		if refused > 1 { // a web page may be among them
			b.Fatalf("%d of %d files are refused", refused, len(sampled))
		}
	}
}

// BenchmarkList lists the names of the largest repository.
func BenchmarkList(b *testing.B) {
	g := openCorpus(b, "bitcoin-gitian.git")
	b.ReportAllocs()
	for b.Loop() {
		if l, err := sigs.List(g); err != nil || len(l.Directories) != 758 {
			b.Fatalf("%d directories, %v", len(l.Directories), err)
		}
	}
}
