package verify_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestParsePolicyExample(t *testing.T) {
	data, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != verify.PolicyExample || !strings.Contains(verify.PolicyHelp, verify.PolicyExample) {
		t.Error("testdata/policy.yaml is not the example of the help text")
	}
	got, err := verify.ParsePolicy(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	want := verify.Policy{
		Name:         "two teams",
		Threshold:    3,
		Groups:       []verify.GroupRule{{Name: "maintainers", AtLeast: 1, Of: []string{"alice", "bob"}}},
		Required:     []string{"alice"},
		Vetoes:       []string{"bob"},
		Accept:       []sigs.Status{sigs.Good, sigs.KeyExpiredSince, sigs.KeySuperseded},
		RefuseLabels: []sigs.Label{sigs.WeakSHA1},
		Dissent:      verify.RefuseDissent,
		BadSignature: verify.ReportBadSignature,
		Pins: []verify.Pin{
			{Name: "alice", Fingerprints: []string{"0123456789ABCDEF0123456789ABCDEF01234567"}},
			{Name: "bob", Fingerprints: []string{"89ABCDEF0123456789ABCDEF0123456789ABCDEF", "FEDCBA9876543210FEDCBA9876543210FEDCBA98"},
				Aliases: []string{"bobby"}, From: day(2019, 1, 1), Until: day(2025, 1, 1).Add(-time.Nanosecond)},
			{Name: "carol", Fingerprints: []string{"76543210FEDCBA9876543210FEDCBA9876543210"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
}

const (
	keyA = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	keyB = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// TestParsePolicyErrors makes sure that nothing odd is read as something else, and that the reader is told the line.
func TestParsePolicyErrors(t *testing.T) {
	pins := "pins:\n- name: alice\n  fingerprints: [" + keyA + "]\n"
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "the policy is empty"},
		{"comment only", "# nothing\n", "the policy is empty"},
		{"no mapping", "- a\n", "line 1: want fields with values"},
		{"text", "hello\n", "line 1: want fields with values"},
		{"no threshold", "name: x\n", "threshold is missing"},
		{"zero threshold", "threshold: 0\n", `line 1: threshold: "0" is not allowed, want a number of at least 1`},
		{"negative threshold", "threshold: -1\n", `line 1: threshold: "-1"`},
		{"threshold as text", "threshold: \"3\"\n", `line 1: threshold: "3"`},
		{"threshold in hexadecimal", "threshold: 0x3\n", `line 1: threshold: "0x3"`},
		{"huge threshold", "threshold: 99999999999999999999\n", "line 1: threshold"},
		{"unknown field", "threshold: 3\nthreshhold: 3\n", `line 2: unknown field "threshhold", want one of name, threshold, groups`},
		{"unknown field of a pin", "threshold: 3\npins:\n- name: alice\n  fingerprint: x\n", `line 4: unknown field "fingerprint", want one of name, fingerprints`},
		{"repeated field", "threshold: 3\nname: x\nthreshold: 1\n", `line 3: field "threshold" stands twice, first on line 1`},
		{"two documents", "threshold: 3\n---\nthreshold: 1\n", "several YAML documents"},
		{"alias", "threshold: 3\nrequired: &a [alice]\nvetoes: *a\n" + pins, "line 2: anchors and aliases"},
		{"merge key", "threshold: 3\npins:\n- <<: {name: x}\n", `unknown field "<<"`},
		{"null name", "threshold: 3\nname:\n", "line 2: name: want a text"},
		{"list as name", "threshold: 3\nname: [x]\n", "line 2: name: want a text"},
		{"empty list", "threshold: 3\npins: []\n", "line 2: pins: want a list with at least one entry"},
		{"mapping as list", "threshold: 3\nrequired: {a: b}\n", "line 2: required: want a list"},
		{"status", "threshold: 3\naccept: [good, bad]\n", `"bad" is not allowed, want one of "good", "good, key expired since", "good, key superseded since", "expired at signing", "signature expired"`},
		{"revoked", "threshold: 3\naccept:\n- good\n- revoked\n", "line 4: \"revoked\" is not allowed"},
		{"missing", "threshold: 3\naccept: [missing]\n", "line 2"},
		{"unknown key", "threshold: 3\naccept: [unknown key]\n", "line 2"},
		{"malformed", "threshold: 3\naccept: [malformed]\n", "line 2"},
		{"impossible time", "threshold: 3\naccept: [impossible time]\n", "line 2"},
		{"key unusable", "threshold: 3\naccept: [key unusable]\n", "line 2"},
		{"label", "threshold: 3\nrefuse_labels: [weak]\n", `line 2: "weak" is not allowed, want one of "weak: SHA-1 digest"`},
		{"dissent", "threshold: 3\ndissent: ignore\n", `line 2: dissent: "ignore" is not allowed, want one of "refuse", "report"`},
		{"bad signature", "threshold: 3\nbad_signature: ignore\n", `line 2: bad_signature: "ignore" is not allowed, want one of "report", "refuse"`},
		{"short fingerprint", "threshold: 3\npins:\n- name: alice\n  fingerprints: [AAAAAAAAAAAAAAAA]\n", `line 3: pin "alice": "AAAAAAAAAAAAAAAA" is no fingerprint of a primary key`},
		{"pin without fingerprint", "threshold: 3\npins:\n- name: alice\n", "line 3: this pin has no fingerprints"},
		{"pin without name", "threshold: 3\npins:\n- fingerprints: [" + keyA + "]\n", "line 3: this pin has no name"},
		{"fingerprint twice", "threshold: 3\n" + pins + "- name: bob\n  fingerprints: [" + keyA + "]\n", `line 5: fingerprint ` + keyA + ` stands twice, under "alice" and "bob"`},
		{"fingerprint twice in one pin", "threshold: 3\npins:\n- name: alice\n  fingerprints: [" + keyA + ", " + strings.ToLower(keyA) + "]\n", "stands twice"},
		{"name twice", "threshold: 3\n" + pins + "- name: alice\n  fingerprints: [" + keyB + "]\n", `line 5: the name "alice" stands twice`},
		{"alias of two", "threshold: 3\n" + pins + "- name: bob\n  fingerprints: [" + keyB + "]\n  aliases: [alice]\n", `line 5: the name "alice" stands twice`},
		{"alias before the name", "threshold: 3\npins:\n- name: bob\n  fingerprints: [" + keyB + "]\n  aliases: [alice]\n- name: alice\n  fingerprints: [" + keyA + "]\n", `line 6: the name "alice" stands twice`},
		{"dates", "threshold: 3\npins:\n- name: alice\n  fingerprints: [" + keyA + "]\n  from: 2020-02-30\n", `line 5: from: "2020-02-30" is no date`},
		{"dates backwards", "threshold: 3\npins:\n- name: alice\n  fingerprints: [" + keyA + "]\n  from: 2020-02-02\n  until: 2020-02-01\n", "ends before it begins"},
		{"required not pinned", "threshold: 3\nrequired: [bob]\n" + pins, `line 2: required: "bob" is not the name of a pin`},
		{"required in other letters", "threshold: 3\nrequired: [Alice]\n" + pins, `do you mean "alice"?`},
		{"veto not pinned", "threshold: 3\nvetoes: [bob]\n" + pins, "line 2: vetoes"},
		{"group not pinned", "threshold: 3\ngroups:\n- {name: core, at_least: 1, of: [bob]}\n" + pins, `line 3: group "core": "bob" is not the name of a pin`},
		{"group too large", "threshold: 3\ngroups:\n- {name: core, at_least: 2, of: [alice, alice]}\n" + pins, `line 3: group "core" asks for at least 2 of 1 persons`},
		{"group of zero", "threshold: 3\ngroups:\n- {name: core, at_least: 0, of: [alice]}\n" + pins, `line 3: at_least: "0" is not allowed`},
		{"group without members", "threshold: 3\ngroups:\n- {name: core, at_least: 1}\n" + pins, "line 3: this group has no of"},
		{"no YAML", "threshold: [\n", "line "},
		{"too large", "threshold: 3\n#" + strings.Repeat("x", verify.MaxPolicy), "at most 262144 are read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := verify.ParsePolicy([]byte(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("ParsePolicy returned %v, want an error with %q", err, test.want)
			}
			if diff := cmp.Diff(verify.Policy{}, p); diff != "" {
				t.Errorf("a policy comes with the error: %s", diff)
			}
		})
	}
}

// TestParsePolicyWithoutPins reads a file whose names the project's pins will explain.
func TestParsePolicyWithoutPins(t *testing.T) {
	p, err := verify.ParsePolicy([]byte("threshold: 2\nrequired: [alice]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err == nil {
		t.Error("required alice is valid without a pin of that name")
	}
	p.Pins = []verify.Pin{{Name: "alice", Fingerprints: []string{keyA}}}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	alice := verify.Pin{Name: "alice", Fingerprints: []string{keyA}}
	for _, test := range []struct {
		name   string
		policy verify.Policy
		want   string // part of the error, empty for none
	}{
		{"zero", verify.Policy{}, "threshold is 0"},
		{"no pins", verify.Policy{Threshold: 3}, ""},
		{"any", verify.AnyPolicy(nil), ""},
		{"any with pins", verify.AnyPolicy([]verify.Pin{alice}), ""},
		{"one pin", verify.Policy{Threshold: 3, Pins: []verify.Pin{alice}}, ""},
		{"key of two", verify.Policy{Threshold: 3, Pins: []verify.Pin{alice, {Name: "bob", Fingerprints: []string{keyA}}}}, "one key is one person"},
		{"lower case", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{strings.ToLower(keyA)}}}}, "no fingerprint"},
		{"version 6", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{strings.Repeat("0", 64)}}}}, ""},
		{"version 3", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{strings.Repeat("0", 32)}}}}, "no fingerprint"},
		{"no name", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Fingerprints: []string{keyA}}}}, "no name"},
		{"no key", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice"}}}, "no fingerprint"},
		{"empty alias", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{keyA}, Aliases: []string{""}}}}, "empty alias"},
		{"own name as alias", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{keyA}, Aliases: []string{"alice"}}}}, ""},
		{"accept nothing", verify.Policy{Threshold: 3, Accept: []sigs.Status{}}, "accept is empty"},
		{"accept no status", verify.Policy{Threshold: 3, Accept: []sigs.Status{""}}, "may never vote"},
		{"accept bad", verify.Policy{Threshold: 3, Accept: []sigs.Status{sigs.Bad}}, "may never vote"},
		{"label", verify.Policy{Threshold: 3, RefuseLabels: []sigs.Label{"x"}}, "no label"},
		{"dissent", verify.Policy{Threshold: 3, Dissent: "x"}, "dissent is"},
		{"bad signature", verify.Policy{Threshold: 3, BadSignature: "x"}, "bad_signature is"},
		{"group of zero", verify.Policy{Threshold: 3, Pins: []verify.Pin{alice}, Groups: []verify.GroupRule{{Name: "g", Of: []string{"alice"}}}}, "want 1 to 1"},
		{"vetoes by alias", verify.Policy{Threshold: 3, Pins: []verify.Pin{{Name: "alice", Fingerprints: []string{keyA}, Aliases: []string{"al"}}}, Vetoes: []string{"al"}}, `do you mean "alice"?`},
	} {
		err := test.policy.Validate()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Validate returned %v, want %q", test.name, err, test.want)
		}
		if test.name == "zero" || err == nil {
			continue
		}
		if _, err := test.policy.Decide(verify.Comparison{}, verify.Question{}); err == nil {
			t.Errorf("%s: Decide applies a policy that is not valid", test.name)
		}
	}
}

// FuzzParsePolicy makes sure that no input panics, that nothing comes together with an error, and that what is read is a policy
// that Decide can apply.
func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(verify.PolicyExample))
	f.Add([]byte("threshold: 3\naccept: [revoked]\n"))
	f.Add([]byte("threshold: 3\npins: &a\n- *a\n"))
	f.Add([]byte("{threshold: 1, pins: [{name: a, fingerprints: [" + keyA + "], until: 2020-01-01}]}"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Add([]byte("--- !!map\nthreshold: !!int 3\n...\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := verify.ParsePolicy(data)
		if err != nil {
			if diff := cmp.Diff(verify.Policy{}, p); diff != "" {
				t.Fatalf("a policy comes with the error %v: %s", err, diff)
			}
			return
		}
		if p.Threshold < 1 || p.AnyGiven {
			t.Fatalf("threshold %d, any %t", p.Threshold, p.AnyGiven)
		}
		for _, s := range p.Accept {
			switch s {
			case sigs.Good, sigs.KeyExpiredSince, sigs.KeySuperseded, sigs.ExpiredAtSigning, sigs.SignatureExpired:
			default:
				t.Fatalf("accepts %q", s)
			}
		}
		if len(p.Pins) == 0 {
			p.Required, p.Vetoes, p.Groups = nil, nil, nil // the project's pins would explain them
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("read, but not valid: %v", err)
		}
		verdict, err := p.Decide(verify.Comparison{}, verify.Question{})
		if err != nil || verdict.Outcome != verify.Insufficient {
			t.Fatalf("nothing signed: %s, %v", verdict.Outcome, err)
		}
	})
}
