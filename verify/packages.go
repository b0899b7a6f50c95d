package verify

import "strings"

// packageKind is what a package of a build environment is for, and so how much its version may matter.
type packageKind int

const (
	systemPackage   packageKind = iota // of no known use to a build
	harmlessPackage                    // surely none: apt, kernels, time zones, certificates …
	libraryPackage
	followerPackage // moves with everything: linux-libc-dev, multiarch-support
	headerPackage   // development files of libraries
	shellPackage
	guiPackage
	sourcePackage // git: exports the source
	autotoolsPackage
	interpreterPackage
	archiverPackage
	imagePackage // makes disk images
	installerPackage
	faketimePackage
	clangPackage
	crossPackage
	mingwPackage
	binutilsPackage
	libcPackage
	compilerPackage
)

// weight is how plausible a version of such a package is as the cause, all else being equal.
func (k packageKind) weight() float64 {
	switch k {
	case compilerPackage, libcPackage, binutilsPackage, mingwPackage, crossPackage, clangPackage, faketimePackage:
		return 60
	case installerPackage, imagePackage, archiverPackage, interpreterPackage, autotoolsPackage, sourcePackage:
		return 12
	case guiPackage, shellPackage, headerPackage:
		return 5
	case libraryPackage:
		return 1.2
	case followerPackage:
		return 0.8
	case harmlessPackage:
		return 0.02
	}
	return 0.2
}

// called is the kind in the reader's words.
func (k packageKind) called() string {
	switch k {
	case compilerPackage:
		return "compiler"
	case libcPackage:
		return "C library"
	case binutilsPackage:
		return "linker"
	case mingwPackage:
		return "Windows compiler"
	case crossPackage:
		return "cross compiler"
	case clangPackage:
		return "clang"
	case faketimePackage:
		return "faketime"
	case installerPackage:
		return "installer maker"
	case imagePackage:
		return "disk image tool"
	case archiverPackage:
		return "archiver"
	case interpreterPackage:
		return "interpreter"
	case autotoolsPackage:
		return "build tool"
	case sourcePackage:
		return "git"
	}
	return "package"
}

// harmless are names and beginnings of names of packages that no build uses.
var harmless = []string{
	"linux-image", "linux-headers", "linux-firmware", "linux-modules", "openssh", "apt", "libapt", "systemd", "libsystemd", "libpam", "libnss", "udev", "libudev",
	"initramfs", "grub", "sudo", "rsyslog", "cron", "isc-dhcp", "ntp", "landscape", "ubuntu-", "tzdata", "python-apport", "python3-apport",
	"apparmor", "libapparmor", "update-", "snapd", "plymouth", "libplymouth", "vim", "iptables", "netplan", "nplan", "networkd", "lsb-",
	"login", "passwd", "uidmap", "mount", "eject", "lxc", "lxd", "libkrb5", "krb5", "libk5", "libgssapi", "libcurl", "curl", "wget",
	"gnupg", "gpg", "dirmngr", "ca-certificates", "libgnutls", "libssl0", "libssl1", "libssl3", "bind9", "dnsutils", "libdns", "libisc", "libbind",
	"libirs", "liblwres", "accountsservice", "cloud-", "open-vm", "ppp", "nano", "less", "man-db", "libmagic", "motd", "base-files", "language-",
	"resolvconf", "ifupdown", "iproute", "procps", "libprocps", "popularity", "policykit", "libpolkit", "pollinate", "squashfs", "sosreport",
	"ureadahead", "w3m", "whiptail", "xkb", "console-", "keyboard", "kbd", "friendly", "libhx509", "libasn1-8", "libheimbase", "libheimntlm",
	"libhcrypto", "libroken", "libwind", "libkrb", "libldap", "libsasl2", "makedev",
}

// harmlessNames are whole names that begin like others.
var harmlessNames = []string{"dbus", "openssl", "rsync", "ed", "file"}

// nameRules say what a package is for by its name. The first that fits counts, so the special stand before the general.
var nameRules = []struct {
	kind     packageKind
	prefixes []string
	parts    []string
}{
	{crossPackage, nil, []string{"arm-linux-gnueabi", "aarch64-linux-gnu", "riscv64-linux-gnu", "powerpc", "s390x-linux-gnu", "-armhf-cross", "-arm64-cross", "-riscv64-cross", "-cross"}},
	{mingwPackage, nil, []string{"mingw"}},
	{faketimePackage, nil, []string{"faketime"}},
	{binutilsPackage, []string{"binutils", "libbinutils", "libctf"}, nil},
	{clangPackage, []string{"clang", "llvm", "libclang", "libllvm", "lld"}, nil},
	{libcPackage, []string{"libc6", "libc-bin", "libc-dev-bin", "lib32c-dev", "libx32c-dev"}, nil},
	{followerPackage, []string{"linux-libc-dev", "multiarch-support"}, nil},
	{compilerPackage, []string{"gcc", "g++", "cpp", "libstdc++", "libgcc", "libgomp", "libquadmath", "libitm", "libatomic", "libasan", "libtsan", "libubsan", "liblsan",
		"libmpx", "libcilkrts", "libcc1", "lib32", "libx32"}, nil},
	{installerPackage, []string{"nsis"}, nil},
	{imagePackage, []string{"genisoimage", "libtiff", "imagemagick", "libmagick", "librsvg", "libcairo", "libpango", "fontconfig", "libfontconfig", "fonts-", "ttf-",
		"libfreetype", "libpng", "libgs", "ghostscript", "libcap-dev", "libjpeg", "xorriso", "libbz2", "liblzma", "python-pil", "python3-pil", "python-cairo", "python3-cairo",
		"python-setuptools", "python3-setuptools"}, nil},
	{archiverPackage, []string{"tar", "gzip", "zip", "unzip", "xz-utils", "bzip2", "cpio", "libarchive", "p7zip", "zlib1g", "advancecomp", "pigz"}, nil},
	{autotoolsPackage, []string{"autoconf", "automake", "autotools-dev", "libtool", "m4", "make", "cmake", "pkg-config", "gettext", "autopoint", "bison", "flex", "libltdl", "bsdmainutils", "gperf"}, nil},
	{sourcePackage, []string{"git", "subversion", "mercurial"}, nil},
	{guiPackage, []string{"libqt", "qt3", "qt4", "qt5", "libx11", "libxcb", "x11proto", "libdbus", "libgl", "mesa"}, nil},
}

// kindOf says what a package is for.
func kindOf(name string) packageKind {
	name, _, _ = strings.Cut(name, ":") // foreign architecture
	if isHarmless(name) {
		return harmlessPackage
	}
	for _, r := range nameRules {
		if hasPrefix(name, r.prefixes) || containsAny(name, r.parts...) {
			return r.kind
		}
	}
	switch bare := strings.TrimPrefix(name, "lib"); {
	case isInterpreter(bare):
		return interpreterPackage
	case isShellTool(name):
		return shellPackage
	case hasPrefix(name, []string{"python-", "python3-", "ruby-"}), strings.HasSuffix(name, "-perl"):
		return libraryPackage
	case bare == name:
		return systemPackage
	case strings.HasSuffix(name, "-dev"):
		return headerPackage
	}
	return libraryPackage
}

func isHarmless(name string) bool {
	for _, n := range harmlessNames {
		if name == n {
			return true
		}
	}
	return hasPrefix(name, harmless)
}

// isInterpreter reports whether a name is an interpreter's own: python2.7-minimal, perl-base, but no python-yaml.
func isInterpreter(name string) bool {
	for _, language := range []string{"python", "perl", "ruby"} {
		if rest, ok := strings.CutPrefix(name, language); ok {
			rest = strings.TrimLeft(rest, "0123456789.")
			return rest == "" || hasPrefix(rest, []string{"-minimal", "-base", "-modules", "-stdlib", "-dev", "-doc"})
		}
	}
	return false
}

func isShellTool(name string) bool {
	switch name {
	case "bash", "dash", "coreutils", "sed", "grep", "gawk", "mawk", "findutils", "diffutils", "patch", "util-linux", "debianutils", "hostname", "locales":
		return true
	}
	return false
}

func hasPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// compiles reports whether such a package turns source into programs.
func (k packageKind) compiles() bool {
	switch k {
	case compilerPackage, libcPackage, binutilsPackage, mingwPackage, crossPackage, clangPackage:
		return true
	}
	return false
}

// fit is how well a kind of package fits a class of artifacts: 2 where that step of the build uses it, 0.1 where it can hardly
// matter, else 1.
func (k packageKind) fit(c ArtifactClass) float64 {
	for _, fitting := range fitting[c] {
		if fitting == k {
			return 2
		}
	}
	for _, idle := range idle[c] {
		if idle == k {
			return 0.1
		}
	}
	return 1
}

var fitting = map[ArtifactClass][]packageKind{
	SourceClass:      {sourcePackage, archiverPackage, autotoolsPackage, shellPackage, interpreterPackage},
	ImageClass:       {imagePackage, interpreterPackage, archiverPackage, faketimePackage},
	InstallerClass:   {installerPackage, archiverPackage, faketimePackage, mingwPackage},
	NativeLinuxClass: {compilerPackage, libcPackage, binutilsPackage, faketimePackage},
	CrossLinuxClass:  {crossPackage},
	WindowsClass:     {mingwPackage, faketimePackage, archiverPackage},
	MacClass:         {clangPackage, faketimePackage, imagePackage, compilerPackage, libcPackage, interpreterPackage},
	DebugClass:       {binutilsPackage, archiverPackage},
	MixedClass:       {archiverPackage, faketimePackage, interpreterPackage, compilerPackage, libcPackage, binutilsPackage},
}

var idle = map[ArtifactClass][]packageKind{
	SourceClass:      {compilerPackage, libcPackage, binutilsPackage, mingwPackage, crossPackage, clangPackage, libraryPackage, headerPackage, installerPackage},
	NativeLinuxClass: {crossPackage, mingwPackage, installerPackage},
	CrossLinuxClass:  {mingwPackage, installerPackage},
	WindowsClass:     {crossPackage, clangPackage},
	MacClass:         {mingwPackage, crossPackage, installerPackage},
	InstallerClass:   {crossPackage, clangPackage},
}
