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
	maxKeys  = 64 // entries of the top-level sequence and of base_manifests; real ones have at most 9 and 4
	maxFlow  = 16 // flow collections open at once; real files have none
	maxDepth = 64 // indentation steps; real files have 2
)

// ParseAssertion reads gitian's assertion YAML (gsign) or gbuild's res.yml: a sequence of one-entry maps tagged !!omap or !omap.
// Aliases, anchors, duplicate keys, several documents and every other tag are refused, and so is a malformed out_manifest;
// the manifests that only explain set unreadable lines aside. Nothing is returned together with an error.
func ParseAssertion(data []byte) (a Assertion, err error) {
	defer func() {
		if r := recover(); r != nil { // yaml.v3 has known panics on hostile input
			a, err = Assertion{}, fmt.Errorf("not YAML that can be read: %v", r)
		}
	}()
	if err := checkText(data); err != nil {
		return Assertion{}, err
	}
	if head := bytes.ToLower(bytes.TrimSpace(data[:min(len(data), 512)])); bytes.HasPrefix(head, []byte("<!doctype")) || bytes.HasPrefix(head, []byte("<html")) {
		return Assertion{}, errors.New("an HTML page, not an assertion: a download that went wrong was signed")
	}
	if err := checkDepth(data); err != nil {
		return Assertion{}, err
	}
	root, err := decodeOne(data)
	if err != nil {
		return Assertion{}, err
	}
	entries, err := omap(root, "assertion")
	if err != nil {
		return Assertion{}, err
	}
	return fill(entries)
}

// checkDepth refuses nesting that no assertion has, before the YAML parser recurses into it.
func checkDepth(data []byte) error {
	for n, line := range bytes.Split(data, []byte("\n")) {
		trimmed := bytes.TrimLeft(line, " ")
		dashes := 0
		for bytes.HasPrefix(trimmed, []byte("- ")) || bytes.HasPrefix(trimmed, []byte("? ")) {
			trimmed = trimmed[2:]
			if dashes++; dashes > maxFlow {
				return fmt.Errorf("line %d: nested too deeply", n+1)
			}
		}
		if len(line)-len(bytes.TrimLeft(line, " ")) > 2*maxDepth && len(trimmed) > 0 && bytes.HasSuffix(trimmed, []byte(":")) {
			return fmt.Errorf("line %d: nested too deeply", n+1)
		}
		if bytes.Count(trimmed, []byte("["))+bytes.Count(trimmed, []byte("{")) > maxFlow {
			return fmt.Errorf("line %d: nested too deeply", n+1)
		}
	}
	if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > 4096 {
		return errors.New("nested too deeply")
	}
	return nil
}

// decodeOne reads the single document of a file.
func decodeOne(data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("no YAML document in it")
		}
		return nil, fmt.Errorf("not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, fmt.Errorf("not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		return nil, errors.New("several YAML documents, want one")
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("no YAML document in it")
	}
	return doc.Content[0], nil
}

// field is one entry of an ordered map.
type field struct {
	key   string
	value *yaml.Node
}

// omap reads a sequence of one-entry maps.
func omap(n *yaml.Node, what string) ([]field, error) {
	if err := plain(n); err != nil {
		return nil, err
	}
	if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: %s is no list of entries", n.Line, what)
	}
	if len(n.Content) > maxKeys {
		return nil, fmt.Errorf("line %d: %s has %d entries, at most %d are read", n.Line, what, len(n.Content), maxKeys)
	}
	seen := map[string]bool{}
	var out []field
	for _, item := range n.Content {
		if err := plain(item); err != nil {
			return nil, err
		}
		if item.Kind != yaml.MappingNode || len(item.Content) != 2 {
			return nil, fmt.Errorf("line %d: an entry of %s is no single key with a value", item.Line, what)
		}
		key, err := scalar(item.Content[0])
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, fmt.Errorf("line %d: key %q stands twice", item.Line, key)
		}
		seen[key] = true
		out = append(out, field{key, item.Content[1]})
	}
	return out, nil
}

// plain refuses what gitian never writes: aliases, anchors and tags with a meaning of their own.
func plain(n *yaml.Node) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Alias != nil:
		return fmt.Errorf("line %d: an alias; assertions have none", n.Line)
	case n.Anchor != "":
		return fmt.Errorf("line %d: an anchor; assertions have none", n.Line)
	}
	if n.Style&yaml.TaggedStyle == 0 {
		return nil
	}
	switch n.Tag {
	case "!", "!!omap", "!omap", "tag:yaml.org,2002:omap", "":
		return nil
	}
	return fmt.Errorf("line %d: tag %q; assertions have only !!omap, !omap and !", n.Line, n.Tag)
}

// scalar returns a scalar's text whatever its spelling; null is empty.
func scalar(n *yaml.Node) (string, error) {
	if err := plain(n); err != nil {
		return "", err
	}
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("line %d: a list or map where text is due", n.Line)
	}
	if n.ShortTag() == "!!null" {
		return "", nil
	}
	return n.Value, nil
}

// fill makes an assertion from its entries.
func fill(entries []field) (Assertion, error) {
	a := Assertion{Format: ResultFormat}
	hasOut := false
	for _, e := range entries {
		if e.key == "base_manifests" {
			bases, err := parseBases(e.value)
			if err != nil {
				return Assertion{}, err
			}
			a.Bases = bases
			continue
		}
		if e.key == "optionals" {
			if err := plainTree(e.value, 0); err != nil {
				return Assertion{}, err
			}
			continue
		}
		text, err := scalar(e.value)
		if err != nil {
			return Assertion{}, fmt.Errorf("%s: %w", e.key, err)
		}
		hasOut = hasOut || e.key == "out_manifest"
		if err := a.set(e.key, text); err != nil {
			return Assertion{}, err
		}
	}
	if !hasOut {
		return Assertion{}, errors.New("no out_manifest: not an assertion")
	}
	return a, nil
}

// set takes one text field.
func (a *Assertion) set(key, text string) (err error) {
	noise := func(lines []string) {
		for _, line := range lines {
			a.Noise = append(a.Noise, key+": "+line)
		}
	}
	switch key {
	case "out_manifest":
		if a.Out, err = parseStrict(text); err != nil {
			return fmt.Errorf("out_manifest: %w", err)
		}
	case "in_manifest":
		m, commits, rest := parseInputs(text)
		a.In, a.Commits = m, commits
		noise(rest)
	case "cache_common_manifest":
		m, rest := parseTolerant(text)
		a.CacheCommon = m
		noise(rest)
	case "cache_package_manifest":
		m, rest := parseTolerant(text)
		a.CachePackage = m
		noise(rest)
	case "release":
		a.Release, a.Format = strings.TrimSpace(text), GitianFormat
	case "name":
		a.Name = text
	case "type":
		a.Type = text
	default:
		return fmt.Errorf("unknown key %q: not an assertion", key)
	}
	return nil
}

func parseBases(n *yaml.Node) ([]Base, error) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil, plain(n)
	}
	fields, err := omap(n, "base_manifests")
	if err != nil {
		return nil, fmt.Errorf("base_manifests: %w", err)
	}
	var out []Base
	for _, f := range fields {
		text, err := scalar(f.value)
		if err != nil {
			return nil, fmt.Errorf("base_manifests: %s: %w", f.key, err)
		}
		b := Base{Name: f.key}
		entries, noise := parseTolerant(text)
		b.Noise = noise
		for _, e := range entries {
			if strings.HasSuffix(e.Path, ".deb") {
				b.Entries = append(b.Entries, e)
			} else {
				b.Noise = append(b.Noise, e.Digest.String()+"  "+e.Path)
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// plainTree checks a value that is not used for the same refusals as the rest.
func plainTree(n *yaml.Node, depth int) error {
	if depth > maxFlow {
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
