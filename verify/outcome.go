package verify

import "fmt"

// Outcome is the answer to "do independent builders agree?". The zero Outcome is no answer and never success.
type Outcome int

const (
	Undecided    Outcome = iota
	Agreed               // enough signers agree, and none disagrees
	Disputed             // authentic statements contradict each other
	Insufficient         // nobody disagrees, but too few have signed
)

var outcomeNames = [...]string{Undecided: "undecided", Agreed: "agreed", Disputed: "disputed", Insufficient: "insufficient"}

// String returns the outcome's stable name: "agreed", "disputed", "insufficient" or "undecided".
func (o Outcome) String() string { return nameOf(outcomeNames[:], int(o)) }

// MarshalText returns the stable name; an outcome that has none is an error.
func (o Outcome) MarshalText() ([]byte, error) {
	return marshalName("outcome", outcomeNames[:], int(o))
}

// UnmarshalText reads a stable name.
func (o *Outcome) UnmarshalText(text []byte) error {
	i, err := parseName("outcome", outcomeNames[:], string(text))
	*o = Outcome(i)
	return err
}

// worse returns the worse of two outcomes: disputed, then insufficient, then undecided, then agreed. A value without a name is
// undecided.
func worse(a, b Outcome) Outcome {
	switch {
	case a == Disputed || b == Disputed:
		return Disputed
	case a == Insufficient || b == Insufficient:
		return Insufficient
	case a == Agreed && b == Agreed:
		return Agreed
	}
	return Undecided
}

// Own says how the user's own build compares.
type Own int

const (
	NotRun  Own = iota
	Matches     // every common artifact has the digest of the decided (else the largest voting) group
	Differs
)

var ownNames = [...]string{NotRun: "not run", Matches: "matches", Differs: "differs"}

// String returns the stable name: "matches", "differs" or "not run".
func (o Own) String() string { return nameOf(ownNames[:], int(o)) }

// MarshalText returns the stable name; a value that has none is an error.
func (o Own) MarshalText() ([]byte, error) { return marshalName("own build", ownNames[:], int(o)) }

// UnmarshalText reads a stable name.
func (o *Own) UnmarshalText(text []byte) error {
	i, err := parseName("own build", ownNames[:], string(text))
	*o = Own(i)
	return err
}

// and adds one more comparison: differs wins over matches, and both over not run.
func (o Own) and(other Own) Own { return max(o, other) }

func nameOf(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return fmt.Sprintf("unknown (%d)", i)
	}
	return names[i]
}

func marshalName(what string, names []string, i int) ([]byte, error) {
	if i < 0 || i >= len(names) {
		return nil, fmt.Errorf("%s %d has no name", what, i)
	}
	return []byte(names[i]), nil
}

func parseName(what string, names []string, text string) (int, error) {
	for i, name := range names {
		if name == text {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s %q is not known, want one of %q", what, text, names)
}
