package pgp

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 a tenth of the old attestations is signed with it
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// digests are the hash algorithms of RFC 4880, section 9.4, that old signatures use.
var digests = map[byte]crypto.Hash{1: crypto.MD5, 2: crypto.SHA1, 3: crypto.RIPEMD160, 8: crypto.SHA256, 9: crypto.SHA384, 10: crypto.SHA512, 11: crypto.SHA224}

// readVersion3 reads a version 2 or 3 signature, RFC 4880 section 5.2.2, which go-crypto passes over in silence. The caller
// has checked that its length fits.
func readVersion3(b []byte) (claim, error) {
	kind := packet.SignatureType(b[2])
	if err := documentType(kind); err != nil {
		return claim{}, err
	}
	h, known := digests[b[16]]
	if !known {
		return claim{}, fmt.Errorf("a digest of type %d, which is not known", b[16])
	}
	var numbers []*big.Int
	for rest := b[19:]; len(rest) >= 2; {
		n := (int(binary.BigEndian.Uint16(rest)) + 7) / 8
		numbers = append(numbers, new(big.Int).SetBytes(rest[2:2+n]))
		rest = rest[2+n:]
	}
	created := binary.BigEndian.Uint32(b[3:])
	c := claim{keyID: binary.BigEndian.Uint64(b[7:]), created: time.Unix(int64(created), 0), hash: h, algorithm: packet.PublicKeyAlgorithm(b[15]), kind: kind, version: int(b[0])}
	hashed := [5]byte(b[2:7]) // type and creation time
	c.check = func(pub *packet.PublicKey, message []byte) error {
		if !h.Available() || pub.PubKeyAlgo != c.algorithm {
			return errors.New("digest or algorithm does not fit the key")
		}
		w := h.New()
		write(w, kind, message)
		w.Write(hashed[:])
		return checkNumbers(pub, h, w.Sum(nil), numbers)
	}
	return c, nil
}

// checkNumbers verifies an RSA or DSA signature over a digest.
func checkNumbers(pub *packet.PublicKey, h crypto.Hash, digest []byte, numbers []*big.Int) error {
	switch p := pub.PublicKey.(type) {
	case *rsa.PublicKey:
		if len(numbers) != 1 || numbers[0].BitLen() > p.N.BitLen() {
			return errors.New("not an RSA signature of this key's size")
		}
		return rsa.VerifyPKCS1v15(p, h, digest, numbers[0].FillBytes(make([]byte, p.Size())))
	case *dsa.PublicKey:
		if q := (p.Q.BitLen() + 7) / 8; len(digest) > q {
			digest = digest[:q]
		}
		if len(numbers) != 2 || !dsa.Verify(p, digest, numbers[0], numbers[1]) {
			return errors.New("the signature does not fit")
		}
		return nil
	}
	return errors.New("a key that makes no old signatures")
}
