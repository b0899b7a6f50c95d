package report

import (
	"errors"
	"fmt"

	"github.com/gverify/gverify/verify"
)

// consistent refuses a document whose outcome does not follow from what it holds. A saved document is only text: nothing in it is
// verified again, but what contradicts itself was not written by gverify, or not left as it was.
func consistent(d Document) error {
	want, asked := verify.Agreed, false
	for _, p := range d.Platforms {
		if !p.Asked {
			continue
		}
		asked = true
		if p.Outcome == verify.Agreed {
			if err := supported(p, d.Policy.Threshold); err != nil {
				return err
			}
		}
		if p.Own == verify.Differs && d.Own != verify.Differs {
			return fmt.Errorf("it says that the own build differs on %s, and that as a whole it %s", platformName(p.Name), d.Own)
		}
		want = worse(want, p.Outcome)
	}
	if !asked {
		want = verify.Insufficient
	}
	if d.Outcome != want {
		return fmt.Errorf("it says %s as a whole, but its platforms say %s", d.Outcome, want)
	}
	return nil
}

// supported makes sure that a platform that is agreed has files, and each that counts as many voters as the policy asks for.
func supported(p Platform, threshold int) error {
	if threshold < 1 {
		return errors.New("it says that signers agree by a policy without a threshold")
	}
	counted := 0
	for _, a := range p.Artifacts {
		if !a.Counts {
			continue
		}
		counted++
		if a.Outcome != verify.Agreed || len(a.Groups) == 0 || len(a.Groups[0].Voters) < threshold {
			return fmt.Errorf("it says that %s is agreed, but not so of its file %s", platformName(p.Name), cell(a.Path, 80))
		}
	}
	if counted == 0 {
		return fmt.Errorf("it says that %s is agreed, but holds no file of it that counts", platformName(p.Name))
	}
	return nil
}

// worse is the worse of two outcomes: disputed, insufficient, undecided, agreed.
func worse(a, b verify.Outcome) verify.Outcome {
	for _, o := range []verify.Outcome{verify.Disputed, verify.Insufficient, verify.Undecided} {
		if a == o || b == o {
			return o
		}
	}
	return a
}
