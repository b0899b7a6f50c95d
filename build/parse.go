package build

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/gverify/gverify/sigs"
)

const (
	// MaxDescriptor is the largest descriptor that is parsed, in bytes; real ones have less than 20,000.
	MaxDescriptor = 256 << 10

	maxItems = 1000 // entries of one list; real ones have less than 100
)

// referenceLayout is how descriptors and gbuild write moments.
const referenceLayout = "2006-01-02 15:04:05"

// architectures are those gbuild knows, with what setarch and Docker call them. linux64 is amd64 by another name.
var architectures = map[string]struct{ bits, personality, platform string }{
	"amd64":   {"64", "x86_64", "linux/amd64"},
	"linux64": {"64", "linux64", "linux/amd64"},
	"i386":    {"32", "i386", "linux/386"},
}

// ParseDescriptor reads a Gitian descriptor as bin/gbuild would, and refuses what gbuild trips over or passes to a shell: names
// and packages that are none, addresses that are no network addresses, aliases, tags, duplicate keys, several documents.
// Lists may be missing or null. Keys gbuild does not know are findings: it passes over them. Errors name the line and what is
// wanted. Nothing is returned together with an error.
func ParseDescriptor(data []byte) (d Descriptor, err error) {
	defer func() {
		if r := recover(); r != nil { // yaml.v3 has panicked on hostile input before
			d, err = Descriptor{}, fmt.Errorf("not YAML that can be read: %v", r)
		}
	}()
	root, err := readYAML(data)
	if err != nil {
		return Descriptor{}, err
	}
	r := reader{d: Descriptor{Distro: "ubuntu", Digest: sha256.Sum256(data)}}
	if err := r.descriptor(root); err != nil {
		return Descriptor{}, err
	}
	if err := r.d.check(); err != nil {
		return Descriptor{}, err
	}
	return r.d, nil
}

func readYAML(data []byte) (*yaml.Node, error) {
	switch {
	case len(data) > MaxDescriptor:
		return nil, fmt.Errorf("%d bytes, at most %d are read: not a descriptor", len(data), MaxDescriptor)
	case !utf8.Valid(data):
		return nil, errors.New("not UTF-8 text")
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	} else if err != nil {
		return nil, notYAML(err)
	}
	if err := dec.Decode(&more); err == nil {
		return nil, errors.New("several YAML documents, want one")
	} else if !errors.Is(err, io.EOF) {
		return nil, notYAML(err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("not a descriptor: want \"key: value\" entries (name, suites, architectures, packages, remotes, script, …)")
	}
	return doc.Content[0], nil
}

func notYAML(err error) error {
	return fmt.Errorf("not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
}

// reader fills a descriptor.
type reader struct{ d Descriptor }

// keys are what gbuild and gsign look at. optionals is gsign's, which never writes it.
var keys = []string{"name", "enable_cache", "distro", "suites", "architectures", "packages", "remotes", "files", "reference_datetime",
	"script", "multiarch", "repositories", "alternatives", "docker_image_digests", "sudo", "optionals"}

func (r *reader) descriptor(root *yaml.Node) error {
	entries, err := mapping(root, "descriptor")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(keys, e.key) {
			r.unknown(e)
			continue
		}
		if err := r.take(e); err != nil {
			return fmt.Errorf("line %d: %s: %w", e.value.Line, e.key, err)
		}
	}
	return nil
}

func (r *reader) take(e entry) (err error) {
	d := &r.d
	switch e.key {
	case "name":
		d.Name, err = textOf(e.value)
	case "distro":
		var distro string
		if distro, err = textOf(e.value); distro != "" {
			d.Distro = distro
		}
	case "enable_cache":
		d.EnableCache, err = truth(e.value)
	case "sudo":
		d.Sudo, err = truth(e.value)
	case "reference_datetime":
		d.ReferenceTime, err = moment(e.value)
	case "script":
		d.Script, err = textOf(e.value)
	case "suites":
		d.Suites, err = texts(e.value)
	case "architectures":
		d.Architectures, err = texts(e.value)
	case "packages":
		d.Packages, err = texts(e.value)
	case "multiarch":
		d.Multiarch, err = texts(e.value)
	case "files":
		d.Files, err = texts(e.value)
	case "docker_image_digests":
		d.ImageDigests, err = texts(e.value)
	case "remotes":
		return r.each(e, r.remote)
	case "repositories":
		return r.each(e, r.repository)
	case "alternatives":
		return r.each(e, r.alternative)
	case "optionals":
		_, err = texts(e.value)
	}
	return err
}

// unknown notes a key that gbuild does not look at, and the one that may be meant.
func (r *reader) unknown(e entry) {
	next := "remove it, or spell it as gitian does: " + strings.Join(keys, ", ")
	for _, k := range keys {
		if strings.EqualFold(k, e.key) || strings.TrimSuffix(k, "s") == strings.TrimSuffix(strings.ToLower(e.key), "s") {
			next = "did its author mean " + k + "?"
		}
	}
	r.d.Findings = append(r.d.Findings, sigs.Finding{
		Code: "unknown-field", Severity: sigs.Warning,
		Text: fmt.Sprintf("line %d: the key %s means nothing to gitian; it is passed over", e.line, quote(e.key)), Next: next,
	})
}

// each reads a list of maps.
func (r *reader) each(e entry, one func([]entry) error) error {
	items, err := sequence(e.value)
	if err != nil {
		return err
	}
	for _, item := range items {
		fields, err := mapping(item, "entry")
		if err != nil {
			return err
		}
		if err := one(fields); err != nil {
			return fmt.Errorf("entry at line %d: %w", item.Line, err)
		}
	}
	return nil
}

func (r *reader) remote(fields []entry) error {
	var remote Remote
	if err := r.strings(fields, map[string]*string{"url": &remote.URL, "dir": &remote.Dir, "commit": &remote.Commit}); err != nil {
		return err
	}
	r.d.Remotes = append(r.d.Remotes, remote)
	return nil
}

func (r *reader) repository(fields []entry) error {
	var a Repository
	var packages *yaml.Node
	fields = slices.DeleteFunc(slices.Clone(fields), func(e entry) bool {
		if e.key == "packages" {
			packages = e.value
		}
		return e.key == "packages"
	})
	err := r.strings(fields, map[string]*string{"source": &a.Source, "distribution": &a.Distribution, "name": &a.Name, "key": &a.Key})
	if err == nil && packages != nil {
		a.Packages, err = texts(packages)
	}
	r.d.Repositories = append(r.d.Repositories, a)
	return err
}

func (r *reader) alternative(fields []entry) error {
	var a Alternative
	err := r.strings(fields, map[string]*string{"package": &a.Package, "path": &a.Path})
	r.d.Alternatives = append(r.d.Alternatives, a)
	return err
}

// strings reads the texts of a small map; other keys are noted.
func (r *reader) strings(fields []entry, into map[string]*string) error {
	for _, f := range fields {
		target, known := into[f.key]
		if !known {
			r.unknown(f)
			continue
		}
		s, err := textOf(f.value)
		if err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
		*target = s
	}
	return nil
}

// moment reads reference_datetime.
func moment(n *yaml.Node) (string, error) {
	if isNull(n) {
		return "", nil
	}
	if n.Kind != yaml.ScalarNode {
		return "", errors.New("a list where a moment is due")
	}
	if _, err := time.Parse(referenceLayout, n.Value); err != nil {
		return "", fmt.Errorf("%s is no moment, want \"2011-01-30 00:00:00\"", quote(n.Value))
	}
	return n.Value, nil
}
