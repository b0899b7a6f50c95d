package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs/projects"
)

// packageURL names a release as a package URL (purl): pkg:github/bitcoin/bitcoin@v29.0 where the project's source is on GitHub,
// else pkg:generic/NAME@VERSION with the source as a qualifier. A verdict on some platforms only carries their names, so that it
// is never taken for one on the whole release.
func packageURL(p projects.Project, version string, platforms []string) string {
	tag := version
	if p.Tag != "" {
		tag = strings.ReplaceAll(p.Tag, "{version}", version)
	}
	base, qualifiers := fmt.Sprintf("pkg:generic/%s@%s", percent(p.Name), percent(version)), []string{}
	if owner, name, ok := onGitHub(p.Source); ok {
		base = fmt.Sprintf("pkg:github/%s/%s@%s", percent(strings.ToLower(owner)), percent(strings.ToLower(name)), percent(tag))
	} else if p.Source != "" {
		qualifiers = append(qualifiers, "vcs_url="+percent("git+"+p.Source+"@"+tag))
	}
	if len(platforms) > 0 {
		names := slices.Clone(platforms)
		slices.Sort(names)
		qualifiers = append(qualifiers, "platform="+percent(strings.Join(slices.Compact(names), ",")))
	}
	slices.Sort(qualifiers)
	if len(qualifiers) > 0 {
		base += "?" + strings.Join(qualifiers, "&")
	}
	return base
}

// onGitHub splits https://github.com/OWNER/NAME.
func onGitHub(source string) (owner, name string, ok bool) {
	u, err := url.Parse(source)
	if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, "github.com") || u.User != nil {
		return "", "", false
	}
	owner, name, ok = strings.Cut(strings.Trim(strings.TrimSuffix(u.Path, ".git"), "/"), "/")
	return owner, name, ok && owner != "" && name != "" && !strings.Contains(name, "/")
}

// percent encodes everything but the characters that a package URL never needs to encode.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
