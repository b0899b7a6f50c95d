package deb_test

import (
	"testing"

	"github.com/gverify/gverify/verify/deb"
)

func TestParseFile(t *testing.T) {
	for _, test := range []struct {
		name string
		want deb.File
		ok   bool
	}{
		{"gcc-8_8.3.0-6ubuntu1~18.04.1_amd64.deb", deb.File{Name: "gcc-8", Version: "8.3.0-6ubuntu1~18.04.1", Arch: "amd64"}, true},
		{"git_1%3a2.17.1-1ubuntu0.4_amd64.deb", deb.File{Name: "git", Version: "1:2.17.1-1ubuntu0.4", Arch: "amd64"}, true},
		{"git_1%3A2.17.1-1ubuntu0.4_amd64.deb", deb.File{Name: "git", Version: "1:2.17.1-1ubuntu0.4", Arch: "amd64"}, true},
		{"g++_4%3a7.4.0-1ubuntu2.3_amd64.deb", deb.File{Name: "g++", Version: "4:7.4.0-1ubuntu2.3", Arch: "amd64"}, true},
		{"libc6-dev-i386_2.27-3ubuntu1_amd64.deb", deb.File{Name: "libc6-dev-i386", Version: "2.27-3ubuntu1", Arch: "amd64"}, true},
		{"tzdata_2019a-0ubuntu0.18.04_all.deb", deb.File{Name: "tzdata", Version: "2019a-0ubuntu0.18.04", Arch: "all"}, true},
		{"odd_1.0_2_i386.deb", deb.File{Name: "odd", Version: "1.0_2", Arch: "i386"}, true},
		{"bash_4.4_amd64.udeb", deb.File{}, false},
		{"bash_4.4.deb", deb.File{}, false},
		{"bash.deb", deb.File{}, false},
		{"_4.4_amd64.deb", deb.File{}, false},
		{"bash__amd64.deb", deb.File{}, false},
		{"bash_4.4_.deb", deb.File{}, false},
		{"pool/bash_4.4_amd64.deb", deb.File{}, false},
		{"Selecting bash_4.4_amd64.deb", deb.File{}, false},
		{"", deb.File{}, false},
	} {
		got, ok := deb.ParseFile(test.name)
		if ok != test.ok || ok && got != test.want {
			t.Errorf("ParseFile(%q) = %+v, %t; want %+v, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}

func TestFileString(t *testing.T) {
	f := deb.File{Name: "git", Version: "1:2.17.1-1", Arch: "amd64"}
	if got, want := f.String(), "git_1%3a2.17.1-1_amd64.deb"; got != want {
		t.Errorf("%+v is %q, want %q", f, got, want)
	}
}

func TestWithoutEpoch(t *testing.T) {
	for version, want := range map[string]string{"4:7.4.0-1": "7.4.0-1", "7.4.0-1": "7.4.0-1", ":1": ":1", "a:1": "a:1", "": ""} {
		if got := deb.WithoutEpoch(version); got != want {
			t.Errorf("WithoutEpoch(%q) = %q, want %q", version, got, want)
		}
	}
}

// ascending are versions in order, each lower than the next, from deb-version(7) and from real archives.
var ascending = []string{
	"~~", "~~a", "~", "", "0.1~rc1-1", "0.1-1", "1.0~beta1~svn1245-1", "1.0~beta1-1", "1.0-1", "1.0-1ubuntu1", "1.0-1ubuntu1.1", "1.0-1ubuntu2",
	"1.0-1+b1", "1.0-2", "1.0-10", "1.0a-1", "1.0+dfsg-1", "1.0.1-1", "1.1", "2.2.2-0ubuntu3", "2.15-0ubuntu10.9", "2.15-0ubuntu10.12",
	"2.27-3ubuntu1", "2.27-3ubuntu1.2", "2.27-3ubuntu1.4", "4.8.2-19ubuntu1", "4.8.4-2ubuntu1~14.04.1", "4.8.4-2ubuntu1~14.04.4",
	"7.3.0-27ubuntu1~18.04", "7.4.0-1ubuntu1~18.04", "7.4.0-1ubuntu1~18.04.1", "8.2.0-1ubuntu2~18.04", "8.3.0-6ubuntu1~18.04", "10-1", "20190110~18.04.1",
	"1:0.1", "1:2.17.1-1ubuntu0.4", "4:4.8.2-1ubuntu6", "4:7.4.0-1ubuntu2.3", "10:0",
}

func TestCompare(t *testing.T) {
	for i, a := range ascending {
		for j, b := range ascending {
			want := max(min(i-j, 1), -1)
			if got := deb.Compare(a, b); got != want {
				t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
	for _, equal := range [][2]string{{"1.0", "1.0-"}, {"1.0", "1.0-0"}, {"0:1.0", "1.0"}, {"00:1.0", "1.0"}, {"1.00", "1.0"}, {"1.0-01", "1.0-1"}, {"0", ""}} {
		if got := deb.Compare(equal[0], equal[1]); got != 0 {
			t.Errorf("Compare(%q, %q) = %d, want 0", equal[0], equal[1], got)
		}
	}
}
