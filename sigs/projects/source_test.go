package projects_test

import (
	"testing"

	"github.com/gverify/gverify/sigs/projects"
)

func TestOwner(t *testing.T) {
	s := load(t, "")
	for address, want := range map[string]string{
		"https://github.com/bitcoin/bitcoin.git":                       "bitcoin",
		"git@github.com:Bitcoin/bitcoin":                               "bitcoin",
		"ssh://git@github.com/bitcoin/bitcoin/":                        "bitcoin",
		"https://github.com/bitcoin-core/bitcoin-detached-sigs.git":    "bitcoin",
		"https://github.com/LIMXTEC/bitcore.git":                       "bitcore",
		"https://github.com/bitcoin/bitcoin2":                          "",
		"https://github.com.example.org/bitcoin/bitcoin":               "",
		"https://example.org/x?https://github.com/bitcoin/bitcoin.git": "",
		"": "",
	} {
		if p, ok := s.Owner(address); p.Name != want || ok != (want != "") {
			t.Errorf("%s belongs to %q, want %q", address, p.Name, want)
		}
	}
}

func TestNewest(t *testing.T) {
	bitcoin := find(t, load(t, ""), "bitcoin")
	for _, test := range []struct {
		want string
		tags []string
	}{
		{"0.21.2", []string{"v0.9.5", "v0.21.2", "v0.21.2rc2", "v22.0", "v31.1", "noversion", "v0.3.19+x", "0.99.0"}},
		{"0.21.1", []string{"v0.21.1", "v0.21.2rc1"}},
		{"0.10.0rc2", []string{"v0.10.0rc1", "v0.10.0rc2"}},
		{"", []string{"v22.0rc1", "22.0"}},
	} {
		if got, ok := bitcoin.Newest(test.tags); got != test.want || ok != (test.want != "") {
			t.Errorf("newest of %q is %q, want %q", test.tags, got, test.want)
		}
	}
	if got := bitcoin.TagOf("0.15.2"); got != "v0.15.2" {
		t.Errorf("tag %s", got)
	}
	_ = projects.Default
}
