package verify

import (
	"cmp"
	"slices"
)

// rate is in how many releases a signer has signed, and in how many of them he stood against a group twice as large.
type rate struct {
	signed, odd map[uint32]bool // directories
}

// oddRate is the share of other releases in which a signer stood against a group at least twice as large, and in how many he signed.
func (x *Index) oddRate(signer, directory string) (share float64, signed int) {
	if x == nil {
		return 0, 0
	}
	id, ok := x.texts.find(signer)
	if !ok {
		return 0, 0
	}
	var r rate
	x.with(func(d *derived) {
		if d.rates == nil {
			d.rates = x.findRates()
		}
		r = d.rates[id]
	})
	odd := 0
	for d := range r.signed {
		if x.texts.list[x.directories.list[d].path] == directory {
			continue
		}
		signed++
		if r.odd[d] {
			odd++
		}
	}
	if signed == 0 {
		return 0, 0
	}
	return float64(odd) / float64(signed), signed
}

// said is one line of an out_manifest: who gave an artifact which digest.
type said struct{ directory, path, digest, signer uint32 }

func (a said) compare(b said) int {
	return cmp.Or(cmp.Compare(a.directory, b.directory), cmp.Compare(a.path, b.path), cmp.Compare(a.digest, b.digest), cmp.Compare(a.signer, b.signer))
}

func (x *Index) findRates() map[uint32]rate {
	rates := map[uint32]rate{}
	manifest, mixed := map[uint32]uint32{}, map[uint32]bool{} // by directory; in most of them all manifests are the same list
	for _, r := range x.records {
		if out, ok := manifest[r.directory]; ok && out != r.out {
			mixed[r.directory] = true
		}
		manifest[r.directory] = r.out
	}
	var all []said
	for _, r := range x.records {
		if rates[r.signer].signed == nil {
			rates[r.signer] = rate{map[uint32]bool{}, map[uint32]bool{}}
		}
		rates[r.signer].signed[r.directory] = true
		if !mixed[r.directory] {
			continue
		}
		for _, f := range x.lists.at(r.out) {
			file := x.files.list[f]
			all = append(all, said{r.directory, file.path, file.digest, r.signer})
		}
	}
	slices.SortFunc(all, said.compare)
	all = slices.Compact(all)
	for len(all) > 0 {
		artifact := 1
		for artifact < len(all) && all[artifact].directory == all[0].directory && all[artifact].path == all[0].path {
			artifact++
		}
		oddOnes(all[:artifact], rates)
		all = all[artifact:]
	}
	return rates
}

// oddOnes notes who stands against a group at least twice as large; all is what was said of one artifact, in order of digest.
func oddOnes(all []said, rates map[uint32]rate) {
	var groups [][]said
	largest := 0
	for rest := all; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].digest == rest[0].digest {
			n++
		}
		groups = append(groups, rest[:n])
		largest = max(largest, n)
		rest = rest[n:]
	}
	for _, g := range groups {
		if largest < 2*len(g) {
			continue
		}
		for _, s := range g {
			rates[s.signer].odd[s.directory] = true
		}
	}
}
