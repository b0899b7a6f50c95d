package pgp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Packet tags of RFC 4880, section 4.3.
const (
	tagSignature    = 2
	tagSecretKey    = 5
	tagPublicKey    = 6
	tagSecretSubkey = 7
	tagMarker       = 10
	tagTrust        = 12
	tagUserID       = 13
	tagPublicSubkey = 14
	tagUserAttr     = 17
	tagPadding      = 21
)

// frame is one packet: its tag and body, a part of the bytes it was read from.
type frame struct {
	tag  uint8
	body []byte
}

// parse hands a frame to go-crypto.
func (f frame) parse() (packet.Packet, error) {
	return (&packet.OpaquePacket{Tag: f.tag, Contents: f.body}).Parse()
}

var errFrame = errors.New("a packet's length does not fit: the file is cut off or damaged")

// nextFrame cuts the first packet off. Only definite lengths are read: keys and signatures have no others.
func nextFrame(data []byte) (f frame, rest []byte, err error) {
	if data[0]&0x80 == 0 {
		return frame{}, nil, errors.New("bytes that begin no OpenPGP packet")
	}
	header, length := 0, 0
	if data[0]&0x40 == 0 { // old format
		f.tag = data[0] >> 2 & 0xf
		width := 1 << (data[0] & 3)
		if width == 8 {
			return frame{}, nil, errors.New("a packet of indeterminate length")
		}
		if len(data) < 1+width {
			return frame{}, nil, errFrame
		}
		for _, b := range data[1 : 1+width] {
			length = length<<8 | int(b)
		}
		header = 1 + width
	} else {
		f.tag = data[0] & 0x3f
		header, length, err = newLength(data)
		if err != nil {
			return frame{}, nil, err
		}
	}
	if length > len(data)-header {
		return frame{}, nil, errFrame
	}
	f.body = data[header : header+length]
	return f, data[header+length:], nil
}

// newLength reads a new-format length, RFC 4880 section 4.2.2.
func newLength(data []byte) (header, length int, err error) {
	if len(data) < 2 {
		return 0, 0, errFrame
	}
	switch first := int(data[1]); {
	case first < 192:
		return 2, first, nil
	case first < 224:
		if len(data) < 3 {
			return 0, 0, errFrame
		}
		return 3, (first-192)<<8 + int(data[2]) + 192, nil
	case first == 255:
		if len(data) < 6 {
			return 0, 0, errFrame
		}
		return 6, int(binary.BigEndian.Uint32(data[2:6])), nil
	}
	return 0, 0, errors.New("a packet in parts")
}

// exactSignature reports whether a signature packet's body is as long as its parts say: nothing is hidden behind them.
func exactSignature(body []byte) error {
	if len(body) == 0 {
		return errors.New("an empty signature packet")
	}
	at, algorithm := 0, byte(0)
	switch body[0] {
	case 2, 3:
		if len(body) < 19 || body[1] != 5 {
			return errFrame
		}
		at, algorithm = 19, body[15]
	case 4:
		if len(body) < 6 {
			return errFrame
		}
		algorithm = body[2]
		at = 4
		for area := range 2 { // hashed, then unhashed subpackets
			if len(body) < at+2 {
				return errFrame
			}
			start := at + 2
			at = start + int(binary.BigEndian.Uint16(body[at:]))
			if at > len(body) {
				return errFrame
			}
			if area == 1 {
				if err := onlyIssuers(body[start:at]); err != nil {
					return err
				}
			}
		}
		at += 2
	default:
		return fmt.Errorf("a signature of version %d, which is not known", body[0])
	}
	switch algorithm {
	case 27:
		at += 64
	case 1, 3:
		at = skipNumbers(body, at, 1)
	default:
		at = skipNumbers(body, at, 2)
	}
	if at != len(body) {
		return errors.New("a signature packet whose length does not fit its content")
	}
	return nil
}

// skipNumbers moves behind n multiprecision integers, or beyond the end where there are not so many, or where one's length in bits
// is not its true one (RFC 4880, section 3.2): one signature has one spelling.
func skipNumbers(body []byte, at, n int) int {
	for range n {
		if at+2 > len(body) {
			return len(body) + 1
		}
		size := int(binary.BigEndian.Uint16(body[at:]))
		at += 2
		if size > 0 && (at >= len(body) || bits.Len8(body[at]) != (size-1)%8+1) {
			return len(body) + 1
		}
		at += (size + 7) / 8
	}
	return at
}

// onlyIssuers accepts what stands in the unhashed area of real signatures: who made it (RFC 4880, sections 5.2.3.5 and 5.2.3.26).
// Nobody signed that area, so nothing else in it is taken.
func onlyIssuers(area []byte) error {
	for len(area) > 0 {
		length, header := int(area[0]), 1
		if length >= 192 {
			return errors.New("a long subpacket that nobody signed")
		}
		if length == 0 || header+length > len(area) {
			return errFrame
		}
		switch kind := area[header]; kind {
		case 16, 33: // issuer, issuer fingerprint
		default:
			return fmt.Errorf("a subpacket of type %d that nobody signed", kind)
		}
		area = area[header+length:]
	}
	return nil
}
