package verify

import "slices"

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

// findRates goes through the releases one by one. In most of them all manifests are the same list.
func (x *Index) findRates() map[uint32]rate {
	rates := map[uint32]rate{}
	byDirectory := map[uint32][]int{}
	for i, r := range x.records {
		if rates[r.signer].signed == nil {
			rates[r.signer] = rate{map[uint32]bool{}, map[uint32]bool{}}
		}
		rates[r.signer].signed[r.directory] = true
		byDirectory[r.directory] = append(byDirectory[r.directory], i)
	}
	for directory, records := range byDirectory {
		if slices.ContainsFunc(records, func(i int) bool { return x.records[i].out != x.records[records[0]].out }) {
			for signer := range x.oddIn(records) {
				rates[signer].odd[directory] = true
			}
		}
	}
	return rates
}

// oddIn returns the signers among a release's records who stand against a group at least twice as large in some artifact.
func (x *Index) oddIn(records []int) map[uint32]bool {
	groups := map[uint32]map[uint32]map[uint32]bool{} // path, digest: signers
	for _, i := range records {
		r := x.records[i]
		for _, f := range x.lists.at(r.out) {
			file := x.files.list[f]
			if groups[file.path] == nil {
				groups[file.path] = map[uint32]map[uint32]bool{}
			}
			if groups[file.path][file.digest] == nil {
				groups[file.path][file.digest] = map[uint32]bool{}
			}
			groups[file.path][file.digest][r.signer] = true
		}
	}
	odd := map[uint32]bool{}
	for _, byDigest := range groups {
		largest := 0
		for _, signers := range byDigest {
			largest = max(largest, len(signers))
		}
		for _, signers := range byDigest {
			if largest < 2*len(signers) {
				continue
			}
			for s := range signers {
				odd[s] = true
			}
		}
	}
	return odd
}
