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
	fields, err := readFields(cut(data))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range fields {
		texts := []string{f.Text}
		if f.List {
			texts = nil
			for _, e := range f.Fields {
				texts = append(texts, fmt.Sprint(e.Key, e.Text))
			}
		}
		out = append(out, fmt.Sprint(f.Key, texts))
	}
	return out, nil
}
