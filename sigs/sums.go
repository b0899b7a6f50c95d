package sigs

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseSums reads a SHA256SUMS file as coreutils' sha256sum writes it: "<digest>  <name>" or "<digest> *<name>" per line, with
// LF or CRLF line ends. A name listed with two digests is kept twice.
func ParseSums(data []byte) (Assertion, error) {
	if err := checkText(data); err != nil {
		return Assertion{}, err
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	out, err := parseStrict(text)
	if err != nil {
		return Assertion{}, err
	}
	for i := range out {
		out[i].Path = strings.TrimPrefix(out[i].Path, "./")
		if out[i].Path == "" {
			return Assertion{}, errors.New("an entry has no name")
		}
	}
	if len(out) == 0 {
		return Assertion{}, errors.New("no entries: an empty SHA256SUMS file says nothing")
	}
	return Assertion{Format: SumsFormat, Out: out.sorted()}, nil
}

// checkText applies the caps that hold before any parsing.
func checkText(data []byte) error {
	switch {
	case len(data) > MaxAssertion:
		return fmt.Errorf("%d bytes, at most %d are read", len(data), MaxAssertion)
	case len(data) == 0:
		return errors.New("the file is empty")
	case !utf8.Valid(data):
		return errors.New("not a text file: it is not UTF-8")
	}
	return nil
}
