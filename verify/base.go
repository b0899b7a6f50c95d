package verify

import (
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify/deb"
)

// installed is the version of a package that a build environment had.
type installed struct {
	key     string // name, or name:arch where the architecture is not the environment's own
	version string
	digest  sigs.Digest
}

// effective returns the packages of an environment, one version each: a base manifest is apt's archive directory, in which
// superseded versions linger, so the highest in dpkg's order counts. The order is the manifest's.
func effective(b sigs.Base) []installed {
	native := b.Name[strings.LastIndexByte(b.Name, '-')+1:]
	out := make([]installed, 0, len(b.Entries))
	start, name := 0, "" // of the run of one name: the manifest is sorted, so all its versions stand together
	for _, e := range b.Entries {
		f, ok := deb.ParseFile(e.Path)
		if !ok {
			continue
		}
		if f.Name != name {
			start, name = len(out), f.Name
		}
		key := f.Name
		if f.Arch != native && f.Arch != "all" {
			key += ":" + f.Arch
		}
		out = keepHighest(out, start, installed{key, f.Version, e.Digest})
	}
	return out
}

// keepHighest appends a package, unless the run from start has it: then the higher version stays.
func keepHighest(out []installed, start int, p installed) []installed {
	for i := start; i < len(out); i++ {
		if out[i].key != p.key {
			continue
		}
		if deb.Compare(p.version, out[i].version) > 0 {
			out[i] = p
		}
		return out
	}
	return append(out, p)
}
