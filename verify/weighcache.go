package verify

import (
	"fmt"
	"slices"
	"strings"
)

// weighCache weighs what was built before and kept. A cached dependency is named by a build id that stands for its whole recipe:
// the same id with other contents is a dependency that was built from something else.
func (w *pairing) weighCache() {
	if w.split.Class == SourceClass || isJunk(w.split.Artifacts[0]) {
		return // made before any dependency is
	}
	c := w.compareCaches()
	switch {
	case len(c.stale) > 0:
		w.weighStale(c)
	case len(c.single) > 0 && len(c.single) <= max(4, c.common*15/100):
		names := dependencies(c.single)
		w.candidates++
		w.add(Nondeterminism, "a dependency that is not built the same way twice", Evidence{Kind: CacheEvidence, Factor: names[0], Names: names, Weight: singleWeight,
			Text: fmt.Sprintf("of %d cached files of dependencies only those of %s have other contents", c.common, join(names))},
			Advice{Remedy: Rebuild, To: w.concerned(), Do: "delete the cache, rebuild and compare that dependency"})
	}
	if c.noisy > 0 && 2*c.noisy >= c.common {
		w.add(StaleCache, "stale dependency cache in "+w.called(w.b), Evidence{Kind: CacheEvidence, Factor: "cache", Weight: noisyWeight,
			Doubt: "those who agree have different contents too",
			Text:  fmt.Sprintf("%s the same build id but contents that nobody in %s has", plural(c.noisy, "cached file has", "cached files have"), w.called(w.a))}, w.cacheAdvice()...)
	}
	if len(w.apart(CommitEvidence)) == 0 {
		w.weighBuildIDs()
	}
	if len(c.onlyB) > 5 && len(c.onlyA) == 0 {
		names := dependencies(c.onlyB)
		w.add(StaleCache, "dependencies in "+w.called(w.b)+"'s cache that nobody else has", Evidence{Kind: CacheEvidence, Factor: names[0], Names: names,
			Weight: staleWeight / 50, Text: fmt.Sprintf("the cache holds %d built dependencies that nobody in %s has", len(c.onlyB), w.called(w.a))}, w.cacheAdvice()...)
	}
}

// caches are the cached dependencies of two groups, compared.
type caches struct {
	common       int      // files that all of both have
	stale        []string // of these: all of a agree, two signers or more, and b has other contents
	single       []string // the same where one build stands against one
	noisy        int      // the same where those of a differ among each other
	onlyA, onlyB []string // files that all of one group have and nobody of the other
}

func (w *pairing) compareCaches() caches {
	a, anyA := w.cached(w.inA)
	b, anyB := w.cached(w.inB)
	var c caches
	for _, k := range a {
		if !slices.Contains(b, k) {
			if !anyB[k] && isBuilt(k.name) {
				c.onlyA = append(c.onlyA, k.name)
			}
			continue
		}
		c.common++
		va, _ := w.valuesIn(w.inA, k)
		vb, _ := w.valuesIn(w.inB, k)
		switch {
		case overlap(va, vb) || len(w.linked(w.groups, k, va, vb)) > 0:
		case len(va) == 1 && len(w.signers(w.inA)) >= 2:
			c.stale = append(c.stale, k.name)
		case len(w.inA) == 1 && len(w.inB) == 1:
			c.single = append(c.single, k.name)
		case len(va) > 1:
			c.noisy++
		}
	}
	for _, k := range b {
		if !anyA[k] && isBuilt(k.name) {
			c.onlyB = append(c.onlyB, k.name)
		}
	}
	return c
}

// cached returns the cached dependencies that all members with a cache have, in order, and those that any has.
func (p *panel) cached(members []int) (all []factor, any map[factor]bool) {
	count := map[factor]int{}
	n := 0
	for _, i := range members {
		if !p.facts[i].cache {
			continue
		}
		n++
		for k := range p.facts[i].values {
			if k.kind == CacheEvidence {
				count[k]++
			}
		}
	}
	any = make(map[factor]bool, len(count))
	for k, c := range count {
		any[k] = true
		if c == n {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, compareFactors)
	return all, any
}

// isBuilt leaves out the files that only hold a dependency's hash.
func isBuilt(name string) bool { return !strings.HasSuffix(name, ".hash") }

// dependencies names each dependency once, in order.
func dependencies(files []string) []string {
	set := map[string]bool{}
	for _, f := range files {
		set[dependency(f)] = true
	}
	return sortedNames(set)
}

// weighStale weighs dependencies with equal build ids and other contents. Where packages tell the groups apart the contents follow
// from them.
func (w *pairing) weighStale(c caches) {
	weight := float64(staleWeight)
	doubt := ""
	switch {
	case w.drift >= strongDrift:
		weight *= explained
		doubt = "the other packages may have built them otherwise"
	case w.polluted:
		weight *= max(explained, float64(len(c.stale))/float64(c.common))
		doubt = "the extra packages may have built them otherwise"
	}
	built := slices.DeleteFunc(slices.Clone(c.stale), func(n string) bool { return !isBuilt(n) })
	if len(built) == 0 {
		built = c.stale
	}
	names := dependencies(built)
	w.candidates++
	w.add(StaleCache, "stale dependency cache in "+w.called(w.b), Evidence{Kind: CacheEvidence, Factor: names[0], Names: names, Weight: weight, Doubt: doubt,
		Text: fmt.Sprintf("%s the same build id but other contents; all of %s share one digest for each",
			plural(len(built), "cached dependency has", "cached dependencies have"), w.called(w.a))}, w.cacheAdvice()...)
}

func (w *pairing) cacheAdvice() []Advice {
	return []Advice{{Remedy: Rebuild, To: w.signers(w.inB), Do: "delete the cache and rebuild; nobody needs other packages"}}
}

// weighBuildIDs weighs build ids that changed though the recipes did not: the id covers the versions of the tools.
func (w *pairing) weighBuildIDs() {
	changed := w.changedIDs()
	if len(changed) == 0 {
		return
	}
	e := Evidence{Kind: BuildIDEvidence, Factor: changed[0], Names: changed, Weight: buildIDWeight,
		Text: fmt.Sprintf("the build ids of %s changed though the recipes did not: they cover the tools' versions", plural(len(changed), "cached dependency", "cached dependencies"))}
	if w.drift > 0 {
		w.add(PackageDrift, "", e)
		return
	}
	w.candidates++
	w.add(Toolchain, "other tools in "+w.called(w.b)+" than its package list says", e,
		Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "make a fresh base, delete the cache and rebuild"})
}

// changedIDs names the dependencies that all of both groups have, with no build id in common.
func (w *pairing) changedIDs() []string {
	a, b := w.idsOf(w.inA), w.idsOf(w.inB)
	set := map[string]bool{}
	for name, ids := range a {
		if other, ok := b[name]; ok && !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(other, id) }) {
			set[dependency(name)] = true
		}
	}
	return sortedNames(set)
}

// idsOf returns all build ids of the dependencies that every member with a cache has.
func (p *panel) idsOf(members []int) buildIDs {
	out := buildIDs{}
	count, n := map[string]int{}, 0
	for _, i := range members {
		if !p.facts[i].cache {
			continue
		}
		n++
		for name, ids := range p.facts[i].ids {
			count[name]++
			out[name] = append(out[name], ids...)
		}
	}
	for name := range out {
		if count[name] < n {
			delete(out, name)
		}
	}
	return out
}
