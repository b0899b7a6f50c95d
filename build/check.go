package build

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	imageDigest = regexp.MustCompile(`^(sha256:)?[0-9a-f]{64}$`)
	aptWord     = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+~_/-]*$`)
	absolute    = regexp.MustCompile(`^/[0-9A-Za-z_./+-]+$`)
)

// check holds a descriptor against what the build will do with it: names that become paths, words that become arguments.
func (d *Descriptor) check() error {
	if d.Name == "" {
		return errors.New("no name: results and caches are named after it")
	}
	for _, one := range []struct{ what, value string }{{"name", d.Name}, {"distro", d.Distro}} {
		if err := checkName(one.value); err != nil {
			return fmt.Errorf("%s: %s %w", one.what, quote(one.value), err)
		}
	}
	if err := d.checkLists(); err != nil {
		return err
	}
	if err := d.checkRemotes(); err != nil {
		return err
	}
	if err := d.checkApt(); err != nil {
		return err
	}
	if strings.TrimSpace(d.Script) == "" {
		return errors.New("no script: nothing would be built")
	}
	if strings.ContainsRune(d.Script, 0) {
		return errors.New("script: a NUL byte in it")
	}
	if d.ReferenceTime == "" && len(d.Remotes) == 0 {
		return errors.New("neither reference_datetime nor remotes: the build's reference time comes from one of them")
	}
	return nil
}

func (d *Descriptor) checkLists() error {
	if len(d.Suites) == 0 {
		return errors.New("no suites: name the distribution's release to build in")
	}
	if len(d.Architectures) == 0 {
		return errors.New("no architectures: name amd64 or i386")
	}
	for _, list := range []struct {
		what   string
		values []string
	}{{"suites", d.Suites}, {"architectures", d.Architectures}, {"files", d.Files}} {
		seen := map[string]bool{}
		for _, s := range list.values {
			if err := checkName(s); err != nil {
				return fmt.Errorf("%s: %s %w", list.what, quote(s), err)
			}
			if seen[s] {
				return fmt.Errorf("%s: %s stands twice", list.what, quote(s))
			}
			seen[s] = true
		}
	}
	for _, a := range d.Architectures {
		if _, known := architectures[a]; !known {
			return fmt.Errorf("architectures: %s is not one of gitian's: amd64, linux64, i386", quote(a))
		}
	}
	for i, s := range d.ImageDigests {
		if !imageDigest.MatchString(s) {
			return fmt.Errorf("docker_image_digests: %s: want 64 hexadecimal digits", quote(s))
		}
		d.ImageDigests[i] = strings.TrimPrefix(s, "sha256:")
	}
	if n := len(d.ImageDigests); n > 0 && n != len(d.Suites) {
		return fmt.Errorf("docker_image_digests: %d for %d suites: want one for each, or none", n, len(d.Suites))
	}
	return nil
}

func (d *Descriptor) checkRemotes() error {
	taken := map[string]string{}
	for _, f := range d.Files {
		taken[f] = "files"
	}
	for i, r := range d.Remotes {
		where := fmt.Sprintf("remotes: entry %d", i+1)
		if err := checkName(r.Dir); err != nil {
			return fmt.Errorf("%s: dir %s %w", where, quote(r.Dir), err)
		}
		if other := taken[r.Dir]; other != "" {
			return fmt.Errorf("%s: dir %s is taken by %s", where, quote(r.Dir), other)
		}
		taken[r.Dir] = "another remote"
		if err := checkURL(r.URL, false); err != nil {
			return fmt.Errorf("%s: url: %w", where, err)
		}
		if r.Commit != "" {
			if err := checkRef(r.Commit); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
		}
	}
	return nil
}

func (d *Descriptor) checkApt() error {
	for _, p := range d.Packages {
		if err := checkPackage(p); err != nil {
			return fmt.Errorf("packages: %w", err)
		}
	}
	for _, a := range d.Multiarch {
		if len(a) > maxName || !archName.MatchString(a) {
			return fmt.Errorf("multiarch: %s is no architecture", quote(a))
		}
	}
	for i, r := range d.Repositories {
		if err := r.check(); err != nil {
			return fmt.Errorf("repositories: entry %d: %w", i+1, err)
		}
	}
	for i, a := range d.Alternatives {
		if len(a.Package) > maxName || !aptWord.MatchString(a.Package) || len(a.Path) > 1000 || !absolute.MatchString(a.Path) {
			return fmt.Errorf("alternatives: entry %d: want package: a name, and path: an absolute path", i+1)
		}
	}
	return nil
}

// check wants a line of sources.list: apt reads options in brackets, one of which switches its signature checks off.
func (r Repository) check() error {
	words := strings.Fields(r.Source)
	if len(r.Source) > 1000 || strings.ContainsFunc(r.Source, func(c rune) bool { return c < ' ' || c > '~' }) ||
		len(words) < 3 || words[0] != "deb" && words[0] != "deb-src" {
		return fmt.Errorf("source: %s: want a line of sources.list, such as deb https://host/debian bookworm main", quote(r.Source))
	}
	for _, word := range words {
		if option := strings.ToLower(word); strings.Contains(option, "trusted=") || strings.Contains(option, "allow-") {
			return fmt.Errorf("source: %s switches apt's signature checks off", quote(r.Source))
		}
	}
	if !strings.Contains(r.Source, "://") || strings.Contains(r.Source, "file:") || strings.Contains(r.Source, "copy:") {
		return fmt.Errorf("source: %s: want an address with https:// or http://", quote(r.Source))
	}
	if len(r.Distribution) > maxName || !aptWord.MatchString(r.Distribution) {
		return fmt.Errorf("distribution: %s is none", quote(r.Distribution))
	}
	for _, p := range r.Packages {
		if err := checkPackage(p); err != nil {
			return fmt.Errorf("packages: %w", err)
		}
	}
	if len(r.Packages) == 0 {
		return errors.New("packages: none; gitian installs nothing without")
	}
	if (r.Name == "") != (r.Key == "") {
		return errors.New("name and key: both or none; name is the file its signing key is kept in")
	}
	if r.Name == "" {
		return nil
	}
	if err := checkName(r.Name); err != nil {
		return fmt.Errorf("name: %s %w", quote(r.Name), err)
	}
	if err := checkURL(r.Key, false); err != nil || !strings.HasPrefix(r.Key, "http") {
		return fmt.Errorf("key: %s: want the https address of the repository's signing key", quote(r.Key))
	}
	return nil
}
