package sigs

import (
	"errors"
	"strings"
)

// ParseSums reads a SHA256SUMS file as sha256sum writes it: "<64 hex digits>  <name>" or, in binary mode, "<64 hex digits>
// *<name>" per line, ended by LF or CRLF (real signers
// have passed files through Windows more than once, which left two CR). Names may have a path before them; "./" is left out. A name listed with two digests is
// kept with both. It is as strict as [ParseManifest], and an empty file is an error too: it says nothing.
func ParseSums(data []byte) (Assertion, error) {
	if err := checkText(data); err != nil {
		return Assertion{}, err
	}
	out, err := parseStrict(dropReturns(string(data)))
	if err != nil {
		return Assertion{}, err
	}
	for i := range out {
		if name := strings.TrimLeft(strings.TrimPrefix(out[i].Path, "./"), "/"); strings.HasPrefix(out[i].Path, "./") && name != "" {
			out[i].Path = name
		}
	}
	if len(out) == 0 {
		return Assertion{}, errors.New("no entries: it says nothing about what was built")
	}
	return Assertion{Format: SumsFormat, Out: out.finish()}, nil
}

// ParsePublishedSums reads the list of digests a release publishes beside its files: what [ParseSums] reads, with comments. A line
// that begins with # is one (Monero's hashes.txt has them).
func ParsePublishedSums(data []byte) (Manifest, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	var kept strings.Builder
	kept.Grow(len(data))
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			line = "\n" // so that the numbers of lines stay
		}
		kept.WriteString(line)
	}
	a, err := ParseSums([]byte(kept.String()))
	return a.Out, err
}

// dropReturns leaves out the CRs at the ends of lines.
func dropReturns(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for line := range strings.Lines(text) {
		body, newline := strings.CutSuffix(line, "\n")
		out.WriteString(strings.TrimRight(body, "\r"))
		if newline {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
