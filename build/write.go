package build

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// resultKeys are the keys of a res.yml in their order, assertionKeys those that gsign adds.
var (
	resultKeys    = []string{"out_manifest", "in_manifest", "base_manifests", "cache_common_manifest", "cache_package_manifest"}
	assertionKeys = []string{"release", "name", "type", "optionals"}
)

// ResultFile is the name gbuild gives the result of a descriptor.
func ResultFile(name string) string { return name + "-res.yml" }

// AssertionFile is the name gsign gives the assertion of a descriptor.
func AssertionFile(name string) string { return name + "-build.assert" }

// WriteResult writes a res.yml byte for byte as bin/gbuild does under Ruby 3.1. It is an error if the result could not be read
// back as it is: nothing came out, a name that no manifest may hold, two bases of one name.
func WriteResult(w io.Writer, r Result) error {
	m, err := r.omap()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, psych(m))
	return err
}

// WriteAssertion writes the assertion of a release byte for byte as bin/gsign does of the same result's res.yml. Errors are
// those of [WriteResult].
func WriteAssertion(w io.Writer, r Result, release string) error {
	m, err := r.omap()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, psych(m.assert(release, r.Name)))
	return err
}

// Assert turns the bytes of a res.yml into those of the assertion that bin/gsign would write of it. The texts stay as they are,
// whatever wrote them. It is an error if the file is no res.yml, holds keys that none has, or is an assertion already.
func Assert(resYML []byte, release, name string) ([]byte, error) {
	for what, s := range map[string]string{"release": release, "name": name} {
		if err := checkName(s); err != nil {
			return nil, fmt.Errorf("%s %q: %w", what, s, err)
		}
	}
	if _, err := sigs.ParseAssertion(resYML); err != nil {
		return nil, err
	}
	fields, err := sigs.ReadFields(resYML)
	if err != nil {
		return nil, err
	}
	if err := checkResultKeys(fields); err != nil {
		return nil, err
	}
	return []byte(psych(toOmap(fields).assert(release, name))), nil
}

// checkResultKeys refuses what is no res.yml: keys in another order, or others.
func checkResultKeys(fields []sigs.Field) error {
	for i, f := range fields {
		switch {
		case i < len(resultKeys) && f.Key == resultKeys[i]:
		case f.Key == "release":
			return errors.New("it names a release already: it is an assertion, not a build's res.yml")
		default:
			return fmt.Errorf("key %q where a res.yml has %s", f.Key, strings.Join(resultKeys, ", "))
		}
	}
	if len(fields) < len(resultKeys)-2 { // builders before 2014 wrote no caches
		return fmt.Errorf("%d keys where a res.yml has %s", len(fields), strings.Join(resultKeys, ", "))
	}
	return nil
}

func toOmap(fields []sigs.Field) omap {
	var m omap
	for _, f := range fields {
		p := pair{key: f.Key, text: f.Text, null: f.Null && !f.List}
		if f.List {
			inner := toOmap(f.Fields)
			p.inner = &inner
		}
		m = append(m, p)
	}
	return m
}

// assert adds what gsign adds.
func (m omap) assert(release, name string) omap {
	texts := []string{release, name, "build"}
	for i, key := range assertionKeys {
		p := pair{key: key, null: i >= len(texts)} // optionals: gsign's "or []" binds weaker than its assignment
		if !p.null {
			p.text = texts[i]
		}
		m = append(m, p)
	}
	return m
}

// omap is the result as gbuild arranges it.
func (r Result) omap() (omap, error) {
	if len(r.Out) == 0 {
		return nil, errors.New("the build left nothing in out/")
	}
	bases := omap{}
	for _, b := range r.Base {
		if err := checkName(b.Name); err != nil {
			return nil, fmt.Errorf("base %q: %w", b.Name, err)
		}
		for _, other := range bases {
			if other.key == b.Name {
				return nil, fmt.Errorf("two bases are called %q", b.Name)
			}
		}
		bases = append(bases, pair{key: b.Name, text: lines(sorted(b.Entries))})
	}
	m := omap{
		{key: resultKeys[0], text: lines(sorted(r.Out))},
		{key: resultKeys[1], text: r.In.text()},
		{key: resultKeys[2], inner: &bases},
		{key: resultKeys[3], text: lines(sorted(r.Cache.Common))},
		{key: resultKeys[4], text: lines(sorted(r.Cache.Package))},
	}
	for _, manifest := range []sigs.Manifest{r.Out, r.In.Files, r.Cache.Common, r.Cache.Package} {
		for _, e := range manifest {
			if err := checkArtifact(e.Path); err != nil {
				return nil, err
			}
		}
	}
	if err := checkName(r.Name); err != nil {
		return nil, fmt.Errorf("name %q: %w", r.Name, err)
	}
	return m, nil
}

// sorted is a manifest in C byte order of path, as gbuild's and sort's.
func sorted(m sigs.Manifest) []sigs.Entry {
	return slices.SortedStableFunc(slices.Values(m), func(a, b sigs.Entry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
}

// lines is a manifest as sha256sum writes it.
func lines(m []sigs.Entry) string {
	var b strings.Builder
	for _, e := range m {
		b.WriteString(e.Digest.String())
		b.WriteString("  ")
		b.WriteString(e.Path)
		b.WriteByte('\n')
	}
	return b.String()
}

// text is in_manifest: commits have no newline, so two of them stand glued. Readers split them.
func (in In) text() string {
	var b strings.Builder
	b.WriteString(lines(in.Files))
	for _, c := range in.Commits {
		fmt.Fprintf(&b, "git:%s %s", c.Hash, c.Dir)
	}
	return b.String()
}
