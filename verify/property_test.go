package verify_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// decidable reads all vectors that are no errors.
func decidable(t *testing.T) []*vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*vector
	for _, file := range files {
		v, _, err := readVector(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if v.expect != "error" {
			out = append(out, v)
		}
	}
	if len(out) < 30 {
		t.Fatalf("%d vectors", len(out))
	}
	return out
}

func (v *vector) decide(t *testing.T, p verify.Policy, statements []*sigs.Statement) verify.Verdict {
	t.Helper()
	verdict, err := p.Decide(verify.Compare(v.version, statements), v.question)
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	return verdict
}

// TestZeroPolicy makes sure that a policy that says nothing is met by nobody, whatever else it says.
func TestZeroPolicy(t *testing.T) {
	for _, v := range decidable(t) {
		statements, _ := v.check(t, v.files)
		without := v.policy
		without.Threshold = 0
		for name, p := range map[string]verify.Policy{"zero": {}, "no threshold": without, "no pins": {Threshold: 1}, "nobody given": {Threshold: 1, AnyGiven: true}} {
			if name == "nobody given" && strings.HasPrefix(v.name, "any-") {
				continue
			}
			if verdict := v.decide(t, p, statements); verdict.Outcome == verify.Agreed || verdict.Outcome == verify.Undecided {
				t.Errorf("%s, policy with %s: %s", v.name, name, verdict.Outcome)
			}
		}
	}
	if verdict := (verify.Verdict{}); verdict.Outcome == verify.Agreed || verdict.Own == verify.Matches {
		t.Error("the zero verdict agrees")
	}
}

// TestZeroStatement makes sure that a statement sigs.Check did not make has no vote, whatever it claims to be.
func TestZeroStatement(t *testing.T) {
	for _, v := range decidable(t) {
		statements, _ := v.check(t, v.files)
		for i, s := range statements {
			statements[i] = &sigs.Statement{Directory: s.Directory, Path: s.Path, Signer: s.Signer, Name: s.Name, Assertion: s.Assertion}
		}
		p := v.policy
		p.Threshold = 1
		for i, voice := range v.decide(t, p, statements).Voices {
			if voice.Votes {
				t.Errorf("%s: statement %d votes", v.name, i)
			}
		}
	}
}

// TestOrder makes sure that the order of the statements, and a statement given twice, change nothing at all.
func TestOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, v := range decidable(t) {
		statements, _ := v.check(t, v.files)
		want := v.decide(t, v.policy, statements)
		for range 5 {
			shuffled := slices.Concat(statements, statements, []*sigs.Statement{nil})
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if diff := cmp.Diff(want, v.decide(t, v.policy, shuffled)); diff != "" {
				t.Fatalf("%s: in another order (-want +got):\n%s", v.name, diff)
			}
		}
	}
}

// TestStrangersChangeNothing adds attestations that anyone could add: by keys nobody pinned, with bad, malformed, missing or
// uncheckable signatures, on platforms there are and new ones. No outcome may change, and no comparison with an own build.
func TestStrangersChangeNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	rounds := 40
	if raceEnabled || testing.Short() {
		rounds = 8
	}
	added := 0
	for _, v := range decidable(t) {
		statements, _ := v.check(t, v.files)
		want := v.decide(t, v.policy, statements)
		if len(statements) == 0 {
			continue
		}
		for range rounds {
			files := maps.Clone(v.files)
			for n := range 1 + random.IntN(3) {
				v.addStranger(files, random, n)
			}
			statements, _ := v.check(t, files)
			got := v.decide(t, v.policy, statements)
			added++
			if got.Outcome != want.Outcome || got.Own != want.Own {
				t.Errorf("%s: strangers made it %s, own build %s; want %s, %s", v.name, got.Outcome, got.Own, want.Outcome, want.Own)
				for _, name := range slices.Sorted(maps.Keys(files)) {
					if v.files[name] == nil {
						t.Logf("-- %s --\n%s", name, files[name].Data)
					}
				}
				return
			}
		}
	}
	if added == 0 {
		t.Fatal("no strangers were added")
	}
}

// addStranger copies a random attestation, changes it, and signs it in a way that has no vote.
func (v *vector) addStranger(files fstest.MapFS, random *rand.Rand, n int) {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		if ext := path.Ext(name); ext == ".assert" || ext == ".SHA256SUMS" || ext == ".yml" {
			all = append(all, name)
		}
	}
	from := all[random.IntN(len(all))]
	if random.IntN(5) == 0 { // beside what somebody else signed
		sig := strangerSignature(string(v.files[from].Data), random)
		for _, ext := range []string{".asc", ".sig"} {
			if sig != "" && files[from+ext] == nil {
				files[from+ext] = &fstest.MapFile{Data: []byte(sig)}
			}
		}
		return
	}
	data := string(v.files[from].Data)
	lines := strings.SplitAfter(data, "\n")
	for range random.IntN(4) {
		i := random.IntN(len(lines))
		switch line := lines[i]; random.IntN(3) {
		case 0: // another hash
			lines[i] = strings.NewReplacer("0", "1", "a", "b").Replace(line)
			if strings.Contains(line, "manifest") || strings.HasPrefix(line, "-") {
				lines[i] = line
			}
		case 1: // another file
			lines[i] = strings.Replace(line, "prog-1.0-", "prog-1.0-more-", 1)
		case 2: // another version
			lines[i] = strings.ReplaceAll(line, "1.0", "0.9")
		}
	}
	data = strings.Join(lines, "")
	dir, file := path.Dir(path.Dir(from)), path.Base(from)
	switch random.IntN(6) {
	case 0:
		dir = strings.Replace(dir, "linux", "win", 1)
	case 1:
		dir = "v" + dir
	case 2:
		file = "more-" + file
	}
	signer := []string{"aaron", "zoe", "alice", "Alice", "erin", "bob2"}[random.IntN(6)] + fmt.Sprint(n)
	if random.IntN(4) == 0 {
		signer = strings.TrimRight(signer, "0123456789") // a name that is taken
	}
	target := path.Join(dir, signer, file)
	if files[target] != nil {
		return
	}
	files[target] = &fstest.MapFile{Data: []byte(data)}
	if sig := strangerSignature(data, random); sig != "" {
		files[target+".sig"] = &fstest.MapFile{Data: []byte(sig)}
	}
}

// strangerSignature is a signature without a vote, empty for none.
func strangerSignature(message string, random *rand.Rand) string {
	sum := sha256.Sum256([]byte(message))
	by, status := "F", sigs.Good // pinned nowhere
	switch random.IntN(6) {
	case 0:
		return ""
	case 1:
		status = sigs.UnknownKey
	case 2:
		status = sigs.Malformed
	case 3:
		by, sum = "A", sha256.Sum256([]byte("other")) // bad
	case 4:
		by, status = "A", sigs.Revoked
	}
	return fmt.Sprintf("by: %s\nstatus: %s\nmessage: %s\n", by, status, hex.EncodeToString(sum[:]))
}
