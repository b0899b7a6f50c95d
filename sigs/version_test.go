package sigs_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
)

func TestSplitRelease(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for _, tt := range []struct {
		name, version, platform string
	}{
		{"0.15.2-linux", "0.15.2", "linux"},
		{"0.15.2-win-signed", "0.15.2", "win-signed"},
		{"0.15.2", "0.15.2", ""},
		{"v0.18.4.0-android", "0.18.4.0", "android"},
		{"0.9.2rc1", "0.9.2rc1", ""},
		{"0.9.2rc1-win", "0.9.2rc1", "win"},
		{"0.10rc1-osx-unsigned", "0.10rc1", "osx-unsigned"},
		{"v6.3.0_bullseye", "6.3.0", "bullseye"},
		{"v5.0.0-rc1_buster", "5.0.0-rc1", "buster"},
		{"19.3.0-rc.1-win-signed", "19.3.0-rc.1", "win-signed"},
		{"20.0.0-beta.8", "20.0.0-beta.8", ""},
		{"v1.0.0-beta-linux", "1.0.0-beta", "linux"},
		{"29.0", "29.0", ""},
		{"V1.2-linux", "1.2", "linux"},
		{"v0.12.1-bitcore-2-linux", "0.12.1", "bitcore-2-linux"},
		{"v0.12-bitcore-rc1-linux", "0.12", "bitcore-rc1-linux"},
		{"1.0-prerelease", "1.0", "prerelease"},
		{"1.0-rcs", "1.0", "rcs"},
		{"bitcoin-linux-0.15", "0.15", "linux"},
		{"bitcoin-win-signer-0.15", "0.15", "win-signer"},
		{"bitcoin-core-osx-0.19", "0.19", "osx"},
		{"bitcoin-linux-v0.15rc1", "0.15rc1", "linux"},
		{"zcash-6.3.0", "6.3.0", ""},
		{commit, commit, ""},
		{commit + "_buster", commit, "buster"},
	} {
		version, platform, ok := sigs.SplitRelease(tt.name)
		if !ok || version != tt.version || platform != tt.platform {
			t.Errorf("SplitRelease(%q) = %q, %q, %v; want %q, %q, true", tt.name, version, platform, ok, tt.version, tt.platform)
		}
	}
	for _, name := range []string{
		"", "v", "laanwj", "4rkal", "E50FE137", "0xb10c", "29", "v29", "test", "master", "builder-keys", "1.2linux", "1.2.", "1..2", ".1.2",
		"1.2-", "1.2_", "1.2+x", "-1.2-linux", "linux-0.15-", "bitcoin-0.15.2.tar.gz", commit + "x", commit[:39], strings.ToUpper(commit),
		"1.2/linux", strings.Repeat("1.", 200) + "1",
	} {
		if version, platform, ok := sigs.SplitRelease(name); ok || version != "" || platform != "" {
			t.Errorf("SplitRelease(%q) = %q, %q, %v; want no release", name, version, platform, ok)
		}
	}
}

func TestNamesVersion(t *testing.T) {
	for _, tt := range []struct{ path, want string }{
		{"bitcoin-0.15.2-win64.zip", "0.15.2"},
		{"src/bitcoin-0.15.2.tar.gz", "0.15.2"},
		{"bitcoin-29.0rc1-x86_64-linux-gnu.tar.gz", "29.0rc1"},
		{"bitcoin-29.0-x86_64-linux-gnu.tar.gz", "29.0"},
		{"x86_64-apple-darwin18/bitcoin-22.0rc2-osx-unsigned.dmg", "22.0rc2"},
		{"dist-archive/bitcoin-22.0.tar.gz", "22.0"},
		{"bitcoin-22.0-codesignatures-0123456789ab.tar.gz", "22.0"},
		{"monero-linux-x64-v0.18.4.0.tar.bz2", "0.18.4.0"},
		{"dashcore-19.3.0-rc.1-osx64.tar.gz", "19.3.0-rc.1"},
		{"zcash-6.3.0-amd64-debian-bullseye.deb", "6.3.0"},
		{"bitcoin-0.15.2/bin/bitcoind", "0.15.2"},
		{"litecoin_0.8.7_src.zip", "0.8.7"},
		{"x-0.15.2.7z", "0.15.2"},
		{"bitcoin-0.15.2", "0.15.2"},
		{"bitcoin-osx-signed.dmg", ""},
		{"monero-x86_64-w64-mingw32.zip", ""},
		{"x86_64-apple-darwin18.6.0.tar.gz", ""},
		{"bitcoind.exe", ""},
		{"qt46-win32.zip", ""},
		{"", ""},
		{"libfoo1.2.3.so", ""},
	} {
		got, ok := sigs.NamesVersion(tt.path)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("NamesVersion(%q) = %q, %v; want %q", tt.path, got, ok, tt.want)
		}
	}
}

// TestCompareVersions checks that a shuffled list comes back in order, and that only spellings of one version are equal.
func TestCompareVersions(t *testing.T) {
	ordered := []string{
		"0.4.0", "0.9.2rc1", "0.9.2rc2", "0.9.2rc10", "0.9.2", "0.9.2.1", "0.10rc1", "0.10", "0.10.0rc1", "0.10.0", "0.15", "0.15.0rc3", "0.15.0", "0.15.0.1", "0.15.2",
		"1.0-alpha.1", "1.0-beta.1", "1.0-beta.2", "1.0pre1", "1.0-rc.1", "1.0", "19.3.0-rc.1", "19.3.0", "22.0rc1", "22.0", "29.0",
		"18446744073709551617.0", "18446744073709551618.0", "0123456789abcdef0123456789abcdef01234567", "test",
	}
	shuffled := slices.Clone(ordered)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	slices.SortFunc(shuffled, sigs.CompareVersions)
	if !slices.Equal(shuffled, ordered) {
		t.Errorf("sorted: %q\nwant:   %q", shuffled, ordered)
	}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := sigs.SameVersion(a, b); got != (i == j) {
				t.Errorf("SameVersion(%q, %q) = %v", a, b, got)
			}
			if got := sigs.CompareVersions(a, b); got != -sigs.CompareVersions(b, a) {
				t.Errorf("CompareVersions(%q, %q) = %d, and not the opposite the other way round", a, b, got)
			}
		}
	}
	for _, same := range [][2]string{{"v0.15.2", "0.15.2"}, {"1.0rc1", "1.0-rc.1"}, {"v1.0-rc1", "1.0rc1"}, {"1.0_rc1", "1.0RC1"}} {
		if !sigs.SameVersion(same[0], same[1]) {
			t.Errorf("SameVersion(%q, %q) = false", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"0.15", "0.15.2"}, {"0.15.0", "0.15.0.1"}, {"0.15", "0.15.0"}, {"1.0", "1.0rc1"}, {"0.09", "0.9"}, {"", "0.15"}, {"vv1.0", "1.0"}} {
		if sigs.SameVersion(other[0], other[1]) {
			t.Errorf("SameVersion(%q, %q) = true", other[0], other[1])
		}
	}
}

func TestIsFinal(t *testing.T) {
	for version, want := range map[string]bool{"0.15.2": true, "v22.0": true, "22.0rc1": false, "19.3.0-rc.1": false, "1.0-beta": false, "test": false, "": false} {
		if got := sigs.IsFinal(version); got != want {
			t.Errorf("IsFinal(%q) = %v", version, got)
		}
	}
}

func FuzzSplitRelease(f *testing.F) {
	for _, s := range []string{"0.15.2-win-signed", "v6.3.0_bullseye", "19.3.0-rc.1-osx", "bitcoin-linux-0.15", "0123456789abcdef0123456789abcdef01234567_buster", "1.2.3.7z", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		version, platform, ok := sigs.SplitRelease(name)
		if !ok {
			if version != "" || platform != "" {
				t.Errorf("SplitRelease(%q) = %q, %q together with false", name, version, platform)
			}
			return
		}
		again, none, ok := sigs.SplitRelease(version)
		if !ok || again != version || none != "" {
			t.Errorf("SplitRelease(%q) gives version %q, of which it says %q, %q, %v", name, version, again, none, ok)
		}
		if !strings.Contains(name, version) || !strings.Contains(name, platform) {
			t.Errorf("SplitRelease(%q) = %q, %q: not parts of it", name, version, platform)
		}
		if !sigs.SameVersion(version, "v"+version) && len(version) != 40 {
			t.Errorf("%q is another version with a v", version)
		}
		if v, ok := sigs.NamesVersion("x-" + version + "-win64.zip"); len(version) != 40 && len(version) < 200 && (!ok || v != version) {
			t.Errorf("NamesVersion does not find %q: %q", version, v)
		}
	})
}
