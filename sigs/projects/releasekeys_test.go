package projects_test

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

// A release key is known by its whole fingerprint; where the key is not at hand, by what the signature names.
func TestReleaseKeyOf(t *testing.T) {
	bitcoin := find(t, load(t, ""), "bitcoin")
	const releases = "01EA5486DE18A882D4C2684590C8019E36C2E964"
	for _, c := range []struct {
		s    sigs.Signature
		want bool
	}{
		{sigs.Signature{Status: sigs.Good, Primary: releases}, true},
		{sigs.Signature{Status: sigs.Good, Primary: "F" + releases[1:]}, false},
		{sigs.Signature{Status: sigs.Good, Primary: "F" + releases[1:], KeyID: releases[24:], Fingerprint: releases}, false},
		{sigs.Signature{Status: sigs.Bad, Primary: releases}, false},
		{sigs.Signature{Status: sigs.UnknownKey, KeyID: releases[24:]}, true},
		{sigs.Signature{Status: sigs.UnknownKey, KeyID: releases[24:], Fingerprint: releases}, true},
		{sigs.Signature{Status: sigs.UnknownKey, KeyID: releases[24:], Fingerprint: "F" + releases[1:]}, false},
		{sigs.Signature{Status: sigs.UnknownKey}, false},
		{sigs.Signature{}, false},
	} {
		if k, ok := bitcoin.ReleaseKeyOf(c.s); ok != c.want || ok != (k.Name != "") {
			t.Errorf("ReleaseKeyOf(%+v) = %+v, %t, want %t", c.s, k, ok, c.want)
		}
	}
}

func TestReleaseKeysRefused(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"{name: x, fingerprint: '0x0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567'}", ""},
		{"{fingerprint: " + one + "}", "no name"},
		{"{name: x}", "no fingerprint"},
		{"{name: x, fingerprint: 89ABCDEF01234567}", "no fingerprint"},
		{"{name: x, fingerprint: " + one + "}, {name: y, fingerprint: " + one + "}", "stands twice"},
		{"{name: x, fingerprints: [" + one + "]}", "field fingerprints not found"},
	} {
		_, err := projects.Load([]byte("projects: {x: {repositories: [{url: a}], release_keys: [" + c.keys + "]}}"))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("release_keys %s: error %v, want %q", c.keys, err, c.want)
		}
	}
}

// A release key is nobody's vote: no preset pins one.
func TestReleaseKeysAreNotPinned(t *testing.T) {
	s := load(t, "")
	for _, name := range s.Names() {
		p := find(t, s, name)
		for _, k := range p.ReleaseKeys {
			if pin, ok := holder(p, k.Fingerprint); ok {
				t.Errorf("%s: the release key %s is pinned as %s", name, k.Fingerprint, pin.Name)
			}
		}
	}
}
