package sigs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Limits of JSON before it is decoded: what is small in bytes can be large in memory.
const (
	maxNesting  = 64
	maxMembers  = 1000    // of one object
	maxElements = 200_000 // of one array
)

// UnmarshalJSON reads one JSON value that every reader understands alike: UTF-8, nothing behind it, no member twice in one object
// (nor in two spellings that differ by case, which Go's decoder takes for one), and none of the given names in another case.
// Members nobody knows are ignored.
func UnmarshalJSON(data []byte, names []string, v any) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	if !json.Valid(data) {
		if err := json.Unmarshal(data, new(any)); err != nil {
			return err
		}
		return errors.New("not one JSON value")
	}
	known := map[string]string{}
	for _, name := range names {
		known[fold(name)] = name
	}
	if err := checkMembers(data, known); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// checkMembers walks valid JSON and judges the names of its members.
func checkMembers(data []byte, known map[string]string) error {
	type object struct {
		seen   map[string]bool // nil: an array
		inside bool            // a member's value comes next
		values int             // seen so far
	}
	var stack []object
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return nil // the end: the text is known to be valid
		}
		top := len(stack) - 1
		if name, ok := token.(string); ok && top >= 0 && stack[top].seen != nil && !stack[top].inside {
			folded := fold(name)
			if stack[top].seen[folded] {
				return fmt.Errorf("member %q stands twice in one object", name)
			}
			if exact := known[folded]; exact != "" && exact != name {
				return fmt.Errorf("member %q should be spelled %q", name, exact)
			}
			stack[top].seen[folded], stack[top].inside = true, true
			continue
		}
		if top >= 0 {
			stack[top].inside = false
		}
		if top >= 0 && token != json.Delim('}') && token != json.Delim(']') {
			if stack[top].values++; stack[top].values > maxElements || stack[top].seen != nil && stack[top].values > maxMembers {
				return errors.New("an array or object with too many values")
			}
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, object{seen: map[string]bool{}})
		case json.Delim('['):
			stack = append(stack, object{})
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		}
		if len(stack) > maxNesting {
			return fmt.Errorf("nested deeper than %d", maxNesting)
		}
	}
}

// fold maps names that Go's JSON decoder takes for the same to the same text.
func fold(name string) string {
	folded := []rune(name)
	for i, r := range folded {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		folded[i] = least
	}
	return string(folded)
}
