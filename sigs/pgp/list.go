package pgp

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/gverify/gverify/sigs"
)

const (
	// MaxListSignatures is the largest file of signatures over a list of digests that is read, in bytes.
	MaxListSignatures = 256 << 10

	// maxListSignatures is how many signatures such a file may hold. Bitcoin Core 30.0's holds 23.
	maxListSignatures = 64
)

// JudgeList judges the signatures over a release's own list of digests, usually called SHA256SUMS.asc. Projects make that file by
// joining their signers' files end to end, so it may hold several armored blocks; only white space may stand around and between
// them. It returns at least one signature.
func (k *Keyring) JudgeList(asOf time.Time, list, signatures []byte) []sigs.Signature {
	frames, err := listFrames(signatures)
	if err != nil {
		return []sigs.Signature{{Status: sigs.Malformed, Why: err.Error()}}
	}
	return verifier{k, asOf}.all(frames, list, nil)
}

// listFrames cuts armored blocks that follow one another, or one binary file, into signature packets.
func listFrames(data []byte) ([]frame, error) {
	if len(data) > MaxListSignatures {
		return nil, fmt.Errorf("the signature file has %d bytes, at most %d are read", len(data), MaxListSignatures)
	}
	if isBinary(data) {
		return cutSignatures(data, maxListSignatures)
	}
	var out []frame
	for rest := bytes.TrimLeft(data, " \t\r\n"); len(rest) > 0; rest = bytes.TrimLeft(rest, " \t\r\n") {
		if !bytes.HasPrefix(rest, beginMark) {
			return nil, errors.New("text that is no armored signature, before, between or behind the signatures")
		}
		kind, body, behind, err := block(rest)
		if err == nil {
			err = isSignature(kind)
		}
		if err != nil {
			return nil, err
		}
		frames, err := cutSignatures(body, maxListSignatures)
		if err != nil {
			return nil, err
		}
		if out = append(out, frames...); len(out) > maxListSignatures {
			return nil, fmt.Errorf("more than %d signatures in one file", maxListSignatures)
		}
		rest = behind
	}
	if len(out) == 0 {
		return nil, errors.New("the signature file is empty")
	}
	return out, nil
}
