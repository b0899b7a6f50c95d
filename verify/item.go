package verify

import (
	"fmt"
	"slices"

	"github.com/gverify/gverify/sigs"
)

// Item is one file of a check: held by the user, on the release's own list of digests, or both.
type Item struct {
	Name     string       // as [File.Name]
	Attested string       // as [File.Attested]
	Held     *sigs.Digest // of the bytes the user has; nil: he has none
	Listed   *sigs.Digest // by the release's own list; nil: not on it
}

// ItemVerdict is the verdict on an item: on the bytes the user holds, else on those that are listed.
type ItemVerdict struct {
	FileVerdict
	Item
	Counts bool // for the outcome of the check, see [SumItems]
}

// Item answers for one item. A held file that is not the listed one is disputed, whoever made it: the list and the file cannot both
// be right. An item with neither digest is nobody's.
func (v Verdict) Item(i Item) ItemVerdict {
	digest := i.Held
	if digest == nil {
		digest = i.Listed
	}
	if digest == nil {
		return ItemVerdict{Item: i}
	}
	out := ItemVerdict{Item: i, FileVerdict: v.File(File{Name: i.Name, Attested: i.Attested, Digest: *digest})}
	if out.Differs() {
		out.Outcome, out.Grounds = Disputed, "these are not the bytes on the list; "+out.Grounds
	}
	return out
}

// Differs reports whether the user holds other bytes than are listed.
func (i Item) Differs() bool { return i.Held != nil && i.Listed != nil && *i.Held != *i.Listed }

// SumItems is the outcome of a check: the worst of the items that count. Where the user holds some of the files they count, and of the
// others those only that are contradicted: a list that contradicts the builders is not to be trusted for the rest. Where he holds
// none, all count. No items are no outcome. It marks the items that count.
func SumItems(items []ItemVerdict) (o Outcome, grounds string, own Own) {
	holds := slices.ContainsFunc(items, func(i ItemVerdict) bool { return i.Held != nil })
	var counted []ItemVerdict
	for n := range items {
		i := &items[n]
		if i.Counts = !holds || i.Held != nil || i.Standing == Contradicted && i.Outcome == Disputed; i.Counts {
			counted = append(counted, *i)
			own = own.and(i.Own)
		}
	}
	if len(counted) == 0 {
		return Undecided, "there is nothing to check", NotRun
	}
	o = Agreed
	for _, i := range counted {
		o = worse(o, i.Outcome)
	}
	return o, itemsGrounds(o, counted), own
}

// itemsGrounds says why the items that count give their outcome.
func itemsGrounds(o Outcome, items []ItemVerdict) string {
	var wanting []ItemVerdict
	var counts []int
	for _, i := range items {
		if i.Outcome == o {
			wanting = append(wanting, i)
			counts = append(counts, len(i.Same.Voters))
		}
	}
	switch {
	case len(wanting) == 0:
		return "undecided"
	case len(items) == 1:
		return wanting[0].Grounds
	case o == Agreed:
		return fmt.Sprintf("%s voting signers made the same bytes, of each of %d files", span(counts), len(wanting))
	}
	first := wanting[0]
	word := map[Outcome]string{Disputed: "disputed or contradicted", Insufficient: "not attested by enough", Undecided: "undecided"}[o]
	return fmt.Sprintf("%s %s: of %s, %s", partOf(len(wanting), len(items), "is", "are"), word, first.Name, first.Grounds)
}

// Refuted reports whether the signatures over a list of digests speak against it: one of them is bad or no signature at all, and
// none is authentic by a key that is pinned or that the user gave, or the policy refuses bad ones. A list that nobody signed, or
// somebody unknown, is not refuted: then the builders alone speak.
func (p Policy) Refuted(signatures []sigs.Signature) bool {
	spoiled := slices.ContainsFunc(signatures, func(s sigs.Signature) bool { return s.Status == sigs.Bad || s.Status == sigs.Malformed })
	vouched := slices.ContainsFunc(signatures, func(s sigs.Signature) bool { return s.Authentic() && (s.Given || p.PinOf(s) != "") })
	return spoiled && (!vouched || p.BadSignature == RefuseBadSignature)
}

// PinOf returns the name under which the policy pins a signature's key, empty where it does not. The pin says whose key it is,
// nothing more: a signature over a list of digests is no build.
func (p Policy) PinOf(s sigs.Signature) string {
	if !s.Valid() {
		return ""
	}
	for _, pin := range p.Pins {
		if slices.Contains(pin.Fingerprints, s.Primary) {
			return pin.Name
		}
	}
	return ""
}
