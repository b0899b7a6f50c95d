package build

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parsed(t testing.TB, name string) Descriptor {
	t.Helper()
	d, err := ParseDescriptor(readTestdata(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDescriptorEveryKey(t *testing.T) {
	got := parsed(t, "every-key.yml")
	digest := got.Digest
	want := Descriptor{
		Name: "everything-1.0", Distro: "debian", EnableCache: true, Sudo: true,
		Suites: []string{"bookworm", "trixie"}, Architectures: []string{"amd64", "i386"},
		ImageDigests:  []string{strings.Repeat("1", 64), strings.Repeat("2", 64)},
		Packages:      []string{"g++-multilib", "libssl-dev:i386", "faketime"},
		Multiarch:     []string{"i386"},
		Repositories:  []Repository{{"deb https://deb.example.org/debian bookworm-backports main", "bookworm-backports", []string{"cmake"}, "example", "https://deb.example.org/key.asc"}},
		Alternatives:  []Alternative{{"i686-w64-mingw32-g++", "/usr/bin/i686-w64-mingw32-g++-posix"}},
		Remotes:       []Remote{{"https://example.org/everything.git", "everything", ""}, {"git@example.org:signatures.git", "signature", "v1.0"}},
		Files:         []string{"sdk-1.0.tar.gz"},
		ReferenceTime: "2011-01-30 00:00:00",
		Digest:        digest,
	}
	want.Script = got.Script
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if digest.String() == strings.Repeat("0", 64) || !strings.Contains(got.Script, "\n  ") && !strings.HasPrefix(got.Script, "WRAP_DIR=$HOME/wrapped\n") {
		t.Errorf("digest %s, script %q", digest, got.Script)
	}
}

func TestParseDescriptorFewKeys(t *testing.T) {
	d := parsed(t, "few-keys.yml")
	if d.Distro != "ubuntu" || d.EnableCache || d.Packages != nil || d.Files != nil || len(d.Findings) != 0 {
		t.Errorf("%+v", d)
	}
}

// small is a descriptor with one line more, or with a line replaced.
func small(replacements ...string) string {
	text := "name: small\nsuites: [bookworm]\narchitectures: [amd64]\nreference_datetime: \"2011-01-30 00:00:00\"\nscript: \"true\"\n"
	for i := 0; i+1 < len(replacements); i += 2 {
		if replacements[i] == "" {
			text += replacements[i+1] + "\n"
			continue
		}
		text = strings.Replace(text, replacements[i], replacements[i+1], 1)
	}
	return text
}

func TestParseDescriptorRefuses(t *testing.T) {
	if _, err := ParseDescriptor([]byte(small())); err != nil {
		t.Fatalf("the descriptor all others are one change away from: %v", err)
	}
	for _, test := range []struct{ why, text, want string }{
		{"empty", "", "empty"},
		{"list", "- a\n", "not a descriptor"},
		{"text", "hello\n", "not a descriptor"},
		{"two documents", small() + "---\n" + small(), "several YAML documents"},
		{"too large", small() + "#" + strings.Repeat("x", MaxDescriptor), "at most"},
		{"not UTF-8", small() + "# \xff", "UTF-8"},
		{"twice", small("", "name: again"), "stands twice"},
		{"alias", small("[bookworm]", "&a [bookworm]", "", "multiarch: *a"), "line 2: an anchor"},
		{"tag", small("small", "!ruby/object:Object {}"), "tag"},
		{"merge", small("", "<<: {sudo: true}"), "merge key"},
		{"no name", small("name: small", "name:"), "no name"},
		{"name leads out", small("small", "../small"), "name: \"../small\""},
		{"name is ..", small("small", "'..'"), "leads out"},
		{"name with newline", small("small", `"a\nb"`), "characters besides"},
		{"dash", small("small", "-rf"), "begins with a dash"},
		{"number", small("small", "0.15"), "put it in quotes"},
		{"suite is number", small("bookworm", "22.04"), "quotes"},
		{"no suites", small("suites: [bookworm]\n", ""), "no suites"},
		{"suite with slash", small("bookworm", "a/b"), "suites"},
		{"suite twice", small("[bookworm]", "[bookworm, bookworm]"), "stands twice"},
		{"no architecture", small("[amd64]", "[]"), "no architectures"},
		{"unknown architecture", small("amd64", "sparc"), "amd64, linux64, i386"},
		{"suites is text", small("[bookworm]", "bookworm"), "want a list"},
		{"digests", small("", "docker_image_digests: [abc]"), "64 hexadecimal digits"},
		{"too few digests", small("[bookworm]", "[bookworm, trixie]", "", "docker_image_digests: ["+strings.Repeat("a", 64)+"]"), "1 for 2 suites"},
		{"truth in quotes", small("", `sudo: "false"`), "true or false"},
		{"no moment", small("2011-01-30 00:00:00", "2011-01-30"), "no moment"},
		{"quote in moment", small("2011-01-30 00:00:00", "2011-01-30 00:00:00';id;'"), "no moment"},
		{"no time at all", small("reference_datetime: \"2011-01-30 00:00:00\"\n", ""), "neither reference_datetime nor remotes"},
		{"no script", small("script: \"true\"\n", ""), "no script"},
		{"package with shell", small("", `packages: ["gcc; rm -rf /"]`), "Debian package name"},
		{"package with option", small("", `packages: ["-oDpkg::Pre-Invoke::=id"]`), "Debian package name"},
		{"package removed", small("", `packages: ["gcc-"]`), "Debian package name"},
		{"package file", small("", `packages: ["./evil.deb"]`), "Debian package name"},
		{"package pattern", small("", `packages: ["lib*"]`), "Debian package name"},
		{"empty package", small("", `packages: [""]`), "empty entry"},
		{"file leads out", small("", "files: [../../etc/passwd]"), "files"},
		{"hidden file is a name", small("", "files: ['.']"), "leads out"},
		{"git helper", small("", `remotes: [{url: "ext::sh -c id", dir: a}]`), "white space"},
		{"git helper without space", small("", `remotes: [{url: "ext::id", dir: a}]`), "helper program"},
		{"file address", small("", `remotes: [{url: "file:///etc", dir: a}]`), "not accepted"},
		{"path", small("", `remotes: [{url: "/etc", dir: a}]`), "path of this machine"},
		{"option as address", small("", `remotes: [{url: "--upload-pack=id", dir: a}]`), "begins with a dash"},
		{"option as host", small("", `remotes: [{url: "ssh://-oProxyCommand=id/x", dir: a}]`), "no host"},
		{"option as user", small("", `remotes: [{url: "ssh://-oProxyCommand@host/x", dir: a}]`), "no host"},
		{"no address", small("", `remotes: [{dir: a}]`), "no address"},
		{"no dir", small("", `remotes: [{url: "https://a.org/a"}]`), "dir"},
		{"dir is .git/..", small("", `remotes: [{url: "https://a.org/a", dir: ".."}]`), "leads out"},
		{"dir twice", small("", `remotes: [{url: "https://a.org/a", dir: a}, {url: "https://a.org/b", dir: a}]`), "taken by another remote"},
		{"dir is file", small("", `remotes: [{url: "https://a.org/a", dir: a}]`, "", "files: [a]"), "taken by files"},
		{"commit is option", small("", `remotes: [{url: "https://a.org/a", dir: a, commit: "--output=x"}]`), "want a tag"},
		{"commit is range", small("", `remotes: [{url: "https://a.org/a", dir: a, commit: "a..b"}]`), "want a tag"},
		{"multiarch", small("", `multiarch: ["i386 amd64"]`), "no architecture"},
		{"repository unsigned", small("", `repositories: [{source: "deb [trusted=yes] https://a.org/d a main", distribution: a, packages: [bb]}]`), "signature checks off"},
		{"repository two lines", small("", `repositories: [{source: "deb https://a.org/d a main\ndeb https://b.org/d b main", distribution: a, packages: [bb]}]`), "sources.list"},
		{"repository file", small("", `repositories: [{source: "deb file:///srv a main", distribution: a, packages: [bb]}]`), "https://"},
		{"repository option", small("", `repositories: [{source: "deb https://a.org/d a main", distribution: "-o=x", packages: [bb]}]`), "distribution"},
		{"repository key name", small("", `repositories: [{source: "deb https://a.org/d a main", distribution: a, packages: [bb], name: "../x", key: "https://a.org/k"}]`), "name: "},
		{"repository key path", small("", `repositories: [{source: "deb https://a.org/d a main", distribution: a, packages: [bb], name: x, key: "/etc/shadow"}]`), "key"},
		{"alternative", small("", `alternatives: [{package: "--install", path: /bin/x}]`), "absolute path"},
		{"alternative path", small("", `alternatives: [{package: a, path: "x"}]`), "absolute path"},
		{"script is list", small(`"true"`, "[a]"), "a list where text is due"},
	} {
		d, err := ParseDescriptor([]byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.why, err, test.want)
		}
		if err != nil && d.Name != "" {
			t.Errorf("%s: something came together with an error", test.why)
		}
	}
}

// Keys gitian does not know are passed over, and said to be.
func TestUnknownKeys(t *testing.T) {
	d, err := ParseDescriptor([]byte(small("", "package: [gcc]", "", "Colour: blue")))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range d.Findings {
		texts = append(texts, f.Text+" "+f.Next)
	}
	want := []string{
		`line 6: the key "package" means nothing to gitian; it is passed over did its author mean packages?`,
		`line 7: the key "Colour" means nothing to gitian; it is passed over remove it, or spell it as gitian does: ` + strings.Join(keys, ", "),
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What Ruby reads in a descriptor is what we read.
func TestDescriptorLikeRuby(t *testing.T) {
	r := startRuby(t)
	for _, name := range []string{"every-key.yml", "few-keys.yml"} {
		var ruby struct {
			Name, Script                           string
			Suites, Architectures, Packages, Files []string
			Sudo                                   bool
			EnableCache                            bool `json:"enable_cache"`
			Remotes                                []struct{ URL, Dir, Commit string }
		}
		if err := r.ask(map[string]string{"descriptor": string(readTestdata(t, name))}, &ruby); err != nil {
			t.Fatal(err)
		}
		d := parsed(t, name)
		if ruby.Name != d.Name || ruby.Script != d.Script || ruby.Sudo != d.Sudo || ruby.EnableCache != d.EnableCache ||
			!slices.Equal(ruby.Suites, d.Suites) || !slices.Equal(ruby.Packages, d.Packages) || !slices.Equal(ruby.Files, d.Files) || len(ruby.Remotes) != len(d.Remotes) {
			t.Errorf("%s: Ruby reads %+v, we read %+v", name, ruby, d)
		}
	}
}

// FuzzParseDescriptor: nothing panics, nothing comes together with an error, and what parses can be planned and saved.
func FuzzParseDescriptor(f *testing.F) {
	for _, name := range []string{"every-key.yml", "few-keys.yml"} {
		f.Add(readTestdata(f, name))
	}
	f.Add([]byte(small("", `remotes: [{url: "https://a.org/a", dir: a, commit: v1}]`, "", "packages: [gcc]")))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDescriptor(data)
		if err != nil {
			if !cmp.Equal(d, Descriptor{}) {
				t.Errorf("%v, together with %+v", err, d)
			}
			return
		}
		p, err := d.Plan(Request{})
		if err != nil {
			t.Fatalf("parsed, but not planned: %v", err)
		}
		roundTrip(t, p)
	})
}
