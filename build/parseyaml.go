package build

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// entry is one "key: value" of a mapping.
type entry struct {
	key   string
	line  int
	value *yaml.Node
}

// mapping reads a map with texts as keys, in file order.
func mapping(n *yaml.Node, what string) ([]entry, error) {
	if err := plainNode(n); err != nil {
		return nil, err
	}
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: the %s is no list of \"key: value\" entries", n.Line, what)
	}
	if len(n.Content)/2 > maxItems {
		return nil, fmt.Errorf("line %d: more than %d keys", n.Line, maxItems)
	}
	var out []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := textOf(n.Content[i])
		if err != nil {
			return nil, fmt.Errorf("line %d: a key: %w", n.Content[i].Line, err)
		}
		if seen[key] {
			return nil, fmt.Errorf("line %d: key %s stands twice", n.Content[i].Line, quote(key))
		}
		seen[key] = true
		if err := plainNode(n.Content[i+1]); err != nil {
			return nil, err
		}
		out = append(out, entry{key, n.Content[i].Line, n.Content[i+1]})
	}
	return out, nil
}

// sequence reads a list; null is an empty one.
func sequence(n *yaml.Node) ([]*yaml.Node, error) {
	if isNull(n) {
		return nil, nil
	}
	if n.Kind != yaml.SequenceNode {
		return nil, errors.New("want a list of \"- …\" entries")
	}
	if len(n.Content) > maxItems {
		return nil, fmt.Errorf("%d entries, at most %d are read", len(n.Content), maxItems)
	}
	for _, c := range n.Content {
		if err := plainNode(c); err != nil {
			return nil, err
		}
	}
	return n.Content, nil
}

// texts reads a list of texts.
func texts(n *yaml.Node) ([]string, error) {
	items, err := sequence(n)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, item := range items {
		s, err := textOf(item)
		if err == nil && s == "" {
			err = errors.New("an empty entry")
		}
		if err != nil {
			return nil, fmt.Errorf("entry at line %d: %w", item.Line, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// textOf reads a text; null is empty. What Ruby would read as a number or a truth value is refused: it would lose digits.
func textOf(n *yaml.Node) (string, error) {
	if err := plainNode(n); err != nil {
		return "", err
	}
	if isNull(n) {
		return "", nil
	}
	if n.Kind != yaml.ScalarNode {
		return "", errors.New("a list where text is due")
	}
	if n.Tag != "!!str" {
		return "", fmt.Errorf("%s is no text to YAML (%s): put it in quotes", quote(n.Value), strings.TrimPrefix(n.Tag, "!!"))
	}
	return n.Value, nil
}

// truth reads a truth value in any of YAML 1.1's spellings. Ruby takes every text for true, "false" in quotes too; that is
// refused.
func truth(n *yaml.Node) (bool, error) {
	if isNull(n) {
		return false, nil
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on":
			return true, nil
		case "false", "no", "off":
			return false, nil
		}
	}
	return false, errors.New("want true or false, without quotes")
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// plainNode refuses what descriptors never hold: aliases, anchors, merge keys and tags.
func plainNode(n *yaml.Node) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Alias != nil:
		return fmt.Errorf("line %d: an alias; descriptors have none", n.Line)
	case n.Anchor != "":
		return fmt.Errorf("line %d: an anchor; descriptors have none", n.Line)
	case n.Tag == "!!merge":
		return fmt.Errorf("line %d: a merge key; descriptors have none", n.Line)
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Errorf("line %d: tag %s; descriptors have none", n.Line, quote(n.Tag))
	}
	return nil
}

// quote shows hostile text in an error: escaped, and not at length.
func quote(s string) string {
	if len(s) > 80 {
		return fmt.Sprintf("%q…", s[:80])
	}
	return fmt.Sprintf("%q", s)
}
