package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// derived is what queries worked out from the records.
type derived struct {
	timelines map[string]timeline
	clusters  [][]int         // records that agree: same release, same assertion, same outputs; two or more signers
	rates     map[uint32]rate // by signer
}

// with calls f with what was derived, worked out when first needed.
func (x *Index) with(f func(d *derived)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.derived == nil {
		x.number()
		x.texts.number()
		x.digests.number()
		x.files.number()
		x.packages.number()
		x.lists.number()
		x.derived = &derived{timelines: map[string]timeline{}}
	}
	f(x.derived)
}

// ready numbers everything, so that an index can be read concurrently.
func (x *Index) ready() { x.with(func(*derived) {}) }

func (x *Index) timeline(suite string) (t timeline) {
	if x == nil {
		return timeline{}
	}
	x.with(func(d *derived) {
		var ok bool
		if t, ok = d.timelines[suite]; !ok {
			t = x.timelineOf(suite)
			d.timelines[suite] = t
		}
	})
	return t
}

// date completes an observation by what the index knows of the same file: its commit, its times and its git id.
func (x *Index) date(o *Observation) {
	if x == nil || o.Own || !o.Time.IsZero() {
		return
	}
	x.ready()
	p, ok1 := x.texts.find(o.Path)
	s, ok2 := x.digests.find(o.Sum)
	if !ok1 || !ok2 {
		return
	}
	i, ok := x.known[recordKey{p, s}]
	if !ok {
		return
	}
	r := x.records[i]
	if r.time != 0 {
		o.Time = time.Unix(r.time, 0).UTC()
	}
	o.Commit, o.Blob = x.texts.list[r.commit], x.texts.list[r.blob]
}

// clustersOf returns the sets of records that agree on everything they give out, of two or more signers.
func (x *Index) clustersOf() (out [][]int) {
	x.with(func(d *derived) {
		if d.clusters == nil {
			d.clusters = x.findClusters()
		}
		out = d.clusters
	})
	return out
}

func (x *Index) findClusters() [][]int {
	type key struct{ directory, name, out uint32 }
	by := map[key][]int{}
	for i, r := range x.records {
		if x.texts.list[r.unparsed] == "" && len(x.lists.at(r.out)) > 0 {
			k := key{r.directory, r.kind, r.out}
			by[k] = append(by[k], i)
		}
	}
	out := [][]int{}
	for _, list := range by {
		slices.SortFunc(list, x.compareRecords)
		if slices.ContainsFunc(list, func(i int) bool { return x.records[i].signer != x.records[list[0]].signer }) {
			out = append(out, list)
		}
	}
	slices.SortFunc(out, func(a, b []int) int { return x.compareRecords(a[0], b[0]) })
	return out
}

// compareRecords orders records by path, then by digest: not by arrival.
func (x *Index) compareRecords(i, j int) int {
	a, b := x.records[i], x.records[j]
	s, t := x.digests.list[a.sum], x.digests.list[b.sum]
	return cmp.Or(strings.Compare(x.texts.list[a.path], x.texts.list[b.path]), slices.Compare(s[:], t[:]))
}
