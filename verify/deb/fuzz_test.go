package deb_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/gverify/gverify/verify/deb"
)

// dpkgVersion are the versions dpkg takes without a word (deb-version(7)), short enough for a command line.
var dpkgVersion = regexp.MustCompile(`^([0-9]{1,4}:)?[0-9][A-Za-z0-9.+~-]{0,60}$`)

// FuzzCompare holds the order to its laws, to a second implementation written from the manual, and, for one pair in many, to dpkg.
func FuzzCompare(f *testing.F) {
	for i := range ascending[:len(ascending)-2] {
		f.Add(ascending[i], ascending[i+1], ascending[i+2])
	}
	f.Add("1:1-1", "1-1:1", "-")
	f.Add("1.0~-1", "1.0-1~", "1.0")
	_, err := exec.LookPath("dpkg")
	haveDpkg := err == nil
	count := 0
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ab, bc, ac := deb.Compare(a, b), deb.Compare(b, c), deb.Compare(a, c)
		if deb.Compare(a, a) != 0 || ab != -deb.Compare(b, a) {
			t.Fatalf("Compare(%q, %q) = %d is not the opposite of the other way round", a, b, ab)
		}
		if ab <= 0 && bc <= 0 && ac > 0 || ab >= 0 && bc >= 0 && ac < 0 {
			t.Fatalf("not transitive: %q %q %q: %d %d %d", a, b, c, ab, bc, ac)
		}
		if want := byTheManual(a, b); ab != want {
			t.Fatalf("Compare(%q, %q) = %d, by the manual %d", a, b, ab, want)
		}
		count++
		if haveDpkg && count%64 == 0 && dpkgVersion.MatchString(a) && dpkgVersion.MatchString(b) {
			says := func(relation string) bool {
				return exec.Command("dpkg", "--compare-versions", a, relation, b).Run() == nil
			}
			less, equal, more := says("lt"), says("eq"), says("gt")
			if (less || equal || more) && (less != (ab < 0) || more != (ab > 0)) { // it refuses some: an empty revision
				t.Fatalf("Compare(%q, %q) = %d; dpkg: less %t, more %t", a, b, ab, less, more)
			}
		}
	})
}

// byTheManual is deb-version(7) word by word, without any cleverness: each part is cut into a list of alternating non-digits and
// digits, every non-digit becomes a number, and lists are compared item by item.
func byTheManual(a, b string) int {
	x, y := parts(a), parts(b)
	for i := range x {
		for len(x[i]) < len(y[i]) {
			x[i] = append(x[i], item{})
		}
		for len(y[i]) < len(x[i]) {
			y[i] = append(y[i], item{})
		}
		for j := range x[i] {
			if c := x[i][j].compare(y[i][j]); c != 0 {
				return c
			}
		}
	}
	return 0
}

// item is a run of non-digits and the number behind it.
type item struct {
	word   []int
	number string // without leading zeros
}

func (x item) compare(y item) int {
	at := func(w []int, i int) int {
		if i < len(w) {
			return w[i]
		}
		return 0
	}
	for i := range max(len(x.word), len(y.word)) {
		if a, b := at(x.word, i), at(y.word, i); a != b {
			if a < b {
				return -1
			}
			return 1
		}
	}
	if len(x.number) != len(y.number) {
		if len(x.number) < len(y.number) {
			return -1
		}
		return 1
	}
	return strings.Compare(x.number, y.number)
}

func parts(version string) [3][]item {
	epoch, rest, revision := "", version, ""
	if i := strings.Index(version, ":"); i > 0 && regexp.MustCompile(`^[0-9]+$`).MatchString(version[:i]) {
		epoch, rest = version[:i], version[i+1:]
	}
	if i := strings.LastIndex(rest, "-"); i >= 0 {
		rest, revision = rest[:i], rest[i+1:]
	}
	return [3][]item{items(epoch), items(rest), items(revision)}
}

func items(s string) []item {
	var out []item
	for len(s) > 0 {
		var it item
		for len(s) > 0 && strings.IndexByte("0123456789", s[0]) < 0 {
			switch c := s[0]; {
			case c == '~':
				it.word = append(it.word, -1)
			case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
				it.word = append(it.word, int(c))
			default:
				it.word = append(it.word, 1000+int(c))
			}
			s = s[1:]
		}
		n := 0
		for n < len(s) && strings.IndexByte("0123456789", s[n]) >= 0 {
			n++
		}
		it.number, s = strings.TrimLeft(s[:n], "0"), s[n:]
		out = append(out, it)
	}
	return out
}

// FuzzParseFile makes sure that what is read is written back, and nothing panics.
func FuzzParseFile(f *testing.F) {
	f.Add("git_1%3a2.17.1-1_amd64.deb")
	f.Add("a_%3a_b.deb")
	f.Add("odd_1.0_2_i386.deb")
	f.Fuzz(func(t *testing.T, name string) {
		file, ok := deb.ParseFile(name)
		if !ok {
			return
		}
		again, ok := deb.ParseFile(file.String())
		if !ok || again != file {
			t.Errorf("%q is %+v, written %q is %+v (%t)", name, file, file.String(), again, ok)
		}
	})
}
