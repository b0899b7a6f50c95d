package verify

import (
	"path"
	"strings"
)

// ArtifactClass is what step of a build a set of artifacts comes from, judged by their names alone.
type ArtifactClass string

const (
	SourceClass      ArtifactClass = "src"          // the source archive: made by git, tar, gzip, autotools
	DebugClass       ArtifactClass = "debug"        // separate debug symbols
	ImageClass       ArtifactClass = "dmg"          // a disk image
	InstallerClass   ArtifactClass = "installer"    // a Windows installer
	NativeLinuxClass ArtifactClass = "native-linux" // for the builder's own architecture family
	CrossLinuxClass  ArtifactClass = "cross-linux"  // for another architecture
	WindowsClass     ArtifactClass = "win"
	MacClass         ArtifactClass = "osx"
	MixedClass       ArtifactClass = "mixed"
)

// classes are tried in this order; a class fits if it fits every artifact.
var classes = []struct {
	class ArtifactClass
	fits  func(name string) bool
}{
	{SourceClass, func(n string) bool { return strings.HasPrefix(n, "src/") || strings.Contains(n, "src.tar") }},
	{DebugClass, func(n string) bool { return containsAny(n, "-debug.", "-dbg.") }},
	{ImageClass, func(n string) bool {
		return strings.HasSuffix(n, ".dmg") || strings.Contains(n, "osx-unsigned.tar")
	}},
	{InstallerClass, func(n string) bool {
		return strings.Contains(n, "setup") && strings.HasSuffix(n, ".exe") || strings.Contains(n, "win") && strings.HasSuffix(n, "unsigned.tar.gz")
	}},
	{CrossLinuxClass, func(n string) bool {
		return containsAny(n, "arm-", "armv", "armhf", "aarch64", "arm64", "riscv", "powerpc", "ppc64", "s390") && systemOf(n) != "osx" && systemOf(n) != "android"
	}},
	{NativeLinuxClass, func(n string) bool {
		return containsAny(n, "linux32", "linux64", "bin/32/", "bin/64/", "pc-linux", "x86_64-linux", "x86_64-unknown-linux", "i686-linux", "linux-x64", "linux-x86")
	}},
	{WindowsClass, func(n string) bool { return systemOf(n) == "win" || containsAny(n, "win32", "win64", ".exe", "mingw") }},
	{MacClass, func(n string) bool { return systemOf(n) == "osx" || containsAny(n, "osx", "apple", "darwin", "macos") }},
}

// classOf classifies a set of artifacts.
func classOf(artifacts []string) ArtifactClass {
	for _, c := range classes {
		fits := len(artifacts) > 0
		for _, a := range artifacts {
			fits = fits && c.fits(strings.ToLower(a))
		}
		if fits {
			return c.class
		}
	}
	return MixedClass
}

// machines are the words for kinds of machine in the names of packages and artifacts.
var machines = []struct{ packages, artifacts []string }{
	{[]string{"arm-linux-gnueabi", "-armhf-cross"}, []string{"arm-", "armv", "armhf"}},
	{[]string{"aarch64-linux-gnu", "-arm64-cross"}, []string{"aarch64", "arm64"}},
	{[]string{"riscv64"}, []string{"riscv"}},
	{[]string{"powerpc"}, []string{"powerpc", "ppc64"}},
	{[]string{"s390x"}, []string{"s390"}},
	{nil, []string{"i686", "i386", "x86_64", "linux32", "linux64"}},
}

// compilesFor reports whether a package can have a part in artifacts: a cross compiler cannot where all are for other machines.
func compilesFor(name string, artifacts []string) bool {
	for _, m := range machines {
		if !containsAny(name, m.packages...) {
			continue
		}
		for _, a := range artifacts {
			if a = strings.ToLower(a); containsAny(a, m.artifacts...) || !namesMachine(a) {
				return true
			}
		}
		return false
	}
	return true
}

func namesMachine(artifact string) bool {
	for _, m := range machines {
		if containsAny(artifact, m.artifacts...) {
			return true
		}
	}
	return false
}

// isJunk reports whether an artifact is no build's: macOS leaves such files in any directory it shows.
func isJunk(artifact string) bool { return path.Base(artifact) == ".DS_Store" }

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
