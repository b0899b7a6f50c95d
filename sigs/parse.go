package sigs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// ErrHTML is what [ParseAssertion] and [ParseSums] say of a web page: real signers have signed a download's error page.
var ErrHTML = errors.New("a web page, not an assertion: a download went wrong before it was signed")

// ErrNoOutput is what [ParseAssertion] says of an assertion whose build gave nothing out.
var ErrNoOutput = errors.New("no out_manifest, or an empty one: it says nothing about what was built")

// ParseAssertion reads gitian's assertion YAML (written by gsign) or the docker-based builder's res.yml: one document, a list
// of one-entry maps tagged !!omap or !omap. Aliases, anchors, duplicate keys and every other tag are refused. out_manifest
// decides and is strict: one malformed line refuses the assertion. The other manifests only explain: their unreadable lines are
// set aside as noise. Keys it does not know are noise too. Nothing is returned together with an error.
func ParseAssertion(data []byte) (Assertion, error) {
	if err := checkText(data); err != nil {
		return Assertion{}, err
	}
	if c := cut(data); len(c.texts) > 0 {
		if a, err := parseCutting(c); err == nil {
			return a, nil
		}
	}
	return parseCutting(cutting{skeleton: data}) // its errors name the lines of the file
}

// parseCutting reads a file whose long texts may have been cut out. It is an error if one of them was not asked for.
func parseCutting(c cutting) (a Assertion, err error) {
	defer func() {
		if r := recover(); r != nil { // yaml.v3 has panicked on hostile input before
			a, err = Assertion{}, panicked(r)
		}
	}()
	d, err := readDocument(c)
	if err != nil {
		return Assertion{}, err
	}
	entries, err := d.fields(d.root, "the assertion")
	if err != nil {
		return Assertion{}, err
	}
	a = Assertion{Format: ResultFormat}
	for _, f := range entries {
		if err := a.take(d, f); err != nil {
			return Assertion{}, err
		}
	}
	if d.used != len(d.texts) {
		return Assertion{}, errUnread
	}
	if len(a.Out) == 0 {
		return Assertion{}, ErrNoOutput
	}
	return a, nil
}

// errUnread is a text of [cut] that was not asked for: the file is read again without it.
var errUnread = errors.New("a text was cut out and not read")

func panicked(r any) error { return fmt.Errorf("not YAML that can be read: %v", r) }

func tooDeep(f field) error { return fmt.Errorf("%s: a collection where text is due", quote(f.key)) }

// take reads one entry of an assertion.
func (a *Assertion) take(d *document, f field) (err error) {
	if f.key == "base_manifests" {
		a.Bases, err = d.bases(f)
		return err
	}
	if strings.HasSuffix(f.key, "_manifest") {
		var folded bool
		if f.text, folded = unfold(f.text); folded {
			a.aside(f.key, []string{"its newlines were lost; the entries were told apart by their digests"})
		}
	}
	if isCollection(f.node) {
		if f.key == "optionals" || !isKnown(f.key) {
			a.ignore(f.key)
			return plainTree(f.node, 0)
		}
		return fmt.Errorf("%s: a collection where text is due", f.key)
	}
	switch f.key {
	case "out_manifest":
		if a.Out, err = parseStrict(f.text); err != nil {
			return fmt.Errorf("out_manifest: %w", err)
		}
	case "in_manifest":
		var noise []string
		a.In, a.Commits, noise = parseInputs(f.text)
		a.aside(f.key, noise)
	case "cache_common_manifest":
		var noise []string
		a.CacheCommon, noise = parseTolerant(f.text, isName)
		a.aside(f.key, noise)
	case "cache_package_manifest":
		var noise []string
		a.CachePackage, noise = parseTolerant(f.text, isName)
		a.aside(f.key, noise)
	case "release":
		a.Release, a.Format = strings.TrimSpace(f.text), GitianFormat
	case "name":
		a.Name = f.text
	case "type":
		a.Type = f.text
	default:
		a.ignore(f.key)
	}
	return nil
}

func isKnown(key string) bool {
	switch key {
	case "out_manifest", "in_manifest", "cache_common_manifest", "cache_package_manifest", "release", "name", "type":
		return true
	}
	return false
}

func isCollection(n *yaml.Node) bool {
	return n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode
}

// aside keeps the lines of one manifest that could not be read.
func (a *Assertion) aside(key string, noise []string) {
	for _, line := range noise {
		a.Noise = append(a.Noise, key+": "+line)
	}
}

// ignore notes a key that gitian does not write. "optionals" is gitian's own and always empty.
func (a *Assertion) ignore(key string) {
	if key != "optionals" {
		a.Noise = append(a.Noise, fmt.Sprintf("unknown key %s", quote(key)))
	}
}

// bases reads base_manifests: an ordered map of environment to package files.
func (d *document) bases(f field) ([]Base, error) {
	if !isCollection(f.node) {
		if f.text != "" {
			return nil, errors.New("base_manifests: text where a list of environments is due")
		}
		return nil, nil
	}
	entries, err := d.fields(f.node, "the list")
	if err != nil {
		return nil, fmt.Errorf("base_manifests: %w", err)
	}
	var out []Base
	for _, e := range entries {
		if isCollection(e.node) {
			return nil, fmt.Errorf("base_manifests: %w", tooDeep(e))
		}
		b := Base{Name: e.key}
		files, _ := unfold(e.text)
		b.Entries, b.Noise = parseTolerant(files, isPackage)
		out = append(out, b)
	}
	return out, nil
}

// checkText applies what holds before any parsing: size, UTF-8, and that it is no web page.
func checkText(data []byte) error {
	switch {
	case len(data) > MaxAssertion:
		return fmt.Errorf("%d bytes, at most %d are read", len(data), MaxAssertion)
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("the file is empty")
	case !utf8.Valid(data):
		return errors.New("not UTF-8 text")
	}
	head := strings.ToLower(string(bytes.TrimSpace(data[:min(len(data), 512)])))
	if strings.HasPrefix(head, "<!doctype") || strings.HasPrefix(head, "<html") {
		return ErrHTML
	}
	return nil
}
