package sigs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	maxKeys  = 64     // entries of one ordered map; real ones have at most 9
	maxSteps = 16     // collections opened by one line ("- - -"), and depth of values that are not used; real files have 2
	maxFlow  = 1000   // [ and { outside the manifests: a bound on flow collections within each other; real files have none
	maxNodes = 20_000 // lines or commas that could begin a node, of which yaml.v3 makes some 300 bytes each
)

// field is one entry of an ordered map: a text, or the node of something else.
type field struct {
	key  string
	text string
	node *yaml.Node // what it was read from
}

// document is an assertion file as the YAML parser sees it.
type document struct {
	root  *yaml.Node
	texts map[int]string // texts that were cut out, by line; empty where nothing was
	used  int
}

// readDocument reads a file's only document. Without the texts of [cut] it is what yaml.v3 says; with them it is the same,
// faster.
func readDocument(c cutting) (*document, error) {
	if err := checkNesting(c.skeleton); err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(c.skeleton))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("no YAML document in it")
	} else if err != nil {
		return nil, notYAML(err)
	}
	if err := dec.Decode(&more); err == nil {
		return nil, errors.New("several YAML documents, want one")
	} else if !errors.Is(err, io.EOF) {
		return nil, notYAML(err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("no YAML document in it")
	}
	return &document{root: doc.Content[0], texts: c.texts}, nil
}

func notYAML(err error) error {
	return fmt.Errorf("not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
}

// checkNesting refuses nesting that no assertion has before the YAML parser recurses into it. It counts what could open a
// collection; that it also counts such signs inside text costs nothing, since real files come nowhere near the bounds.
func checkNesting(data []byte) error {
	if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxFlow {
		return fmt.Errorf("nested too deeply: more than %d brackets", maxFlow)
	}
	if bytes.ContainsAny(data, "[{") && bytes.Count(data, []byte(",")) > maxNodes {
		return fmt.Errorf("more than %d commas in collections", maxNodes)
	}
	deep, indent := 0, 0 // deep: lines further right than the one before
	nodes := 0
	for n, rest := 1, data; len(rest) > 0; n++ {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		trimmed := bytes.TrimLeft(line, " \t")
		opened := countOpeners(trimmed)
		if opened > maxSteps {
			return fmt.Errorf("line %d: nested too deeply: more than %d collections on a line", n, maxSteps)
		}
		if nodes += opened + bytes.Count(line, []byte(": ")); bytes.HasSuffix(line, []byte(":")) {
			nodes++
		}
		if nodes > maxNodes {
			return fmt.Errorf("line %d: more than %d entries", n, maxNodes)
		}
		if now := len(line) - len(trimmed); len(trimmed) == 0 {
			continue
		} else if now == 0 {
			deep, indent = 0, 0
		} else if now > indent {
			deep, indent = deep+1, now
		}
		if deep > maxFlow {
			return fmt.Errorf("line %d: nested too deeply: more than %d steps to the right", n, maxFlow)
		}
	}
	return nil
}

// countOpeners counts the signs at a line's beginning that open a collection each.
func countOpeners(line []byte) int {
	opened := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '-', '?', ':':
			if i+1 < len(line) && line[i+1] != ' ' && line[i+1] != '\t' {
				return opened
			}
			opened++
		case ' ', '\t':
		default:
			return opened
		}
	}
	return opened
}

// fields reads an ordered map: a sequence of one-entry maps.
func (d *document) fields(n *yaml.Node, what string) ([]field, error) {
	if err := plain(n); err != nil {
		return nil, err
	}
	if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: %s is not a list of \"- key: value\" entries", n.Line, what)
	}
	if len(n.Content) > maxKeys {
		return nil, fmt.Errorf("line %d: %s has %d entries, at most %d are read", n.Line, what, len(n.Content), maxKeys)
	}
	out := make([]field, 0, len(n.Content))
	for _, item := range n.Content {
		if err := plain(item); err != nil {
			return nil, err
		}
		if item.Kind != yaml.MappingNode || len(item.Content) != 2 {
			return nil, fmt.Errorf("line %d: an entry of %s is not one key with one value", item.Line, what)
		}
		f := field{node: item.Content[1]}
		var err error
		if f.key, err = text(item.Content[0]); err != nil {
			return nil, err
		}
		for _, other := range out {
			if other.key == f.key {
				return nil, fmt.Errorf("line %d: key %s stands twice", item.Line, quote(f.key))
			}
		}
		if f.node.Kind != yaml.SequenceNode && f.node.Kind != yaml.MappingNode {
			if f.text, err = d.value(f.node); err != nil {
				return nil, fmt.Errorf("%s: %w", f.key, err)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// value returns a scalar's text: the one that was cut out where its placeholder stands, else its own.
func (d *document) value(n *yaml.Node) (string, error) {
	got, err := text(n)
	if err != nil {
		return "", err
	}
	if cut, ok := d.texts[n.Line]; ok && strings.TrimSuffix(got, "\n") == placeholder {
		d.used++
		return cut, nil
	}
	return got, nil
}

// text returns a scalar's text whatever its spelling; null is empty.
func text(n *yaml.Node) (string, error) {
	if err := plain(n); err != nil {
		return "", err
	}
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("line %d: a collection where text is due", n.Line)
	}
	if n.Tag == "!!null" {
		return "", nil
	}
	return n.Value, nil
}

// plain refuses what gitian never writes: aliases, anchors, and every tag but !!omap, !omap and !.
func plain(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Alias != nil {
		return fmt.Errorf("line %d: an alias; assertions have none", n.Line)
	}
	if n.Anchor != "" {
		return fmt.Errorf("line %d: an anchor; assertions have none", n.Line)
	}
	if n.Tag == "!!merge" {
		return fmt.Errorf("line %d: a merge key; assertions have none", n.Line)
	}
	if n.Style&yaml.TaggedStyle == 0 {
		return nil
	}
	switch n.Tag {
	case "!!omap", "!omap":
		return nil
	}
	return fmt.Errorf("line %d: tag %s; only !!omap, !omap and ! stand in assertions", n.Line, quote(n.Tag))
}

// plainTree checks a value that is not used for the same refusals.
func plainTree(n *yaml.Node, depth int) error {
	if depth > maxSteps {
		return fmt.Errorf("line %d: nested too deeply", n.Line)
	}
	if err := plain(n); err != nil {
		return err
	}
	for _, c := range n.Content {
		if err := plainTree(c, depth+1); err != nil {
			return err
		}
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
