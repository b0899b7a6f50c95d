package main

import (
	"testing"

	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
)

func TestPackageURL(t *testing.T) {
	for _, c := range []struct {
		name, source, tag, version string
		platforms                  []string
		want                       string
	}{
		{"bitcoin", "https://github.com/bitcoin/bitcoin", "v{version}", "29.0", nil, "pkg:github/bitcoin/bitcoin@v29.0"},
		{"dash", "https://github.com/DashPay/Dash.git", "v{version}", "0.17", nil, "pkg:github/dashpay/dash@v0.17"},
		{"bitcoin", "https://github.com/bitcoin/bitcoin", "v{version}", "29.0", []string{"win", "linux", "win"}, "pkg:github/bitcoin/bitcoin@v29.0?platform=linux%2Cwin"},
		{"coin", "", "", "1.0", nil, "pkg:generic/coin@1.0"},
		{"coin", "https://git.example.org/a/b", "v{version}", "1.0", []string{"linux"}, "pkg:generic/coin@1.0?platform=linux&vcs_url=git%2Bhttps%3A%2F%2Fgit.example.org%2Fa%2Fb%40v1.0"},
		{"a coin/é@?#", "", "", "1.0+x", nil, "pkg:generic/a%20coin%2F%C3%A9%40%3F%23@1.0%2Bx"},
		{"coin", "https://github.com/only-owner", "", "1.0", nil, "pkg:generic/coin@1.0?vcs_url=git%2Bhttps%3A%2F%2Fgithub.com%2Fonly-owner%401.0"},
		{"coin", "https://github.com.evil.org/a/b", "", "1.0", nil, "pkg:generic/coin@1.0?vcs_url=git%2Bhttps%3A%2F%2Fgithub.com.evil.org%2Fa%2Fb%401.0"},
	} {
		if got := packageURL(projects.Project{Name: c.name, Source: c.source, Tag: c.tag}, c.version, c.platforms); got != c.want {
			t.Errorf("packageURL(%q, %q, %q) = %q, want %q", c.name, c.source, c.version, got, c.want)
		}
	}
}

func TestAttestationURI(t *testing.T) {
	for _, c := range []struct{ location, commit, path, want string }{
		{"https://github.com/bitcoin-core/guix.sigs", "abc", "29.0/a b/all.SHA256SUMS", "git+https://github.com/bitcoin-core/guix.sigs@abc#29.0/a%20b/all.SHA256SUMS"},
		{"/srv/guix sigs.git", "abc", "x#y", "git+file:///srv/guix%20sigs.git@abc#x%23y"},
		{"/srv/plain", "", "29.0/x?", "file:///srv/plain/29.0/x%3F"},
	} {
		j := &judged{src: &source{location: c.location, commit: repo.Commit{Hash: c.commit}}}
		if got := j.uri(c.path); got != c.want {
			t.Errorf("uri(%q in %q) = %q, want %q", c.path, c.location, got, c.want)
		}
	}
}
