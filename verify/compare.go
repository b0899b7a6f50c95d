package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// Comparison is what the statements of one version say, before any policy: groups per artifact.
type Comparison struct {
	Version    string
	Statements []*sigs.Statement // path order; the indexes below point here
	Platforms  []Platform        // in order of name
	Findings   []sigs.Finding

	homes []home // one per statement
}

// Platform is what a release is for: the statements of every release directory of the version for one platform (gitian and
// result layouts; nearly always one directory), or of one assertion name (guix).
type Platform struct {
	Name       string // "linux", "win-signed", "noncodesigned"; "" is shown as the project says (linux of old)
	Release    string // path of the directory; of the first one where several directories are for the same platform
	Statements []int
	Artifacts  []Artifact // path order
	Explaining []Shared   // input, base and cache manifests: who shares them
}

// Artifact is one file and the groups its signers form. In the guix layout the groups span the whole directory, whatever the
// assertion's name.
type Artifact struct {
	Path   string
	Groups []Group // most statements first, then digest
	Set    bool    // set aside: a leftover of another platform or version in a cumulative result directory
}

// Group is everyone who asserts one digest for one artifact.
type Group struct {
	Digest     sigs.Digest
	Statements []int // authentic
	Claims     []int // not verified
}

// Shared is one explaining manifest or commit and who holds it.
type Shared struct {
	Kind   string // "commit bitcoin", "descriptor", "input MacOSX10.11.sdk.tar.gz", "base trusty-amd64", "cache common", "cache package"
	Groups []SharedGroup
}

// SharedGroup is the statements, claims included, that hold the same value.
type SharedGroup struct {
	Value      string // the commit or digest; for manifests a digest over its lines
	Statements []int
}

// Compare groups the statements of one version. It knows no policy: whose voice counts is [Policy.Decide]'s business. The order
// of the statements does not matter, and neither does the same statement given twice.
func Compare(version string, statements []*sigs.Statement) Comparison {
	c := Comparison{Version: version, Statements: inPathOrder(statements)}
	c.homes = homesOf(c.Statements)
	scopes := map[subject]scope{}
	members := map[platformKey][]int{}
	for i := range c.Statements {
		key := c.homes[i].platformKey
		members[key] = append(members[key], i)
		if scopes[key.subject()] == nil {
			scopes[key.subject()] = scope{}
		}
		scopes[key.subject()].add(c, i)
	}
	for _, key := range sortedPlatforms(members) {
		indexes := members[key]
		c.Platforms = append(c.Platforms, Platform{
			Name:       key.name,
			Release:    releaseOf(c, indexes),
			Statements: indexes,
			Artifacts:  scopes[key.subject()].artifacts(c, key, indexes),
			Explaining: explaining(c, indexes),
		})
	}
	c.Findings = comparisonFindings(c)
	return c
}

// inPathOrder sorts a copy by path and leaves out nil and repeated statements.
func inPathOrder(statements []*sigs.Statement) []*sigs.Statement {
	out := make([]*sigs.Statement, 0, len(statements))
	seen := map[*sigs.Statement]bool{}
	for _, s := range statements {
		if s != nil && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b *sigs.Statement) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Directory.Path, b.Directory.Path))
	})
	return out
}

// platformKey names a platform. A guix assertion and a gitian directory of one name are two platforms.
type platformKey struct {
	name string
	guix bool
}

// subject is what groups are formed over: a platform, or for guix the whole version.
type subject platformKey

func (k platformKey) subject() subject {
	if k.guix {
		return subject{guix: true}
	}
	return subject(k)
}

func sortedPlatforms(members map[platformKey][]int) []platformKey {
	keys := make([]platformKey, 0, len(members))
	for key := range members {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b platformKey) int {
		if c := strings.Compare(a.name, b.name); c != 0 || a.guix == b.guix {
			return c
		}
		if a.guix {
			return 1
		}
		return -1
	})
	return keys
}

// releaseOf names the directory of a platform: the first one that carries the version in its name and in which its statements
// belong, else the first.
func releaseOf(c Comparison, indexes []int) string {
	for _, i := range indexes {
		if d := c.Statements[i].Directory; !d.Descriptor && !c.homes[i].moved {
			return d.Path
		}
	}
	return c.Statements[indexes[0]].Directory.Path
}

// scope collects who asserts what for one subject: path, then digest.
type scope map[string]map[sigs.Digest]*Group

// add enters every line of a statement's manifest. A statement that could not be parsed says nothing.
func (sc scope) add(c Comparison, i int) {
	s := c.Statements[i]
	if s.Unparsed != "" {
		return
	}
	for _, e := range s.Assertion.Out {
		groups := sc[e.Path]
		if groups == nil {
			groups = map[sigs.Digest]*Group{}
			sc[e.Path] = groups
		}
		g := groups[e.Digest]
		if g == nil {
			g = &Group{Digest: e.Digest}
			groups[e.Digest] = g
		}
		if s.Authentic() {
			g.Statements = appendNew(g.Statements, i)
		} else {
			g.Claims = appendNew(g.Claims, i)
		}
	}
}

// appendNew appends to a list in ascending order, once.
func appendNew(list []int, i int) []int {
	if n := len(list); n > 0 && list[n-1] == i {
		return list
	}
	return append(list, i)
}

// artifacts returns the artifacts that the given statements of a platform list, with the groups of the whole scope.
func (sc scope) artifacts(c Comparison, key platformKey, indexes []int) []Artifact {
	var paths []string
	if key.guix {
		paths = listedPaths(c, indexes)
	} else {
		for p := range sc {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	out := make([]Artifact, 0, len(paths))
	for _, p := range paths {
		a := Artifact{Path: p, Set: true}
		for _, g := range sc[p] {
			a.Groups = append(a.Groups, *g)
			for _, i := range slices.Concat(g.Statements, g.Claims) {
				a.Set = a.Set && isLeftover(c.Statements[i], p, c.Version)
			}
		}
		slices.SortFunc(a.Groups, func(x, y Group) int {
			return cmp.Or(cmp.Compare(len(y.Statements), len(x.Statements)), cmp.Compare(len(y.Claims), len(x.Claims)),
				slices.Compare(x.Digest[:], y.Digest[:]))
		})
		out = append(out, a)
	}
	return out
}

func listedPaths(c Comparison, indexes []int) []string {
	seen := map[string]bool{}
	var out []string
	for _, i := range indexes {
		s := c.Statements[i]
		if s.Unparsed != "" {
			continue
		}
		for _, e := range s.Assertion.Out {
			if !seen[e.Path] {
				seen[e.Path] = true
				out = append(out, e.Path)
			}
		}
	}
	return out
}
