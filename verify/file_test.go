package verify_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// bytesOf is the digest of invented bytes.
func bytesOf(s string) sigs.Digest { return sha256.Sum256([]byte(s)) }

// group is the digest of content, and who made it: voters, then behind a / others, then behind another / claims.
func group(content, who string) verify.GroupVerdict {
	lists := strings.Split(who+"//", "/")
	return verify.GroupVerdict{Digest: bytesOf(content), Voters: strings.Fields(lists[0]), Others: strings.Fields(lists[1]), Claims: strings.Fields(lists[2])}
}

func artifact(path string, o verify.Outcome, groups ...verify.GroupVerdict) verify.ArtifactVerdict {
	return verify.ArtifactVerdict{Path: path, Outcome: o, Counts: true, Groups: groups}
}

func platform(name string, o verify.Outcome, artifacts ...verify.ArtifactVerdict) verify.PlatformVerdict {
	return verify.PlatformVerdict{Name: name, Outcome: o, Grounds: "grounds of " + name, Artifacts: artifacts}
}

// What a file's name and bytes come to. The first case is agreed; the others differ from it in what they are named for.
func TestFile(t *testing.T) {
	const name = "coin-1.0-linux.tar.gz"
	agreed := func(path string) verify.ArtifactVerdict {
		return artifact(path, verify.Agreed, group("linux", "a b c/d/e"))
	}
	for _, c := range []struct {
		what      string
		platforms []verify.PlatformVerdict
		file      verify.File
		standing  verify.Standing
		outcome   verify.Outcome
		grounds   string
	}{
		{"agreed", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"other bytes", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: name, Digest: bytesOf("other")}, verify.Contradicted, verify.Disputed, "3 voting signers made other bytes under this name, and nobody made these"},
		{"bytes of another file", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name), artifact("coin-1.0-debug.tar.gz", verify.Agreed, group("debug", "a b c")))},
			verify.File{Name: name, Digest: bytesOf("debug")}, verify.Contradicted, verify.Disputed, "these bytes are those of coin-1.0-debug.tar.gz"},
		{"bytes only an uncounted signer made", []verify.PlatformVerdict{platform("linux", verify.Agreed, artifact(name, verify.Agreed, group("linux", "a b c"), group("evil", "/m")))},
			verify.File{Name: name, Digest: bytesOf("evil")}, verify.Contradicted, verify.Disputed, "these bytes come from 1 signer whose voice does not count"},
		{"renamed", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: "wallet.bin", Digest: bytesOf("linux")}, verify.Renamed, verify.Agreed, "nobody attests a file of this name"},
		{"renamed and attested by too few", []verify.PlatformVerdict{platform("linux", verify.Insufficient, artifact(name, verify.Insufficient, group("linux", "a")))},
			verify.File{Name: "wallet.bin", Digest: bytesOf("linux")}, verify.Renamed, verify.Insufficient, "too few"},
		{"a part of a name is no name", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: "coin-1.0-linux.tar", Digest: bytesOf("other")}, verify.Unattested, verify.Insufficient, "nobody attests"},
		{"more than a name is no name", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: name + ".exe", Digest: bytesOf("other")}, verify.Unattested, verify.Insufficient, "nobody attests"},
		{"another case is no name", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: strings.ToUpper(name), Digest: bytesOf("other")}, verify.Unattested, verify.Insufficient, "nobody attests"},
		{"of another version", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: "coin-1.1-linux.tar.gz", Digest: bytesOf("other")}, verify.OfAnotherVersion, verify.Insufficient, "its name says 1.1"},
		{"its bytes under another version's name", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: "coin-1.1-linux.tar.gz", Digest: bytesOf("linux")}, verify.OfAnotherVersion, verify.Insufficient, "its name says 1.1, and its bytes are those of " + name + ", of 1.0"},
		{"its bytes under the name of a candidate", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: "coin-1.0rc1-linux.tar.gz", Digest: bytesOf("linux")}, verify.OfAnotherVersion, verify.Insufficient, "its name says 1.0rc1"},
		{"disputed bytes under another version's name", []verify.PlatformVerdict{platform("linux", verify.Disputed, artifact(name, verify.Disputed, group("linux", "a b c"), group("newer", "d e")))},
			verify.File{Name: "coin-1.1-linux.tar.gz", Digest: bytesOf("newer")}, verify.OfAnotherVersion, verify.Disputed, "its name says 1.1"},
		{"renamed, with its version", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Name: "wallet-1.0.bin", Digest: bytesOf("linux")}, verify.Renamed, verify.Agreed, "nobody attests a file of this name"},
		{"renamed, with the version the builders write", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("coin-0.9-linux.tar.gz"))},
			verify.File{Name: "wallet-0.9.bin", Digest: bytesOf("linux")}, verify.Renamed, verify.Agreed, "nobody attests a file of this name"},
		{"without a name", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "its bytes are those of " + name},
		{"without a name, unknown", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name))},
			verify.File{Digest: bytesOf("other")}, verify.Unattested, verify.Insufficient, "nobody attests"},
		{"in a directory", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("src/"+name))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"in a directory, other bytes", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("src/"+name))},
			verify.File{Name: name, Digest: bytesOf("other")}, verify.Contradicted, verify.Disputed, "other bytes under this name"},
		{"of two directories one", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("32/"+name), artifact("64/"+name, verify.Agreed, group("other", "a b c")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"the whole name before directories", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("src/"+name), artifact(name, verify.Agreed, group("other", "a b c")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Contradicted, verify.Disputed, "these bytes are those of src/" + name},
		{"a whole name that nobody with a vote lists hides no directory's", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("src/"+name), artifact(name, verify.Insufficient, group("evil", "/m")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"nor does it lend its bytes a name", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("src/"+name), artifact("x/"+name, verify.Insufficient, group("evil", "/m")))},
			verify.File{Name: name, Digest: bytesOf("evil")}, verify.Contradicted, verify.Disputed, "3 voting signers made other bytes"},
		{"nor hide the project's rule", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("signed.dmg"), artifact("coin-1.0.dmg", verify.Insufficient, group("linux", "//m")))},
			verify.File{Name: "coin-1.0.dmg", Attested: "signed.dmg", Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"by the project's rule", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("signed.dmg"))},
			verify.File{Name: "coin-1.0.dmg", Attested: "signed.dmg", Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"by the project's rule, other bytes", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed("signed.dmg"))},
			verify.File{Name: "coin-1.0.dmg", Attested: "signed.dmg", Digest: bytesOf("other")}, verify.Contradicted, verify.Disputed, "other bytes under this name"},
		{"in the smaller group of a dispute", []verify.PlatformVerdict{platform("linux", verify.Disputed, artifact(name, verify.Disputed, group("linux", "a b c"), group("newer", "d e")))},
			verify.File{Name: name, Digest: bytesOf("newer")}, verify.Attested, verify.Disputed, "2 voting signers made the same bytes, and 3 voting signers made others"},
		{"in the larger group of a dispute", []verify.PlatformVerdict{platform("linux", verify.Disputed, artifact(name, verify.Disputed, group("linux", "a b c"), group("newer", "d e")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Disputed, "3 voting signers made the same bytes, and 2 voting signers made others"},
		{"overruled by the policy", []verify.PlatformVerdict{platform("linux", verify.Agreed, artifact(name, verify.Agreed, group("linux", "a b c"), group("newer", "d")))},
			verify.File{Name: name, Digest: bytesOf("newer")}, verify.Attested, verify.Disputed, "1 voting signer made the same bytes, and 3 voting signers made others"},
		{"the policy's majority", []verify.PlatformVerdict{platform("linux", verify.Agreed, artifact(name, verify.Agreed, group("linux", "a b c"), group("newer", "d")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "the policy lets the majority decide"},
		{"too few", []verify.PlatformVerdict{platform("linux", verify.Insufficient, artifact(name, verify.Insufficient, group("linux", "a b")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Insufficient, "2 voting signers made the same bytes, too few"},
		{"one voter contradicts", []verify.PlatformVerdict{platform("linux", verify.Insufficient, artifact(name, verify.Insufficient, group("linux", "a")))},
			verify.File{Name: name, Digest: bytesOf("other")}, verify.Contradicted, verify.Disputed, "1 voting signer made other bytes"},
		{"only claims", []verify.PlatformVerdict{platform("linux", verify.Insufficient, artifact(name, verify.Insufficient, group("linux", "/x/y z")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Insufficient, "3 signers whose voice does not count made the same bytes"},
		{"contradicted by claims only", []verify.PlatformVerdict{platform("linux", verify.Insufficient, artifact(name, verify.Insufficient, group("linux", "/x/y z")))},
			verify.File{Name: name, Digest: bytesOf("other")}, verify.Contradicted, verify.Insufficient, "3 signers whose voice does not count made other bytes"},
		{"on another platform too few", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name)), platform("win", verify.Insufficient, artifact(name, verify.Insufficient, group("linux", "a")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{"on another platform other bytes", []verify.PlatformVerdict{platform("linux", verify.Agreed, agreed(name)), platform("win", verify.Insufficient, artifact(name, verify.Insufficient, group("other", "f")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Disputed, "1 voting signer made others"},
		{"a platform the policy refuses", []verify.PlatformVerdict{platform("linux", verify.Disputed, agreed(name))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Disputed, "grounds of linux"},
		{"nothing attested", nil, verify.File{Name: name, Digest: bytesOf("linux")}, verify.Unattested, verify.Insufficient, "nobody attests"},
		{"undecided", []verify.PlatformVerdict{platform("linux", verify.Undecided, artifact(name, verify.Undecided, group("linux", "a b c")))},
			verify.File{Name: name, Digest: bytesOf("linux")}, verify.Attested, verify.Insufficient, "3 voting signers"},
	} {
		got := verify.Verdict{Version: "1.0", Platforms: c.platforms}.File(c.file)
		if got.Standing != c.standing || got.Outcome != c.outcome || !strings.Contains(got.Grounds, c.grounds) {
			t.Errorf("%s: %s, %s: %q; want %s, %s: %q", c.what, got.Standing, got.Outcome, got.Grounds, c.standing, c.outcome, c.grounds)
		}
		slices.Reverse(c.platforms)
		if again := (verify.Verdict{Version: "1.0", Platforms: c.platforms}).File(c.file); fmt.Sprint(again.Standing, again.Outcome, again.Same, again.Against) != fmt.Sprint(got.Standing, got.Outcome, got.Same, got.Against) {
			t.Errorf("%s: the order of the platforms changes %+v into %+v", c.what, got, again)
		}
	}
}

// Builders of 0.15.0.1 attest files called 0.15.0, and the project publishes them with the whole version.
func TestFileOfLongerVersion(t *testing.T) {
	const attested, name = "coin-0.15.0-linux.tar.gz", "coin-0.15.0.1-linux.tar.gz"
	v := verify.Verdict{Version: "0.15.0.1", Platforms: []verify.PlatformVerdict{platform("linux", verify.Agreed, artifact(attested, verify.Agreed, group("linux", "a b c")))}}
	for _, c := range []struct {
		name, content string
		standing      verify.Standing
		outcome       verify.Outcome
		grounds       string
	}{
		{name, "linux", verify.Attested, verify.Agreed, "3 voting signers made the same bytes"},
		{name, "other", verify.Contradicted, verify.Disputed, "made other bytes of " + attested + ", which is this name but for the version"},
		{attested, "other", verify.Contradicted, verify.Disputed, "other bytes under this name"},
		{"coin-0.15.0.1-linux.tar", "other", verify.Unattested, verify.Insufficient, "nobody attests"},
		{"coin-0.15.0.2-linux.tar.gz", "other", verify.OfAnotherVersion, verify.Insufficient, "its name says 0.15.0.2"},
		{"coin-0.15.0.2-linux.tar.gz", "linux", verify.OfAnotherVersion, verify.Insufficient, "its name says 0.15.0.2"},
		{"coin-0.15-linux.tar.gz", "linux", verify.OfAnotherVersion, verify.Insufficient, "its name says 0.15"},
	} {
		got := v.File(verify.File{Name: c.name, Digest: bytesOf(c.content)})
		if got.Standing != c.standing || got.Outcome != c.outcome || !strings.Contains(got.Grounds, c.grounds) {
			t.Errorf("%s with %s: %s, %s: %q; want %s, %s: %q", c.name, c.content, got.Standing, got.Outcome, got.Grounds, c.standing, c.outcome, c.grounds)
		}
	}
}

// The zero values are never success.
func TestFileZero(t *testing.T) {
	if v := (verify.Verdict{}).File(verify.File{}); v.Outcome == verify.Agreed {
		t.Errorf("the zero file of the zero verdict: %+v", v)
	}
	if v := (verify.Verdict{}).Item(verify.Item{Name: "x"}); v.Outcome != verify.Undecided {
		t.Errorf("an item without bytes: %+v", v)
	}
	if o, _, _ := verify.SumItems(nil); o != verify.Undecided {
		t.Errorf("no items: %s, want undecided", o)
	}
	var s verify.Standing
	if s != verify.Unattested {
		t.Errorf("the zero standing is %s", s)
	}
}

// A check is as good as its worst item that counts.
func TestSumItems(t *testing.T) {
	v := verify.Verdict{Version: "1.0", Platforms: []verify.PlatformVerdict{
		platform("linux", verify.Agreed, artifact("good", verify.Agreed, group("good", "a b c")), artifact("other", verify.Agreed, group("other", "a b c d"))),
		platform("win", verify.Disputed, artifact("split", verify.Disputed, group("x", "a b"), group("y", "c"))),
		platform("osx", verify.Insufficient, artifact("few", verify.Insufficient, group("few", "a"))),
	}}
	digest := func(s string) *sigs.Digest { d := bytesOf(s); return &d }
	listed := func(name, content string) verify.Item { return verify.Item{Name: name, Listed: digest(content)} }
	held := func(name, content string) verify.Item { return verify.Item{Name: name, Held: digest(content)} }
	both := func(name, list, mine string) verify.Item {
		return verify.Item{Name: name, Listed: digest(list), Held: digest(mine)}
	}
	for _, c := range []struct {
		what    string
		items   []verify.Item
		outcome verify.Outcome
		grounds string
	}{
		{"one file", []verify.Item{held("good", "good")}, verify.Agreed, "3 voting signers made the same bytes"},
		{"two files", []verify.Item{held("good", "good"), held("other", "other")}, verify.Agreed, "3 to 4 voting signers made the same bytes, of each of 2 files"},
		{"one of them not attested", []verify.Item{held("good", "good"), held("unknown", "?")}, verify.Insufficient, "1 of 2 files is not attested by enough: of unknown"},
		{"one of them contradicted", []verify.Item{held("good", "good"), held("other", "?"), held("unknown", "?")}, verify.Disputed, "1 of 3 files is disputed or contradicted: of other"},
		{"a list", []verify.Item{listed("good", "good"), listed("other", "other")}, verify.Agreed, "of each of 2 files"},
		{"a list that nobody attests", []verify.Item{listed("x", "p"), listed("y", "q")}, verify.Insufficient, "all 2 files are"},
		{"a list with an unknown file", []verify.Item{listed("good", "good"), listed("unknown", "?")}, verify.Insufficient, "of unknown"},
		{"a list with an unknown file, another held", []verify.Item{both("good", "good", "good"), listed("unknown", "?")}, verify.Agreed, "3 voting signers"},
		{"a list with a disputed file, another held", []verify.Item{both("good", "good", "good"), listed("split", "x")}, verify.Agreed, "3 voting signers"},
		{"a list that lies, another file held", []verify.Item{both("good", "good", "good"), listed("other", "?")}, verify.Disputed, "of other"},
		{"a list that lies about a disputed file, another held", []verify.Item{both("good", "good", "good"), listed("split", "?")}, verify.Disputed, "of split"},
		{"not the listed file", []verify.Item{both("good", "good", "?")}, verify.Disputed, "not the bytes on the list"},
		{"the list is wrong and the file right", []verify.Item{both("good", "?", "good")}, verify.Disputed, "not the bytes on the list; 3 voting signers made the same bytes"},
		{"not the listed file, and nobody attests either", []verify.Item{both("unknown", "1", "2")}, verify.Disputed, "not the bytes on the list"},
		{"too few", []verify.Item{held("few", "few"), held("good", "good")}, verify.Insufficient, "of few"},
	} {
		var items []verify.ItemVerdict
		for _, i := range c.items {
			items = append(items, v.Item(i))
		}
		o, grounds, _ := verify.SumItems(items)
		if o != c.outcome || !strings.Contains(grounds, c.grounds) {
			t.Errorf("%s: %s: %q; want %s: %q", c.what, o, grounds, c.outcome, c.grounds)
		}
	}
}

// Signatures speak against a list when they do not fit it; that nobody known signed it is another matter.
func TestRefuted(t *testing.T) {
	for _, c := range []struct {
		statuses []sigs.Status
		policy   verify.Policy
		want     bool
	}{
		{[]sigs.Status{sigs.Good}, verify.Policy{}, false},
		{[]sigs.Status{sigs.Missing}, verify.Policy{}, false},
		{[]sigs.Status{sigs.UnknownKey}, verify.Policy{}, false},
		{[]sigs.Status{sigs.Bad}, verify.Policy{}, true},
		{[]sigs.Status{sigs.Malformed}, verify.Policy{}, true},
		{[]sigs.Status{sigs.Bad, sigs.UnknownKey}, verify.Policy{}, true},
		{[]sigs.Status{sigs.Bad, sigs.Revoked}, verify.Policy{}, true},
		{[]sigs.Status{sigs.Bad, sigs.Good}, verify.Policy{}, false},
		{[]sigs.Status{sigs.Bad, sigs.Good}, verify.Policy{BadSignature: verify.RefuseBadSignature}, true},
		{[]sigs.Status{sigs.Bad, sigs.KeyExpiredSince}, verify.Policy{}, false},
	} {
		var all []sigs.Signature
		for _, s := range c.statuses {
			all = append(all, sigs.Signature{Status: s, Given: true})
		}
		if got := c.policy.Refuted(all); got != c.want {
			t.Errorf("Refuted(%q) with bad signatures %q = %t, want %t", c.statuses, c.policy.BadSignature, got, c.want)
		}
	}
}

// Beside a bad signature a good one counts only by a key that somebody vouches for.
func TestRefutedBesideAStranger(t *testing.T) {
	p := verify.Policy{Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{"A1"}}}}
	for key, want := range map[string]bool{"A1": false, "B2": true} {
		if got := p.Refuted([]sigs.Signature{{Status: sigs.Bad}, {Status: sigs.Good, Primary: key}}); got != want {
			t.Errorf("Refuted with a good signature by %s = %t, want %t", key, got, want)
		}
	}
}

// A pin names a key only where the signature's mathematics hold.
func TestPinOf(t *testing.T) {
	p := verify.Policy{Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{"A1"}}}}
	for _, c := range []struct {
		s    sigs.Signature
		want string
	}{
		{sigs.Signature{Status: sigs.Good, Primary: "A1"}, "alice"},
		{sigs.Signature{Status: sigs.Bad, Primary: "A1"}, ""},
		{sigs.Signature{Status: sigs.UnknownKey, Fingerprint: "A1"}, ""},
		{sigs.Signature{Status: sigs.Good, Primary: "B2"}, ""},
	} {
		if got := p.PinOf(c.s); got != c.want {
			t.Errorf("PinOf(%s %s) = %q, want %q", c.s.Status, c.s.Primary, got, c.want)
		}
	}
}

// Over all vectors: a file agrees only where an artifact of its bytes does, no other bytes ever agree, and a disputed artifact's
// files are disputed whichever group they are of.
func TestFilesOfVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[verify.Outcome]int{}
	for _, file := range files {
		vec, _, err := readVector(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		statements, _ := vec.check(t, vec.files)
		v, err := vec.policy.Decide(verify.Compare(vec.version, statements), vec.question)
		if err != nil {
			continue
		}
		for _, p := range v.Platforms {
			for _, a := range p.Artifacts {
				if got := v.File(verify.File{Name: a.Path, Digest: bytesOf("nobody's")}); got.Outcome == verify.Agreed || got.Standing != verify.Contradicted {
					t.Errorf("%s: %s with nobody's bytes is %s, %s", vec.name, a.Path, got.Standing, got.Outcome)
				}
				for _, g := range a.Groups {
					got := v.File(verify.File{Name: a.Path, Digest: g.Digest})
					seen[got.Outcome]++
					if got.Outcome == verify.Agreed && !agreesSomewhere(v, a.Path, g.Digest) {
						t.Errorf("%s: %s %s agrees, and no artifact of these bytes does", vec.name, a.Path, g.Digest)
					}
					if a.Outcome == verify.Disputed && got.Outcome != verify.Disputed {
						t.Errorf("%s: %s is disputed and its file %s is %s", vec.name, a.Path, g.Digest, got.Outcome)
					}
					if moved := v.File(verify.File{Name: "renamed", Digest: g.Digest}); moved.Outcome == verify.Agreed && !agreesSomewhere(v, "", g.Digest) {
						t.Errorf("%s: %s renamed agrees", vec.name, a.Path)
					}
				}
			}
		}
	}
	if seen[verify.Agreed] < 20 || seen[verify.Disputed] < 20 || seen[verify.Insufficient] < 20 {
		t.Errorf("outcomes seen: %v", seen)
	}
}

// agreesSomewhere reports whether an artifact (of a path, if one is given) agrees on a digest.
func agreesSomewhere(v verify.Verdict, path string, digest sigs.Digest) bool {
	for _, p := range v.Platforms {
		for _, a := range p.Artifacts {
			if (path == "" || a.Path == path) && a.Outcome == verify.Agreed && a.Groups[0].Digest == digest {
				return true
			}
		}
	}
	return false
}
