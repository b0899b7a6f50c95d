package pgp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

const (
	maxHeaders    = 32   // armor headers of one block
	maxHeaderLine = 1000 // bytes of one armor header
	signatureType = "SIGNATURE"
	keyType       = "PUBLIC KEY BLOCK"
)

var (
	beginMark = []byte("-----BEGIN PGP ")
	endMark   = []byte("-----END PGP ")
	dashes    = []byte("-----")
)

// isBinary reports whether data begins like an OpenPGP packet.
func isBinary(data []byte) bool { return len(data) > 0 && data[0]&0x80 != 0 }

// dearmorSignature returns the packets of a signature file, armored or binary. Only white space may stand around the armor.
func dearmorSignature(data []byte) ([]byte, error) {
	if isBinary(data) {
		return data, nil
	}
	text := bytes.TrimLeft(data, " \t\r\n")
	if len(text) == 0 {
		return nil, errors.New("the signature file is empty")
	}
	if !bytes.HasPrefix(text, beginMark) {
		return nil, errors.New("neither an armored nor a binary OpenPGP signature")
	}
	kind, body, rest, err := block(text)
	if err != nil {
		return nil, err
	}
	if err := isSignature(kind); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("text behind the armored signature")
	}
	return body, nil
}

// isSignature refuses armor that holds anything but signatures.
func isSignature(kind string) error {
	switch kind {
	case signatureType:
		return nil
	case "SIGNED MESSAGE":
		return errors.New("a clear-signed message, not a detached signature")
	case "MESSAGE":
		return errors.New("an inline-signed or encrypted message, not a detached signature")
	}
	return fmt.Errorf("an armored PGP %q, not a signature", kind)
}

// dearmorKeys returns the packets of every public key block of a key file, armored or binary. Text between blocks is passed
// over; a block that cannot be read is an error beside those that can.
func dearmorKeys(data []byte) (packets [][]byte, errs []error) {
	if isBinary(data) {
		return [][]byte{data}, nil
	}
	for rest := unindented(data); ; {
		i := bytes.Index(rest, beginMark)
		if i < 0 {
			return packets, errs
		}
		kind, body, behind, err := block(rest[i:])
		switch {
		case err != nil:
			errs = append(errs, err)
			behind = rest[i+len(beginMark):]
		case kind == "PRIVATE KEY BLOCK":
			errs = append(errs, errSecret)
		case kind != keyType:
			errs = append(errs, fmt.Errorf("an armored PGP %q, not a public key", kind))
		default:
			packets = append(packets, body)
		}
		rest = behind
	}
}

// block decodes one armored block that begins at text[0] and returns what stands behind it.
func block(text []byte) (kind string, body, rest []byte, err error) {
	line, rest := cutLine(text)
	kind, ok := mark(line, beginMark)
	if !ok {
		return "", nil, nil, errors.New("the armor's first line is malformed")
	}
	if kind == "SIGNED MESSAGE" {
		return kind, nil, nil, nil
	}
	for n := 0; ; n++ {
		if line, rest = cutLine(rest); len(line) == 0 {
			break
		}
		if n == maxHeaders || len(line) > maxHeaderLine {
			return "", nil, nil, errors.New("the armor has too many or too long headers")
		}
		if !bytes.Contains(line, []byte(": ")) && !bytes.HasSuffix(line, []byte(":")) {
			return "", nil, nil, errors.New("the armor has no empty line between headers and data")
		}
	}
	var encoded, crc []byte
	for {
		if len(rest) == 0 {
			return "", nil, nil, errors.New("the armor has no end: the file is cut off")
		}
		line, rest = cutLine(rest)
		if end, ok := mark(line, endMark); ok {
			if end != kind {
				return "", nil, nil, fmt.Errorf("the armor begins as %q and ends as %q", kind, end)
			}
			break
		}
		switch {
		case crc != nil && len(line) > 0:
			return "", nil, nil, errors.New("data behind the armor's checksum")
		case len(line) == 5 && line[0] == '=':
			crc = line[1:]
		default:
			encoded = append(encoded, line...)
		}
	}
	body, err = base64.StdEncoding.Strict().DecodeString(string(encoded))
	if err != nil {
		return "", nil, nil, fmt.Errorf("the armor is damaged: %w", err)
	}
	if crc != nil {
		sum, err := base64.StdEncoding.DecodeString(string(crc))
		if err != nil || len(sum) != 3 || checksum(body) != uint32(sum[0])<<16|uint32(sum[1])<<8|uint32(sum[2]) {
			return "", nil, nil, errors.New("the armor is damaged: its checksum is wrong")
		}
	}
	return kind, body, rest, nil
}

// mark reads "-----BEGIN PGP <kind>-----".
func mark(line, begin []byte) (kind string, ok bool) {
	if !bytes.HasPrefix(line, begin) || !bytes.HasSuffix(line, dashes) || len(line) < len(begin)+len(dashes) {
		return "", false
	}
	return string(line[len(begin) : len(line)-len(dashes)]), true
}

// cutLine returns the first line without white space at its end, and what follows it.
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return bytes.TrimRight(line, " \t\r"), rest
}

// checksum is the CRC-24 of RFC 4880, section 6.1.
func checksum(data []byte) uint32 {
	crc := uint32(0xb704ce)
	for _, b := range data {
		crc ^= uint32(b) << 16
		for range 8 {
			if crc <<= 1; crc&0x1000000 != 0 {
				crc ^= 0x1864cfb
			}
		}
	}
	return crc & 0xffffff
}

// unindented is a key file's text without white space before its lines: a real key file was pasted with a space before each.
func unindented(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		lines[i] = bytes.TrimLeft(line, " \t")
	}
	return bytes.Join(lines, []byte("\n"))
}
