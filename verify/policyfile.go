package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// MaxPolicy is the largest policy file that is read, in bytes.
const MaxPolicy = 256 << 10

// ParsePolicy reads a policy file, as [PolicyHelp] describes it: one strict YAML document, unknown and repeated fields, anchors and
// aliases refused. Errors name the line. A file without pins is fine, its names are then checked by [Policy.Validate] once pins
// are there.
func ParsePolicy(data []byte) (p Policy, err error) {
	defer func() {
		if r := recover(); r != nil { // yaml.v3 has panicked on crafted input before
			p, err = Policy{}, fmt.Errorf("not a YAML file that can be read: %v", r)
		}
	}()
	if len(data) > MaxPolicy {
		return Policy{}, fmt.Errorf("the policy has %d bytes, at most %d are read", len(data), MaxPolicy)
	}
	root, err := singleDocument(data)
	if err != nil {
		return Policy{}, err
	}
	r := policyReader{lines: map[string]int{}}
	if err := r.read(root); err != nil {
		return Policy{}, err
	}
	return r.policy, nil
}

// singleDocument parses YAML into its only document's content.
func singleDocument(data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the policy is empty, want at least a threshold")
		}
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("the policy has several YAML documents, want one")
	}
	return doc.Content[0], plainTree(&doc)
}

// plainTree refuses anchors and aliases.
func plainTree(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return fmt.Errorf("line %d: anchors and aliases are not allowed", n.Line)
	}
	for _, child := range n.Content {
		if err := plainTree(child); err != nil {
			return err
		}
	}
	return nil
}

// policyReader turns nodes into a policy and remembers on which lines things stand.
type policyReader struct {
	policy Policy
	lines  map[string]int // field, or "pin 3"
}

// field is one allowed key of a mapping and what reads its value.
type field struct {
	name string
	read func(*yaml.Node) error
}

func (r *policyReader) read(root *yaml.Node) error {
	p := &r.policy
	err := mapping(root, []field{
		{"name", textTo(&p.Name)},
		{"threshold", countTo(&p.Threshold)},
		{"groups", each(func(n *yaml.Node) error { return r.group(n) })},
		{"required", textsTo(&p.Required)},
		{"vetoes", textsTo(&p.Vetoes)},
		{"accept", wordsTo(&p.Accept, votable)},
		{"refuse_labels", wordsTo(&p.RefuseLabels, labels)},
		{"dissent", wordTo(&p.Dissent, dissents)},
		{"bad_signature", wordTo(&p.BadSignature, badSignatures)},
		{"pins", each(func(n *yaml.Node) error { return r.pin(n) })},
	}, r.lines)
	if err != nil {
		return err
	}
	if r.lines["threshold"] == 0 {
		return errors.New("threshold is missing, want the number of persons that must agree, at least 1")
	}
	checks := []func() error{p.checkPins, p.checkGroups, p.checkWords}
	if len(p.Pins) > 0 {
		checks = append(checks, p.checkNames)
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return r.locate(err)
		}
	}
	return nil
}

// locate adds the line to an error of a check.
func (r *policyReader) locate(err error) error {
	var f *flaw
	if errors.As(err, &f) && r.lines[f.where] > 0 {
		return fmt.Errorf("line %d: %w", r.lines[f.where], err)
	}
	return err
}

func (r *policyReader) group(n *yaml.Node) error {
	g := GroupRule{}
	seen := map[string]int{}
	err := mapping(n, []field{{"name", textTo(&g.Name)}, {"at_least", countTo(&g.AtLeast)}, {"of", textsTo(&g.Of)}}, seen)
	if err == nil {
		err = demand(n, "group", seen, "name", "at_least", "of")
	}
	r.policy.Groups = append(r.policy.Groups, g)
	r.lines[fmt.Sprintf("group %d", len(r.policy.Groups)-1)] = n.Line
	return err
}

func (r *policyReader) pin(n *yaml.Node) error {
	pin := Pin{}
	var fingerprints []string
	seen := map[string]int{}
	err := mapping(n, []field{
		{"name", textTo(&pin.Name)},
		{"fingerprints", textsTo(&fingerprints)},
		{"aliases", textsTo(&pin.Aliases)},
		{"from", dateTo(&pin.From)},
		{"until", dateTo(&pin.Until)},
	}, seen)
	if err == nil {
		err = demand(n, "pin", seen, "name", "fingerprints")
	}
	if !pin.Until.IsZero() {
		pin.Until = pin.Until.AddDate(0, 0, 1).Add(-time.Nanosecond) // the whole day
	}
	for _, f := range fingerprints {
		pin.Fingerprints = append(pin.Fingerprints, strings.ToUpper(strings.TrimPrefix(strings.ReplaceAll(f, " ", ""), "0x")))
	}
	r.policy.Pins = append(r.policy.Pins, pin)
	r.lines[fmt.Sprintf("pin %d", len(r.policy.Pins)-1)] = n.Line
	return err
}

// mapping reads a mapping whose keys are known and stand once; lines receives each key's line.
func mapping(n *yaml.Node, fields []field, lines map[string]int) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want fields with values (%s)", n.Line, fieldNames(fields))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if at < 0 || key.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: unknown field %q, want one of %s", key.Line, key.Value, fieldNames(fields))
		}
		if lines[key.Value] > 0 {
			return fmt.Errorf("line %d: field %q stands twice, first on line %d", key.Line, key.Value, lines[key.Value])
		}
		lines[key.Value] = key.Line
		if err := fields[at].read(value); err != nil {
			if strings.HasPrefix(err.Error(), "line ") {
				return err
			}
			return fmt.Errorf("line %d: %s: %w", value.Line, key.Value, err)
		}
	}
	return nil
}

func fieldNames(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// demand makes sure that fields are there.
func demand(n *yaml.Node, what string, seen map[string]int, names ...string) error {
	for _, name := range names {
		if seen[name] == 0 {
			return fmt.Errorf("line %d: this %s has no %s", n.Line, what, name)
		}
	}
	return nil
}

// text reads a scalar's words as written; a null or an empty text is an error.
func text(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		return "", errors.New("want a text")
	}
	return n.Value, nil
}

func textTo(out *string) func(*yaml.Node) error {
	return func(n *yaml.Node) (err error) {
		*out, err = text(n)
		return err
	}
}

// each reads a list that is not empty.
func each(read func(*yaml.Node) error) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			return errors.New("want a list with at least one entry")
		}
		for _, child := range n.Content {
			if err := read(child); err != nil {
				if strings.HasPrefix(err.Error(), "line ") {
					return err
				}
				return fmt.Errorf("line %d: %w", child.Line, err)
			}
		}
		return nil
	}
}

func textsTo(out *[]string) func(*yaml.Node) error {
	return each(func(n *yaml.Node) error {
		s, err := text(n)
		*out = append(*out, s)
		return err
	})
}

// wordTo reads one of the allowed words.
func wordTo[S ~string](out *S, allowed []S) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		s, err := text(n)
		if err == nil && !slices.Contains(allowed, S(s)) {
			err = fmt.Errorf("%q is not allowed, want one of %s", s, quoted(allowed))
		}
		*out = S(s)
		return err
	}
}

func wordsTo[S ~string](out *[]S, allowed []S) func(*yaml.Node) error {
	return each(func(n *yaml.Node) error {
		var word S
		err := wordTo(&word, allowed)(n)
		*out = append(*out, word)
		return err
	})
}

func countTo(out *int) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || i < 1 {
			return fmt.Errorf("%q is not allowed, want a number of at least 1", n.Value)
		}
		*out = i
		return nil
	}
}

func dateTo(out *time.Time) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		t, err := time.Parse(time.DateOnly, n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			return fmt.Errorf("%q is no date, want YYYY-MM-DD", n.Value)
		}
		*out = t
		return nil
	}
}
