package build

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

const maxName = 200 // bytes of a name; file systems take 255 and we append to it

var (
	notWord     = regexp.MustCompile(`[^0-9A-Za-z_.-]`)
	notPath     = regexp.MustCompile(`[^@0-9A-Za-z_/.:+-]`)
	packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[0-9A-Za-z.+~:-]+|/[0-9A-Za-z.+~-]+)?$`)
	archName    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	commitHash  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	refName     = regexp.MustCompile(`^[0-9A-Za-z_][0-9A-Za-z_./+@-]*$`)
	scpAddress  = regexp.MustCompile(`^[0-9A-Za-z_][0-9A-Za-z_.-]*@[0-9A-Za-z][0-9A-Za-z.-]*:[^-].*$`)
	windowsPath = regexp.MustCompile(`^[A-Za-z]:[\\/]`)
)

// checkName is gbuild's sanitize, for names that become files and directories, and refuses what it forgets: "", ".", "..", a
// leading dash.
func checkName(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case len(s) > maxName:
		return fmt.Errorf("has %d bytes, at most %d", len(s), maxName)
	case notWord.MatchString(s):
		return errors.New("has characters besides letters, digits, _ . and -")
	case s == "." || s == "..":
		return errors.New("leads out of its directory")
	case s[0] == '-':
		return errors.New("begins with a dash, and would be taken for an option")
	}
	return nil
}

// checkArtifact is gbuild's sanitize_path, for files below out/ and the caches, and refuses what leads out of them.
func checkArtifact(p string) error {
	switch {
	case p == "":
		return errors.New("a file without a name")
	case notPath.MatchString(p):
		return fmt.Errorf("file name %q has characters besides letters, digits and _ @ / . : + -", p)
	case strings.HasPrefix(p, "/"):
		return fmt.Errorf("file name %q is absolute", p)
	}
	for _, element := range strings.Split(p, "/") {
		if element == "" || element == "." || element == ".." {
			return fmt.Errorf("file name %q leads out of its directory, or could", p)
		}
	}
	return nil
}

// checkPackage wants what apt-get install takes as one package: a name, perhaps with architecture and version. apt reads a
// trailing dash as "remove", other characters as options or patterns.
func checkPackage(s string) error {
	if len(s) > maxName || !packageName.MatchString(s) || strings.HasSuffix(s, "-") {
		return fmt.Errorf("package %q: want a Debian package name, such as g++-8 or libssl-dev:i386", s)
	}
	return nil
}

// checkRef wants a tag, branch or commit that no program takes for an option, a range or a path.
func checkRef(s string) error {
	if len(s) > maxName || !refName.MatchString(s) || strings.Contains(s, "..") || strings.Contains(s, "@{") || strings.HasSuffix(s, ".lock") {
		return fmt.Errorf("commit %q: want a tag, a branch or a commit's 40 digits", s)
	}
	return nil
}

// checkURL wants an address git fetches from over the network. Paths, file:// and git's helpers (ext::) are refused: a
// descriptor must not reach into the machine that builds it. Where local is true, paths and file:// are accepted.
func checkURL(s string, local bool) error {
	switch {
	case s == "":
		return errors.New("no address")
	case s[0] == '-':
		return fmt.Errorf("address %q begins with a dash, and would be taken for an option", s)
	case len(s) > 2000 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return fmt.Errorf("address %q has white space or control characters, or is too long", s)
	case strings.Contains(s, "::"):
		return fmt.Errorf("address %q names a helper program of git's: want https://…", s)
	}
	scheme, _, hasScheme := strings.Cut(s, "://")
	if !hasScheme {
		if scpAddress.MatchString(s) || local {
			return nil
		}
		return fmt.Errorf("address %q is a path of this machine; a descriptor may name only https, http, git or ssh addresses", s)
	}
	u, err := url.Parse(s)
	if err != nil {
		return errors.New("address is malformed")
	}
	switch scheme {
	case "https", "http", "git", "ssh":
		if u.Hostname() == "" || u.Hostname()[0] == '-' || strings.HasPrefix(u.User.Username(), "-") || strings.HasPrefix(u.Path, "/-") {
			return fmt.Errorf("address %q names no host", u.Redacted())
		}
		return nil
	case "file":
		if local {
			return nil
		}
	}
	return fmt.Errorf("address %q: scheme %q is not accepted; want https, http, git or ssh", u.Redacted(), scheme)
}

// IsLocal reports whether the address of a source is a path of this machine or a file:// URL.
func IsLocal(address string) bool {
	return strings.HasPrefix(address, "file://") || windowsPath.MatchString(address) || !strings.Contains(address, "://") && !scpAddress.MatchString(address)
}
