package sigs

import (
	"fmt"
	"testing"
)

// CompareCut compares the two ways to parse and returns how many bytes the YAML parser has to read on the fast one.
func CompareCut(t testing.TB, data []byte) int {
	compareCut(t, data)
	return len(cut(data).skeleton)
}

// Texts lists the keys of an assertion and their texts, as the fast way reads them.
func Texts(data []byte) ([]string, error) {
	d, err := readDocument(cut(data))
	if err != nil {
		return nil, err
	}
	fields, err := d.fields(d.root, "the assertion")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range fields {
		texts := []string{f.text}
		if isCollection(f.node) {
			inner, err := d.fields(f.node, f.key)
			if err != nil {
				return nil, err
			}
			texts = nil
			for _, e := range inner {
				texts = append(texts, fmt.Sprint(e.key, e.text))
			}
		}
		out = append(out, fmt.Sprint(f.key, texts))
	}
	return out, nil
}
