package review

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// misnamed are the findings about names that break a rule if the change brings them.
var misnamed = set(
	"invalid-name duplicate-name malformed-tree symbolic-link not-a-file odd-name more-findings", // sigs/repo
	"other-version-name other-platform-name orphan-signature misnamed-signature nested-release doubled-signer nested-directory",
	"not-a-regular-file too-deep outside-release assertion-without-signer signer-look-alikes release-look-alikes release-case-twins release-twice too-many-findings", // sigs.List
)

// unusable are those about content.
var unusable = set(
	"bad-signature malformed-signature missing-signature revoked-key impossible-time unjudged-signature", // sigs.Check
	"unparsable-assertion html-page unreadable-assertion",
	"key-unreadable secret-key key-file-too-large", // sigs/pgp
	"similar-name misfiled filed-elsewhere other-platform replay no-tie mixed-versions contradicts-itself",
)

// silent are findings that a review says in its own words, or that are about a release as a whole.
var silent = set("disputed overruled keys-would-help not-pinned platform-missing platform-without-vote unknown-key vote-refused threshold-unreachable key-of-nobody")

// telling are notes about names that say something of a change: it brings a second spelling.
var telling = set("case-twins signer-case-twins")

// own are the findings of this package that break a rule, some only together with attestations.
var own = set("attestation-edited attestation-removed attestation-moved wrong-path other-signers-directory same-signature key-replaced revocation-removed key-under-pinned-name key-look-alike key-removed key-renamed key-weakened checks-changed")

// BreaksRule reports whether a finding of this code can break a rule if a change brings it.
func BreaksRule(code string) bool { return brings(code) || own[code] }

// brings reports whether a finding of another package breaks a rule.
func brings(code string) bool { return misnamed[code] || unusable[code] }

func set(lines ...string) map[string]bool {
	out := map[string]bool{}
	for _, line := range lines {
		for _, code := range strings.Fields(line) {
			out[code] = true
		}
	}
	return out
}

// compare finds the findings of other packages that were not there before the change.
func (r *reviewer) compare() {
	before, after := slices.Clone(r.change.Before), slices.Clone(r.change.After)
	for _, release := range r.change.Releases {
		before = append(before, release.Before.Verdict.Findings...)
		after = append(after, release.After.Verdict.Findings...)
	}
	old := map[sigs.Finding]bool{}
	for _, f := range before {
		old[f] = true
	}
	for _, f := range after {
		if old[f] {
			continue
		}
		r.fresh = append(r.fresh, f)
		if misnamed[f.Code] {
			r.misnamed[f.Path] = true
		}
	}
}

// passOn adds them. Most notes are left out: they are about habits.
func (r *reviewer) passOn() {
	for _, f := range r.fresh {
		if silent[f.Code] || f.Severity == sigs.Note && !brings(f.Code) && !telling[f.Code] {
			continue
		}
		r.note(brings(f.Code), f)
	}
}
