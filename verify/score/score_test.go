package score_test

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/score"
)

const cases = `[
 {"id": "drift", "release": "1.0-linux", "label": "package-drift", "acceptable_labels": ["package-drift"], "artifacts": ["f"],
  "clusters": [{"assertions": [{"signer": "alice", "blob": "a"}, {"signer": "bob", "blob": "b"}]}, {"deviating": true, "assertions": [{"signer": "mallory", "blob": "m"}]}]},
 {"id": "corrupt", "release": "1.0-linux", "label": "corrupt-file", "acceptable_labels": ["corrupt-file"], "deviating": [{"signer": "mallory"}], "others": [{"signer": "alice", "blob": "a"}]}
]`

// explained is an explanation in which B, mallory, differs from A for causes of the given confidences.
func explained(artifact string, causes ...verify.Cause) verify.PlatformExplanation {
	return verify.PlatformExplanation{
		Members: []verify.Observation{{Signer: "alice", Blob: "a"}, {Signer: "bob", Blob: "b"}, {Signer: "mallory", Blob: "m"}},
		Splits: []verify.Split{{Artifacts: []string{artifact}, Groups: []verify.SplitGroup{{Members: []int{0, 1}}, {Members: []int{2}}},
			Pairs: []verify.Pair{{A: 0, B: 1, Causes: causes, Candidates: 3}}}},
	}
}

func cause(id verify.CauseID, confidence verify.Confidence) verify.Cause {
	return verify.Cause{ID: id, Confidence: confidence}
}

func TestReadCases(t *testing.T) {
	got, err := score.ReadCases([]byte(cases))
	if err != nil || len(got) != 2 || len(got[0].Assertions()) != 3 || len(got[1].Assertions()) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "{}", `[{"id": "x"}]`, `[{"id": "x", "acceptable_labels": ["commit"]}]`, `[{"acceptable_labels": ["commit"], "deviating": [{}]}]`} {
		if got, err := score.ReadCases([]byte(bad)); err == nil || got != nil {
			t.Errorf("ReadCases(%q) = %+v, %v", bad, got, err)
		}
	}
}

func TestOf(t *testing.T) {
	all, err := score.ReadCases([]byte(cases))
	if err != nil {
		t.Fatal(err)
	}
	drift, corrupt := all[0], all[1]
	odd := verify.PlatformExplanation{Members: []verify.Observation{{Signer: "mallory", Blob: "whatever"}, {Signer: "alice", Blob: "a"}},
		Oddities: []verify.Oddity{{Member: 0, Cause: cause(verify.CorruptFile, 0.99)}, {Member: 1, Cause: cause(verify.OtherRelease, 0.99)}}}
	swapped := explained("f", cause(verify.PackageDrift, 0.9))
	swapped.Splits[0].Pairs[0].A, swapped.Splits[0].Pairs[0].B = 1, 0
	within := explained("f", cause(verify.PackageDrift, 0.9))
	within.Splits[0].Groups[1].Members = []int{1} // bob alone: no group deviates
	for _, test := range []struct {
		name string
		c    score.Case
		e    verify.PlatformExplanation
		rank int
		n    int
	}{
		{"first", drift, explained("f", cause(verify.PackageDrift, 0.9), cause(verify.OtherCommit, 0.1)), 1, 2},
		{"tools by another name", drift, explained("f", cause(verify.Toolchain, 0.9)), 1, 1},
		{"second", drift, explained("f", cause(verify.PackageDrift, 0.4), cause(verify.OtherCommit, 0.6)), 2, 2},
		{"the other way round", drift, swapped, 1, 1},
		{"not there", drift, explained("f", cause(verify.OtherCommit, 0.6)), 0, 1},
		{"another file", drift, explained("g", cause(verify.PackageDrift, 0.9)), 0, 0},
		{"between groups that do not deviate", drift, within, 0, 0},
		{"nothing", drift, verify.PlatformExplanation{}, 0, 0},
		{"an oddity of the deviating signer only", corrupt, odd, 1, 1},
	} {
		r := score.Of(test.c, test.e)
		if r.Rank != test.rank || len(r.Ranking) != test.n || r.First() != (test.rank == 1) || r.AmongThree() != (test.rank >= 1 && test.rank <= 3) {
			t.Errorf("%s: rank %d of %v, want %d of %d", test.name, r.Rank, r.Ranking, test.rank, test.n)
		}
	}
}

// TestMean makes sure that the confidence of a case is the mean over its pairs.
func TestMean(t *testing.T) {
	all, err := score.ReadCases([]byte(cases))
	if err != nil {
		t.Fatal(err)
	}
	e := explained("f", cause(verify.PackageDrift, 0.9))
	e.Splits = append(e.Splits, explained("f", cause(verify.OtherCommit, 0.8)).Splits...)
	r := score.Of(all[0], e)
	if len(r.Ranking) != 2 || r.Ranking[0].ID != verify.PackageDrift || r.Ranking[0].Confidence.Percent() != 45 || r.Ranking[1].Confidence.Percent() != 40 {
		t.Errorf("%+v", r.Ranking)
	}
}

func TestWrite(t *testing.T) {
	all, err := score.ReadCases([]byte(cases))
	if err != nil {
		t.Fatal(err)
	}
	results := []score.Result{
		score.Of(all[0], explained("f", cause(verify.PackageDrift, 0.97))),
		score.Of(all[0], explained("f", cause(verify.PackageDrift, 0.4), cause(verify.OtherCommit, 0.5))),
		score.Of(all[1], verify.PlatformExplanation{}),
	}
	var b strings.Builder
	if err := score.Write(&b, results); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3 cases: 1 at rank 1, 2 among the first three", "package-drift 97%", "commit 50%, package-drift 40%", "acceptable: [package-drift]",
		"confidence  95 to 100 %: 1 cases, mean 97 %, right 1", "confidence  30 to  60 %: 1 cases, mean 50 %, right 0"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
