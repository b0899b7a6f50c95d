package verify

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gverify/gverify/sigs"
)

// Index is what a repository's whole history says, replaced and removed assertions included: which package versions were seen
// when and by whom, inputs and outputs by digest, who signed again. It is compact: every value is stored once. The zero Index is
// empty and ready to use. It gives the same answers whatever the order in which observations were added, and is safe for
// concurrent reading once nothing is added any more.
type Index struct {
	texts       table[string] // paths, signers, names, versions …
	digests     table[sigs.Digest]
	directories table[indexedDirectory]
	files       table[indexedFile] // a name with a digest; commits of sources are kept likewise, as texts
	commits     table[indexedCommit]
	packages    table[indexedPackage]
	lists       lists // of files, commits or packages
	records     []record
	known       map[recordKey]int // position in records

	mu      sync.Mutex // of derived
	derived *derived   // what queries worked out, nil after a change
}

type indexedDirectory struct {
	path, release, version, platform, layout uint32 // texts
	descriptor                               bool
}

type indexedFile struct{ path, digest uint32 }

type indexedCommit struct{ dir, hash uint32 } // texts

// indexedPackage is one version of a package in one suite. A foreign package is called name:arch.
type indexedPackage struct{ suite, name, version, digest uint32 }

// record is one observation.
type record struct {
	directory          uint32
	path, signer, name uint32 // texts
	label, kind        uint32 // texts: what release: and name: say
	unparsed           uint32 // text
	blob, commit       uint32 // texts
	sum                uint32 // digest
	out, in            uint32 // lists of files
	commits            uint32 // list of commits
	bases              uint32 // list of lists of packages, one per suite, each ascending
	time, until        int64  // Unix seconds; 0: none
}

// recordKey tells observations apart: a file's content at a place. Content that comes back later is the same observation.
type recordKey struct{ path, sum uint32 }

// Add enters an observation. One that is there already (same path, same bytes) takes the earlier time, and is not replaced if
// one of the two is not.
func (x *Index) Add(o Observation) {
	x.derived = nil
	r := x.record(o)
	x.number()
	key := recordKey{r.path, r.sum}
	i, ok := x.known[key]
	if !ok {
		x.known[key] = len(x.records)
		x.records = append(x.records, r)
		return
	}
	was := &x.records[i]
	if r.time != 0 && (was.time == 0 || r.time < was.time) {
		was.time, was.commit = r.time, r.commit
	}
	if was.until != 0 {
		if r.until == 0 {
			was.until = 0
		} else {
			was.until = max(was.until, r.until)
		}
	}
}

// Replace notes that the assertion with these bytes at a path was replaced or removed at a time: what an index that is extended by
// newer commits needs. It is no error if it is not there. Add it again if its content comes back later.
func (x *Index) Replace(path string, sum sigs.Digest, at time.Time) {
	p, ok1 := x.texts.find(path)
	d, ok2 := x.digests.find(sum)
	if !ok1 || !ok2 {
		return
	}
	x.number()
	if i, ok := x.known[recordKey{p, d}]; ok {
		x.derived = nil
		x.records[i].until = max(x.records[i].until, at.Unix())
	}
}

// Len returns how many observations there are.
func (x *Index) Len() int {
	if x == nil {
		return 0
	}
	return len(x.records)
}

func (x *Index) number() {
	if x.known == nil {
		x.known = make(map[recordKey]int, len(x.records))
		for i, r := range x.records {
			x.known[recordKey{r.path, r.sum}] = i
		}
	}
}

// record turns an observation into numbers.
func (x *Index) record(o Observation) record {
	text, a := x.text, o.Assertion
	r := record{
		directory: x.directories.id(indexedDirectory{text(o.Directory.Path), text(o.Directory.Release), text(o.Directory.Version),
			text(o.Directory.Platform), text(string(o.Directory.Layout)), o.Directory.Descriptor}),
		path: text(o.Path), signer: text(o.Signer), name: text(o.Name), label: text(a.Release), kind: text(a.Name),
		unparsed: text(o.Unparsed), blob: text(o.Blob), commit: text(o.Commit), sum: x.digests.id(o.Sum),
		out: x.fileList(a.Out), in: x.fileList(a.In),
	}
	var commits, bases []uint32
	for _, c := range a.Commits {
		commits = append(commits, x.commits.id(indexedCommit{text(c.Dir), text(c.Hash)}))
	}
	for _, b := range a.Bases {
		suite := text(b.Name)
		var packages []uint32
		for _, p := range effective(b) {
			packages = append(packages, x.packages.id(indexedPackage{suite, text(p.key), text(p.version), x.digests.id(p.digest)}))
		}
		slices.Sort(packages)
		bases = append(bases, x.lists.id(packages))
	}
	r.commits, r.bases = x.lists.id(commits), x.lists.id(bases)
	if !o.Time.IsZero() {
		r.time = o.Time.Unix()
	}
	if !o.Until.IsZero() {
		r.until = o.Until.Unix()
	}
	return r
}

func (x *Index) fileList(m sigs.Manifest) uint32 {
	list := make([]uint32, len(m))
	for i, e := range m {
		list[i] = x.files.id(indexedFile{x.text(e.Path), x.digests.id(e.Digest)})
	}
	return x.lists.id(list)
}

// text numbers a text. A new one is copied: it may be a part of a whole file.
func (x *Index) text(s string) uint32 {
	if id, ok := x.texts.find(s); ok {
		return id
	}
	return x.texts.id(strings.Clone(s))
}
