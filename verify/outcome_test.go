package verify_test

import (
	"encoding/json"
	"testing"

	"github.com/gverify/gverify/verify"
)

func TestNames(t *testing.T) {
	type both struct {
		Outcome verify.Outcome
		Own     verify.Own
	}
	for _, test := range []struct {
		in   both
		want string
	}{
		{both{}, `{"Outcome":"undecided","Own":"not run"}`},
		{both{verify.Agreed, verify.Matches}, `{"Outcome":"agreed","Own":"matches"}`},
		{both{verify.Disputed, verify.Differs}, `{"Outcome":"disputed","Own":"differs"}`},
		{both{verify.Insufficient, verify.NotRun}, `{"Outcome":"insufficient","Own":"not run"}`},
	} {
		got, err := json.Marshal(test.in)
		if err != nil || string(got) != test.want {
			t.Errorf("Marshal(%v) = %s, %v, want %s", test.in, got, err, test.want)
		}
		var back both
		if err := json.Unmarshal(got, &back); err != nil || back != test.in {
			t.Errorf("Unmarshal(%s) = %v, %v", got, back, err)
		}
	}
}

// TestNamesUnknown makes sure that a value nobody named is no success, in words or in bytes.
func TestNamesUnknown(t *testing.T) {
	for _, o := range []verify.Outcome{-1, 4} {
		if s := o.String(); s == verify.Agreed.String() || s == "" {
			t.Errorf("Outcome(%d) is called %q", int(o), s)
		}
		if _, err := o.MarshalText(); err == nil {
			t.Errorf("Outcome(%d) has a text", int(o))
		}
	}
	o := verify.Agreed
	if err := o.UnmarshalText([]byte("fine")); err == nil || o == verify.Agreed {
		t.Errorf(`"fine" is read as %v, %v`, o, err)
	}
	if _, err := verify.Own(9).MarshalText(); err == nil {
		t.Error("Own(9) has a text")
	}
}
