package verify

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

func (x *Index) findRates() map[uint32]rate {
	type artifact struct{ directory, path uint32 }
	groups := map[artifact]map[uint32]map[uint32]bool{} // digest: signers
	rates := map[uint32]rate{}
	for _, r := range x.records {
		if rates[r.signer].signed == nil {
			rates[r.signer] = rate{map[uint32]bool{}, map[uint32]bool{}}
		}
		rates[r.signer].signed[r.directory] = true
		for _, f := range x.lists.at(r.out) {
			file := x.files.list[f]
			k := artifact{r.directory, file.path}
			if groups[k] == nil {
				groups[k] = map[uint32]map[uint32]bool{}
			}
			if groups[k][file.digest] == nil {
				groups[k][file.digest] = map[uint32]bool{}
			}
			groups[k][file.digest][r.signer] = true
		}
	}
	for k, byDigest := range groups {
		largest := 0
		for _, signers := range byDigest {
			largest = max(largest, len(signers))
		}
		for _, signers := range byDigest {
			if largest < 2*len(signers) {
				continue
			}
			for s := range signers {
				rates[s].odd[k.directory] = true
			}
		}
	}
	return rates
}
