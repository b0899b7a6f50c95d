// Package deb reads Debian package file names and orders Debian versions, as dpkg does.
//
// It opens no package and knows nothing of dependencies.
package deb

import "strings"

// File is what a package file's name says: name_version_arch.deb.
type File struct {
	Name    string
	Version string // with its epoch: "1:2.20.1-0.3"
	Arch    string // "amd64", "i386", "all"
}

// ParseFile reads a file name such as git_1%3a2.17.1-1_amd64.deb. ok is false where it is none of a package. The only character
// that apt encodes in real archives is the epoch's colon, as %3a.
func ParseFile(name string) (f File, ok bool) {
	rest, ok := strings.CutSuffix(name, ".deb")
	if !ok {
		return File{}, false
	}
	f.Name, rest, ok = strings.Cut(rest, "_")
	if !ok {
		return File{}, false
	}
	end := strings.LastIndexByte(rest, '_')
	if end < 0 {
		return File{}, false
	}
	f.Version, f.Arch = rest[:end], rest[end+1:]
	for _, colon := range []string{"%3a", "%3A"} {
		if before, after, found := strings.Cut(f.Version, colon); found && !strings.Contains(before, ":") {
			f.Version = before + ":" + after
		}
	}
	return f, f.Name != "" && f.Version != "" && f.Arch != "" && !strings.ContainsAny(name, "/ \t\r\n")
}

// String returns the file name, with the colon encoded.
func (f File) String() string {
	return f.Name + "_" + strings.Replace(f.Version, ":", "%3a", 1) + "_" + f.Arch + ".deb"
}
