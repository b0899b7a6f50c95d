package verify

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// signerKind marks builds that attach signatures to what another build made: they compile nothing.
const signerKind = " signer"

// platformKind is equal for builds whose outputs depend on the same things: the operating system, and whether it only attaches
// signatures.
func platformKind(name string) string {
	kind := systemOf(name)
	if strings.Contains(name, "signer") {
		kind += signerKind
	}
	return kind
}

// activity is how likely an input of a name is the same wherever outputs are: near 0 for SDK archives, which nearly everybody
// has packed for himself, near 1 for files that end up in the outputs.
func (x *Index) activity(name, directory string) float64 {
	if x == nil {
		return 1
	}
	path, ok := x.texts.find(name)
	if !ok {
		return 1
	}
	same, differ := 0, 0
	for _, cluster := range x.clustersOf() {
		if x.texts.list[x.directories.list[x.records[cluster[0]].directory].path] == directory {
			continue
		}
		values := map[uint32]bool{}
		for _, i := range cluster {
			for _, f := range x.lists.at(x.records[i].in) {
				if x.files.list[f].path == path {
					values[x.files.list[f].digest] = true
				}
			}
		}
		switch {
		case len(values) > 1:
			differ++
		case len(values) == 1:
			same++
		}
	}
	return float64(same+1) / float64(same+differ+1)
}

// origin is where a file is an output.
type origin struct {
	directory, release, artifact, signer string
}

// originsOf finds which of some digests are outputs anywhere.
func (x *Index) originsOf(wanted []string) map[string][]origin {
	out := map[string][]origin{}
	if x == nil {
		return out
	}
	ids := map[uint32]string{}
	for _, w := range wanted {
		if d, err := sigs.ParseDigest(w); err == nil {
			if id, ok := x.digests.find(d); ok {
				ids[id] = w
			}
		}
	}
	if len(ids) == 0 {
		return out
	}
	for _, r := range x.records {
		for _, f := range x.lists.at(r.out) {
			file := x.files.list[f]
			if w, ok := ids[file.digest]; ok {
				d := x.directories.list[r.directory]
				out[w] = append(out[w], origin{x.texts.list[d.path], x.texts.list[d.release], x.texts.list[file.path], x.texts.list[r.signer]})
			}
		}
	}
	for w := range out {
		slices.SortFunc(out[w], func(a, b origin) int {
			if c := strings.Compare(a.directory, b.directory); c != 0 {
				return c
			}
			return strings.Compare(a.signer, b.signer)
		})
		out[w] = slices.Compact(out[w])
	}
	return out
}

// disagreed reports whether the signers of an output's directory ever gave out other files of that name, and whether they still do.
func (x *Index) disagreed(o origin) (ever, still bool) {
	digests, standing := map[uint32]bool{}, map[uint32]bool{}
	for _, r := range x.records {
		if x.texts.list[x.directories.list[r.directory].path] != o.directory {
			continue
		}
		for _, f := range x.lists.at(r.out) {
			if file := x.files.list[f]; x.texts.list[file.path] == o.artifact {
				digests[file.digest] = true
				standing[file.digest] = standing[file.digest] || r.until == 0
			}
		}
	}
	n := 0
	for _, stands := range standing {
		if stands {
			n++
		}
	}
	return len(digests) > 1, n > 1
}

// commitReleases names the releases, other than a directory's, that were built from a commit.
func (x *Index) commitReleases(dir, hash, directory string) []string {
	if x == nil {
		return nil
	}
	d, ok1 := x.texts.find(dir)
	h, ok2 := x.texts.find(hash)
	if !ok1 || !ok2 {
		return nil
	}
	releases := map[string]bool{}
	for _, r := range x.records {
		at := x.directories.list[r.directory]
		if x.texts.list[at.path] == directory {
			continue
		}
		for _, c := range x.lists.at(r.commits) {
			if x.commits.list[c] == (indexedCommit{d, h}) {
				releases[x.texts.list[at.release]] = true
			}
		}
	}
	return sortedNames(releases)
}

// sameOutputs returns the observations in other directories that give out exactly a manifest.
func (x *Index) sameOutputs(m sigs.Manifest, directory string) []record {
	if x == nil || len(m) == 0 {
		return nil
	}
	list := make([]uint32, len(m))
	for i, e := range m {
		path, ok1 := x.texts.find(e.Path)
		digest, ok2 := x.digests.find(e.Digest)
		file, ok3 := x.files.find(indexedFile{path, digest})
		if !ok1 || !ok2 || !ok3 {
			return nil
		}
		list[i] = file
	}
	id, ok := x.lists.ids[listKey(list)]
	if !ok {
		return nil
	}
	var out []record
	for _, r := range x.records {
		if r.out == id && x.texts.list[x.directories.list[r.directory].path] != directory {
			out = append(out, r)
		}
	}
	return out
}
