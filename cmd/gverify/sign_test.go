package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
)

// judgement is a verifier that says of a signature what its text says: "status key".
type judgement struct{}

func (judgement) Verify(_, signature []byte) []sigs.Signature {
	var out []sigs.Signature
	for _, one := range strings.Split(string(signature), ";") {
		status, key, _ := strings.Cut(one, " ")
		out = append(out, sigs.Signature{Status: sigs.Status(status), Primary: key})
	}
	return out
}

// A signature is stored only if it is good, and all by one key.
func TestSignEach(t *testing.T) {
	for _, test := range []struct{ signatures, want string }{
		{"good A,good A", ""},
		{"good A,good B", "not all by one key"},
		{"good A,bad A", "not good: bad"},
		{"revoked A,good A", "not good: revoked"},
		{"good A;good A,good A", "2 signatures were made"},
		{"unknown key,good A", "not good: unknown"},
		{"fail,good A", "no card"},
	} {
		queue := strings.Split(test.signatures, ",")
		sign := func(context.Context, []byte) ([]byte, error) {
			next := queue[0]
			queue = queue[1:]
			if next == "fail" {
				return nil, errors.New("no card")
			}
			return []byte(next), nil
		}
		fingerprint, err := signEach(context.Background(), sign, judgement{}, make([]signing, 2))
		switch {
		case test.want == "" && (err != nil || fingerprint != "A"):
			t.Errorf("%s: %q, %v", test.signatures, fingerprint, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || fingerprint != ""):
			t.Errorf("%s: %q, %v, want %q", test.signatures, fingerprint, err, test.want)
		}
	}
}
