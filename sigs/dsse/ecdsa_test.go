package dsse_test

import (
	"encoding/asn1"
	"math/big"
	"testing"
)

func parseECDSA(t *testing.T, sig []byte) (r, s *big.Int) {
	t.Helper()
	var both ecdsaSignature
	if rest, err := asn1.Unmarshal(sig, &both); err != nil || len(rest) > 0 {
		t.Fatal("not an ECDSA signature")
	}
	return both.R, both.S
}

func marshalECDSA(t *testing.T, r, s *big.Int) []byte {
	t.Helper()
	sig, err := asn1.Marshal(ecdsaSignature{r, s})
	if err != nil {
		t.Fatal(err)
	}
	return sig
}
