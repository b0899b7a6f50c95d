package verify

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gverify/gverify/sigs"
)

// platformFindings are about platforms that are missing or that nobody with a vote has signed.
func (d *decision) platformFindings(v Verdict) []sigs.Finding {
	var out []sigs.Finding
	for _, p := range v.Platforms {
		f := sigs.Finding{Severity: sigs.Warning, Release: p.Release, Platform: p.Name}
		switch {
		case p.Release == "" && p.Asked:
			f.Code, f.Text = "platform-missing", fmt.Sprintf("%s belongs to this release, and nobody has attested it", p.called())
			f.Next = "ask the project whether it is still to come"
		case p.Release != "" && len(p.Voters) == 0:
			f.Code, f.Text = "platform-without-vote", fmt.Sprintf("nobody whose voice counts has signed %s", p.called())
			f.Next = "do not rely on its files"
			if !p.Asked {
				f.Severity = sigs.Note
				f.Text += "; it is not due, so it does not bear on the outcome"
			}
		case p.Foreign:
			f.Code, f.Severity = "other-assertion-name", sigs.Note
			f.Text = fmt.Sprintf("builders call their lists %s; this one is called %s: its files are compared with theirs, but it is no platform", join(guixNames), p.Name)
			f.Next = "ask the signer why"
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

// policyFindings are about a policy that cannot be met, or that vouches for nobody.
func (d *decision) policyFindings() []sigs.Finding {
	p := d.policy
	var out []sigs.Finding
	if p.AnyGiven {
		out = append(out, sigs.Finding{Code: "unvetted-keys", Severity: sigs.Warning,
			Text: "every key you gave counts as a person of its own: nobody vetted these keys",
			Next: "pin the signers you know in a policy: gverify help policy"})
	} else if len(p.Pins) == 0 {
		out = append(out, sigs.Finding{Code: "no-pins", Severity: sigs.Warning,
			Text: "no signer is pinned for this project, so nobody's voice counts",
			Next: "gverify policy init writes a policy to fill in; --policy any counts every key you give with --keys"})
	} else if p.Threshold > len(p.Pins) {
		out = append(out, sigs.Finding{Code: "threshold-unreachable", Severity: sigs.Warning,
			Text: fmt.Sprintf("the policy asks for %d voting signers, and it pins only %s", p.Threshold, plural(len(p.Pins), "person", "persons")),
			Next: "lower the threshold or pin more signers"})
	}
	return out
}

// voicelessFindings are about signers who are not heard: not pinned, refused by the policy, or without a key at hand.
func (d *decision) voicelessFindings(v Verdict) []sigs.Finding {
	var unpinned, keys []string
	var refused bundles
	for i, sp := range d.speakers {
		if sp.Votes || sp.owner != nil || sp.foreign != nil || sp.lost {
			continue
		}
		s := d.c.Statements[i]
		best := s.Best()
		switch {
		case sp.pin != nil && s.Authentic(): // what makes one not authentic was told by sigs.Check
			b := refused.at(sp.Signer+"\n"+sp.Why, i)
			b.words = append(b.words, s.Path)
		case s.Authentic():
			unpinned = appendOnce(unpinned, d.signer(i))
		case best.Status == sigs.UnknownKey:
			keys = appendOnce(keys, fmt.Sprintf("%s (key %s)", d.signer(i), cmp.Or(best.Fingerprint, best.KeyID, "not named")))
		}
	}
	var out []sigs.Finding
	for _, b := range refused.list {
		sp := d.speakers[b.first]
		out = append(out, d.finding(b, "vote-refused", sigs.Warning,
			fmt.Sprintf("%s of %s without a vote: %s", plural(len(b.words), "assertion", "assertions"), sp.Signer, sp.Why),
			"if the policy is yours, it says which signatures it takes: gverify help policy"))
	}
	slices.Sort(unpinned)
	if len(unpinned) > 0 {
		text := fmt.Sprintf("%s, but the policy does not pin the key: %s", plural(len(unpinned), "signer's signature is good", "signers' signatures are good"), listNames(unpinned))
		if d.policy.AnyGiven {
			text = fmt.Sprintf("%s, but the key was not given with --keys: %s", plural(len(unpinned), "signer's signature is good", "signers' signatures are good"), listNames(unpinned))
		}
		out = append(out, sigs.Finding{Code: "not-pinned", Severity: sigs.Note, Text: text,
			Next: "if you know whose keys these are, pin them in a policy: gverify help policy"})
	}
	if len(keys) > 0 && v.Outcome == Insufficient {
		slices.Sort(keys)
		out = append(out, sigs.Finding{Code: "keys-would-help", Severity: sigs.Warning,
			Text: fmt.Sprintf("%s could not be checked for want of the public key: %s", plural(len(keys), "signer's signature", "signers' signatures"), join(keys)),
			Next: "get these keys, make sure whose they are, and give them with --keys"})
	}
	return out
}
