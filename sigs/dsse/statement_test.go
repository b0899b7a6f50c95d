package dsse_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

func statementText(subject string) string {
	return `{"_type":"` + dsse.StatementType + `","subject":[` + subject + `],"predicateType":"p","predicate":{}}`
}

func subjectText(name, digest string) string {
	return fmt.Sprintf(`{"name":%q,"digest":{"sha256":%q}}`, name, digest)
}

func TestStatement(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	good := statementText(subjectText("a", digest))
	s, err := dsse.ParseStatement([]byte(good))
	if err != nil || len(s.Subjects) != 1 || s.Subjects[0].Name != "a" || s.Subjects[0].Digest.String() != digest {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := dsse.ParseStatement([]byte(strings.Replace(good, `"predicate":`, `"note":[1],"predicate":`, 1))); err != nil {
		t.Errorf("a member nobody knows: %v", err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"other type":          {strings.Replace(good, "Statement/v1", "Statement/v0.1", 1), "_type"},
		"no type":             {strings.Replace(good, "_type", "_typo", 1), "_type"},
		"no subject":          {statementText(""), "no subject"},
		"null subject":        {strings.Replace(good, `"subject":[`, `"subject":null,"x":[`, 1), "no subject"},
		"subject in capitals": {strings.Replace(good, `"subject"`, `"Subject"`, 1), "should be spelled"},
		"subjects twice":      {strings.Replace(good, `"predicateType"`, `"subject":[],"predicateType"`, 1), "twice"},
		"no digest":           {statementText(`{"name":"a"}`), "no sha256 digest"},
		"another algorithm":   {statementText(`{"name":"a","digest":{"sha1":"` + digest + `"}}`), "no sha256 digest"},
		"short digest":        {statementText(subjectText("a", digest[2:])), "62 digits"},
		"no hexadecimal":      {statementText(subjectText("a", digest[1:]+"g")), "invalid byte"},
		"capitals":            {statementText(subjectText("a", strings.ToUpper(digest))), "upper case"},
		"zeros":               {statementText(subjectText("a", zeros)), "zeros"},
		"no name":             {statementText(subjectText("", digest)), "no name"},
		"subject twice":       {statementText(subjectText("a", digest) + "," + subjectText("a", digest)), "already"},
		"digest twice":        {statementText(`{"name":"a","digest":{"sha256":"` + digest + `","sha256":"` + zeros + `"}}`), "twice"},
		"no predicate type":   {strings.Replace(good, `"p"`, `""`, 1), "no predicateType"},
		"predicate no object": {strings.Replace(good, `"predicate":{}`, `"predicate":[]`, 1), "no object"},
		"no predicate":        {strings.Replace(good, `,"predicate":{}`, ``, 1), "no object"},
		"something behind":    {good + "{}", "after top-level value"},
		"no JSON":             {"x", "invalid character"},
	} {
		if _, err := dsse.ParseStatement([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A payload that enough keys signed is still refused where it is no statement.
func TestSignedNonsense(t *testing.T) {
	for _, payload := range []string{"hello", "{}", "[]", statementText("")} {
		e, err := dsse.SignPayload(context.Background(), []byte(payload), []dsse.Signer{alice()})
		if err != nil {
			t.Fatal(err)
		}
		v, err := dsse.Verify(e, []dsse.PublicKey{alice().Public}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := v.Statement(); err == nil {
			t.Errorf("%q is the statement %+v", payload, s)
		}
	}
}

func goodSummary() dsse.Summary {
	policy := dsse.NewResource("https://example.org/policy", []byte("{}"))
	policy.Content = []byte("{}")
	return dsse.Summary{
		Verifier: dsse.Verifier{ID: dsse.VerifierID}, TimeVerified: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), ResourceURI: "pkg:generic/demo@1.0",
		Policy: policy, InputAttestations: []dsse.Resource{dsse.NewResource("https://example.org/a", []byte("a"))},
		Result: dsse.Passed, Levels: []string{"GVERIFY_REPRODUCED_BY_3"},
	}
}

func TestSummary(t *testing.T) {
	subjects := []dsse.Subject{{Name: "a", Digest: sigs.Digest{1}}}
	s, err := goodSummary().Statement(subjects)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Summary(); err != nil || !reflect.DeepEqual(got, goodSummary()) {
		t.Errorf("Summary() = %+v, %v, want %+v", got, err, goodSummary())
	}
	for name, c := range map[string]struct {
		change func(*dsse.Summary)
		want   string
	}{
		"another verifier":  {func(s *dsse.Summary) { s.Verifier.ID = "https://example.org" }, "verifier"},
		"no time":           {func(s *dsse.Summary) { s.TimeVerified = time.Time{} }, "when"},
		"no package":        {func(s *dsse.Summary) { s.ResourceURI = "https://example.org" }, "package URL"},
		"no policy":         {func(s *dsse.Summary) { s.Policy = dsse.Resource{} }, "uri"},
		"policy exchanged":  {func(s *dsse.Summary) { s.Policy.Content = []byte("other") }, "another digest"},
		"policy undigested": {func(s *dsse.Summary) { s.Policy.Digest = dsse.DigestSet{} }, "no sha256"},
		"vote undigested":   {func(s *dsse.Summary) { s.InputAttestations[0].Digest.SHA256 = "x" }, "digits"},
		"nobody voted":      {func(s *dsse.Summary) { s.InputAttestations = nil }, "nobody's"},
		"no level":          {func(s *dsse.Summary) { s.Levels = nil }, "no level"},
		"a level of SLSA":   {func(s *dsse.Summary) { s.Levels = append(s.Levels, "SLSA_BUILD_LEVEL_3") }, "never claims"},
		"passed and failed": {func(s *dsse.Summary) { s.Levels = append(s.Levels, dsse.Failed) }, "FAILED"},
		"failed and passed": {func(s *dsse.Summary) { s.Result = dsse.Failed }, "no level says so"},
		"in lower case":     {func(s *dsse.Summary) { s.Result = "passed" }, `result "passed"`},
		"no result":         {func(s *dsse.Summary) { s.Result = "" }, `result ""`},
	} {
		changed := goodSummary()
		c.change(&changed)
		if _, err := changed.Statement(subjects); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: written: %v, want %q", name, err, c.want)
		}
		predicate, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		s.Predicate = predicate
		if _, err := s.Summary(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: read: %v, want %q", name, err, c.want)
		}
	}
	if s, err = goodSummary().Statement(subjects); err != nil {
		t.Fatal(err)
	}
	s.PredicateType = dsse.ReportType
	if _, err := s.Summary(); err == nil || !strings.Contains(err.Error(), "predicate type") {
		t.Errorf("a report is read as a summary: %v", err)
	}
}

// Whatever parses as a statement holds the rules, and reads back the same.
func FuzzStatement(f *testing.F) {
	digest := fmt.Sprintf("%x", sha256.Sum256(nil))
	f.Add([]byte(statementText(subjectText("a", digest))))
	s, err := goodSummary().Statement([]dsse.Subject{{Name: "a", Digest: sigs.Digest{1}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"_type":"` + dsse.StatementType + `","subject":[` + subjectText("a", digest) + `],"predicateType":"` + dsse.SummaryType + `","predicate":` + string(s.Predicate) + `}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := dsse.ParseStatement(data)
		if err != nil {
			return
		}
		if len(s.Subjects) == 0 || s.PredicateType == "" {
			t.Fatalf("%q is a statement about nothing", data)
		}
		if summary, err := s.Summary(); err == nil && summary.Result == dsse.Passed && len(summary.InputAttestations) == 0 {
			t.Fatalf("%q passes without anybody's vote", data)
		}
		e, err := dsse.Sign(context.Background(), s, alice())
		if err != nil {
			t.Fatal(err)
		}
		again, err := dsse.ParseStatement(e.Payload)
		if err != nil || !reflect.DeepEqual(again.Subjects, s.Subjects) || again.PredicateType != s.PredicateType {
			t.Fatalf("%q reads back as %+v, %v", data, again, err)
		}
	})
}
