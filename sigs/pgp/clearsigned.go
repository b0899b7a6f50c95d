package pgp

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
)

const (
	// MaxClearSigned is the largest clear-signed file that is read, in bytes.
	MaxClearSigned = 4 << 20

	clearMark      = "-----BEGIN PGP SIGNED MESSAGE-----"
	clearSignature = "-----BEGIN PGP SIGNATURE-----"
	maxHashHeaders = 8
)

// ClearSigned is a clear-signed message taken apart. RFC 4880, section 7, describes the format.
type ClearSigned struct {
	// Text is what the signatures are over and nothing else: dash escapes undone, white space at the ends of lines left out,
	// lines joined by LF, none behind the last one.
	Text []byte

	hashes []crypto.Hash // that the message says its signatures use
	frames []frame
}

// IsClearSigned reports whether data begins like a clear-signed message, or holds the beginning of one further down: such a file
// is never to be read as anything else.
func IsClearSigned(data []byte) bool { return bytes.Contains(data, []byte(clearMark)) }

// ParseClearSigned takes a clear-signed message apart. The whole file must be the message: text before it, behind it, or between
// its parts is an error, because a reader would take it for signed. So is everything that would let two programs see two texts: a
// header other than Hash, a line of dashes that is not escaped, a CR that ends no line, control characters, another encoding than
// UTF-8. It does not judge the signatures.
func ParseClearSigned(data []byte) (ClearSigned, error) {
	if len(data) > MaxClearSigned {
		return ClearSigned{}, fmt.Errorf("the file has %d bytes, at most %d are read", len(data), MaxClearSigned)
	}
	first, rest, err := textLine(data)
	if err != nil || first != clearMark {
		return ClearSigned{}, errors.New("text before the clear-signed message: the file must begin with " + clearMark)
	}
	var c ClearSigned
	if c.hashes, rest, err = hashHeaders(rest); err != nil {
		return ClearSigned{}, err
	}
	var text strings.Builder
	for n := 0; ; n++ {
		if len(rest) == 0 {
			return ClearSigned{}, errors.New("no signature behind the text: the file is cut off")
		}
		at := rest
		line, behind, err := textLine(rest)
		if err != nil {
			return ClearSigned{}, fmt.Errorf("line %d of the text: %w", n+1, err)
		}
		if line == clearSignature {
			rest = at
			break
		}
		if line, err = unescape(line); err != nil {
			return ClearSigned{}, fmt.Errorf("line %d of the text: %w", n+1, err)
		}
		if n > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(strings.TrimRight(line, " \t"))
		rest = behind
	}
	c.Text = []byte(text.String())
	if c.frames, err = theSignatures(rest); err != nil {
		return ClearSigned{}, err
	}
	return c, nil
}

// theSignatures reads the one armored block that ends the message.
func theSignatures(data []byte) ([]frame, error) {
	if len(data) > MaxListSignatures {
		return nil, fmt.Errorf("the signatures have %d bytes, at most %d are read", len(data), MaxListSignatures)
	}
	kind, body, behind, err := block(data)
	if err == nil {
		err = isSignature(kind)
	}
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(behind)) > 0 {
		return nil, errors.New("text behind the clear-signed message: nobody signed it")
	}
	return cutSignatures(body, maxListSignatures)
}

// JudgeClearSigned judges every signature of a clear-signed message. One that is not over text, or whose digest the message does
// not name, is malformed: GnuPG refuses both too.
func (k *Keyring) JudgeClearSigned(asOf time.Time, c ClearSigned) []sigs.Signature {
	return verifier{k, asOf}.all(c.frames, c.Text, func(claim claim) error {
		if claim.kind != packet.SigTypeText {
			return errors.New("a signature over a binary file, not over a clear-signed text")
		}
		if !slices.Contains(c.hashes, claim.hash) {
			return fmt.Errorf("its digest is %s, which the message's Hash header does not name", hashName(claim.hash))
		}
		return nil
	})
}

// textLine cuts one line off. It may end with LF or CRLF; any other CR or control character is an error.
func textLine(data []byte) (line string, rest []byte, err error) {
	body, rest, _ := bytes.Cut(data, []byte("\n"))
	body = bytes.TrimSuffix(body, []byte("\r"))
	for _, b := range body {
		if b == '\r' {
			return "", nil, errors.New("a CR that ends no line")
		}
		if b < ' ' && b != '\t' || b == 0x7f {
			return "", nil, fmt.Errorf("a control character 0x%02x", b)
		}
	}
	if !utf8.Valid(body) {
		return "", nil, errors.New("bytes that are no UTF-8")
	}
	return string(body), rest, nil
}

// unescape undoes the escaping of lines that begin with a dash.
func unescape(line string) (string, error) {
	if rest, ok := strings.CutPrefix(line, "- "); ok {
		return rest, nil
	}
	if strings.HasPrefix(line, "-") {
		return "", errors.New("a line that begins with a dash and is not escaped")
	}
	return line, nil
}

// headerHashes are the names that a Hash header may hold.
var headerHashes = map[string]crypto.Hash{
	"MD5": crypto.MD5, "SHA1": crypto.SHA1, "RIPEMD160": crypto.RIPEMD160,
	"SHA224": crypto.SHA224, "SHA256": crypto.SHA256, "SHA384": crypto.SHA384, "SHA512": crypto.SHA512,
}

// hashHeaders reads the headers up to the empty line behind them. Only Hash is a header; a message without it means MD5.
func hashHeaders(data []byte) (hashes []crypto.Hash, rest []byte, err error) {
	for n := 0; len(data) > 0; n++ {
		line, behind, err := textLine(data)
		if err != nil {
			return nil, nil, fmt.Errorf("the headers of the clear-signed message: %w", err)
		}
		if line == "" {
			if len(hashes) == 0 {
				hashes = []crypto.Hash{crypto.MD5}
			}
			return hashes, behind, nil
		}
		names, ok := strings.CutPrefix(line, "Hash: ")
		if !ok || n == maxHashHeaders {
			return nil, nil, errors.New("the clear-signed message has a header other than Hash, which nobody signed")
		}
		for name := range strings.SplitSeq(names, ",") {
			h, known := headerHashes[strings.TrimPrefix(name, " ")]
			if !known {
				return nil, nil, errors.New("the clear-signed message names a digest in its Hash header that is not known")
			}
			hashes = append(hashes, h)
		}
		data = behind
	}
	return nil, nil, errors.New("the clear-signed message has no empty line behind its headers")
}
