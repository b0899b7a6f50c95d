package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// files judges what the change does to files, whatever they say.
func (r *reviewer) files() {
	var others, checks []string
	for _, f := range r.change.Files {
		switch {
		case f.attested() && f.Kind == Removed && f.MovedTo != "":
			r.note(true, sigs.Finding{Code: "attestation-moved", Severity: sigs.Warning, Path: f.Path,
				Text: "evidence that was there is moved to " + f.MovedTo, Next: "a maintainer makes sure that it is the same signer's and the same release's, and merges by hand"})
		case f.attested() && f.Kind == Removed:
			r.note(true, sigs.Finding{Code: "attestation-removed", Severity: sigs.Alarm, Path: f.Path,
				Text: "evidence that was there is taken away: nobody can see any more what was attested", Next: "leave it; who built anew adds an attestation, and a wrong one is explained beside it"})
		case f.attested() && f.Kind == Edited:
			r.note(true, sigs.Finding{Code: "attestation-edited", Severity: sigs.Alarm, Path: f.Path,
				Text: "evidence that was there is changed afterwards", Next: "ask its signer why, and compare both versions, before a maintainer merges by hand"})
		case f.attested() && f.Kind == ModeChanged:
			r.note(false, sigs.Finding{Code: "mode-changed", Severity: sigs.Warning, Path: f.Path,
				Text: "the file's mode is changed, its content is not", Next: "an attestation is a plain file; ask why"})
		case f.Part == MisplacedPart && f.Kind != Removed && !r.explained(f.Path):
			r.note(true, sigs.Finding{Code: "wrong-path", Severity: sigs.Warning, Path: f.Path,
				Text: "no file of this name belongs here; due is " + f.Want, Next: "move or rename it in this change"})
		case f.Part == CheckPart:
			checks = append(checks, f.Path)
		case f.Part == OtherPart:
			others = append(others, f.Path)
		}
	}
	evidence := r.touchesEvidence()
	if len(checks) > 0 {
		text := fmt.Sprintf("the checks themselves are changed: %s", listPaths(checks))
		if evidence {
			text += "; together with attestations or keys, so that the change could decide how it is judged"
		}
		r.note(evidence, sigs.Finding{Code: "checks-changed", Severity: sigs.Warning, Path: checks[0], Text: text,
			Next: "read this line by line; what this report says was decided by the program that ran, and the change may choose it"})
	}
	switch len(others) {
	case 0:
	case 1:
		r.note(false, sigs.Finding{Code: "other-files", Severity: sigs.Note, Path: others[0], Text: "1 file that no attestation consists of: nobody judges it", Next: "read it"})
	default:
		r.note(false, sigs.Finding{Code: "other-files", Severity: sigs.Note,
			Text: fmt.Sprintf("%d files that no attestation consists of, nobody judges them: %s", len(others), listPaths(others)), Next: "read them"})
	}
}

// explained reports whether a finding about names, new with this change, says more precisely what is wrong with a path.
func (r *reviewer) explained(at string) bool {
	for ; at != "." && at != "/"; at = path.Dir(at) {
		if r.misnamed[at] {
			return true
		}
	}
	return false
}

// touchesEvidence reports whether attestations or keys are among the files.
func (r *reviewer) touchesEvidence() bool {
	return slices.ContainsFunc(r.change.Files, func(f File) bool { return f.attested() || f.Part == KeyPart || f.Part == MisplacedPart })
}

// touchesAttestations reports whether attestations are among the files.
func (r *reviewer) touchesAttestations() bool {
	return len(r.out.Attestations) > 0 || slices.ContainsFunc(r.change.Files, File.attested)
}

func listPaths(paths []string) string { return list(paths) }

// keyFiles judges what the change does to public keys.
func (r *reviewer) keyFiles() {
	attested := r.touchesAttestations()
	for _, k := range r.change.Keys {
		switch {
		case k.Kind == Added:
			r.addedKey(k)
		case k.Kind == Removed && len(k.Elsewhere) > 0 && len(k.Lost) == 0:
			r.note(r.leavesName(k), k.finding("key-renamed", sigs.Warning, fmt.Sprintf("the key file is gone, its key stands in %s", list(k.Elsewhere)),
				"make sure that both names are the same person's; a pinned person's key stays under his name"))
		case k.Kind == Removed && len(k.Lost) > 0:
			r.note(attested || k.Attestations > 0 || r.pinnedKey(k), k.finding("key-removed", sigs.Alarm, fmt.Sprintf("the key of %s (%s) is taken away%s", k.Signer, keys(k.Before), k.cost()),
				"leave it: a key that is used no more stays, revoked or expired"))
		case k.Kind == Removed:
			r.note(attested, k.finding("key-removed", sigs.Warning, fmt.Sprintf("the key of %s (%s) is taken away: signatures of his may not be verified any more", k.Signer, keys(k.Before)),
				"a key that is used no more stays, revoked or expired; a maintainer removes one in a change of its own"))
		case k.Kind == Edited && !slices.Equal(k.Before, k.After):
			r.note(attested || !r.pinnedFor(k.Signer, k.After), k.finding("key-replaced", sigs.Alarm, fmt.Sprintf("the key of a known signer, %s, is another one now: it was %s, and is %s", k.Signer, keys(k.Before), keys(k.After)),
				"ask him over another channel; once the new key is pinned, it comes in a change of its own"))
			if len(k.Lost) > 0 && r.pinnedFor(k.Signer, k.After) {
				r.weakened(k)
			}
		case k.Kind == Edited && len(k.Lost) > 0:
			r.weakened(k)
		case k.Kind == Edited && len(k.Revoked) > 0:
			r.note(true, k.finding("revocation-removed", sigs.Alarm, fmt.Sprintf("the key of %s (%s) was revoked, and its revocation is taken away", k.Signer, keys(k.Revoked)),
				"leave the revoked key as it is"))
		case k.Kind == Edited && attested:
			r.note(false, k.finding("key-changed-too", sigs.Warning, fmt.Sprintf("the key file of %s is changed together with attestations; the fingerprints are the same. They were judged with the key as it was before", k.Signer),
				"if an attestation is called expired here, merge the key first"))
		case k.Kind == Edited:
			r.note(false, k.finding("key-refreshed", sigs.Note, fmt.Sprintf("the key file of %s is changed, its fingerprints are the same", k.Signer), ""))
		}
	}
}

// weakened is about a key file that loses keys by which its owner signed, though its primary key stays.
func (r *reviewer) weakened(k KeyFile) {
	r.note(true, k.finding("key-weakened", sigs.Alarm, fmt.Sprintf("signing keys are taken out of the key file of %s, or end earlier without his word (%s)%s", k.Signer, list(k.Lost), k.cost()),
		"leave what is there and add to it: an old subkey stays, expired or revoked"))
}

// cost says what a lost key takes along.
func (k KeyFile) cost() string {
	if k.Attestations == 0 {
		return ": signatures of his could not be verified any more"
	}
	what := "their signatures"
	if k.Attestations == 1 {
		what = "its signature"
	}
	return fmt.Sprintf(": %s in %s would lose %s", plural(k.Attestations, "attestation", "attestations"), plural(k.Versions, "release", "releases"), what)
}

// pinnedKey reports whether a key file is, or holds the key of, a pinned person.
func (r *reviewer) pinnedKey(k KeyFile) bool {
	return slices.ContainsFunc(r.change.Pins, func(pin verify.Pin) bool {
		return pin.Name == k.Signer || slices.Contains(pin.Aliases, k.Signer) || slices.ContainsFunc(k.Before, func(f string) bool { return slices.Contains(pin.Fingerprints, f) })
	})
}

// leavesName reports whether a pinned person's key stands under a name now that is not his.
func (r *reviewer) leavesName(k KeyFile) bool {
	for _, pin := range r.change.Pins {
		names := append([]string{pin.Name}, pin.Aliases...)
		if slices.Contains(names, k.Signer) {
			return !slices.ContainsFunc(k.Elsewhere, func(file string) bool {
				return slices.Contains(names, strings.TrimSuffix(path.Base(file), path.Ext(file)))
			})
		}
	}
	return false
}

// pinnedFor reports whether all keys are pinned for the person of a name: somebody has looked at them before this change.
func (r *reviewer) pinnedFor(name string, keys []string) bool {
	for _, pin := range r.change.Pins {
		if pin.Name != name && !slices.Contains(pin.Aliases, name) {
			continue
		}
		return len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(pin.Fingerprints, key) })
	}
	return false
}

// addedKey judges a new key file.
func (r *reviewer) addedKey(k KeyFile) {
	for _, pin := range r.change.Pins {
		named := pin.Name == k.Signer || slices.Contains(pin.Aliases, k.Signer)
		if named && slices.ContainsFunc(k.After, func(f string) bool { return !slices.Contains(pin.Fingerprints, f) }) {
			r.note(true, k.finding("key-under-pinned-name", sigs.Alarm,
				fmt.Sprintf("a new key in the name of %s, whose pinned key is another one (%s); this one is %s", pin.Name, keys(pin.Fingerprints), keys(k.After)),
				"ask him over another channel whether it is his"))
			return
		}
	}
	if r.lookAlikeKey(k) {
		return
	}
	var verifies []string
	for _, a := range r.out.Attestations {
		if r.change.Brought[a.Path] == k.Path {
			verifies = append(verifies, a.Path)
		}
	}
	if len(verifies) > 0 {
		r.note(false, k.finding("key-with-attestation", sigs.Warning,
			fmt.Sprintf("a new key (%s), added together with %s it verifies: that shows nothing about its owner, so %s cannot vote yet", keys(k.After), plural(len(verifies), "attestation", "attestations"), list(verifies)),
			"welcome to a new signer; he counts once somebody has checked whose key it is and pinned its fingerprint"))
		return
	}
	if len(k.Elsewhere) > 0 {
		r.note(false, k.finding("key-known", sigs.Warning, "the same key is there already, as "+list(k.Elsewhere)+": one key is one voice, whatever it is called", "make sure that both names are the same person's"))
		return
	}
	r.note(false, k.finding("key-added", sigs.Note, fmt.Sprintf("a new key for %s: %s", k.Signer, keys(k.After)), "make sure whose it is; it counts for nothing until it is pinned"))
}

// lookAlikeKey judges a new key file whose name can be taken for that of a pinned person or of another key file, and whose key is
// another one: whoever merges it would let a stranger sign in that name.
func (r *reviewer) lookAlikeKey(k KeyFile) bool {
	var like []string
	for _, pin := range r.change.Pins {
		names := append([]string{pin.Name}, pin.Aliases...)
		strange := slices.ContainsFunc(k.After, func(f string) bool { return !slices.Contains(pin.Fingerprints, f) })
		if slices.Contains(names, k.Signer) {
			return false // his own name, and his key: see addedKey
		}
		if strange && slices.ContainsFunc(names, func(n string) bool { return sigs.LookAlike(n, k.Signer) }) {
			like = append(like, fmt.Sprintf("%s, who is pinned by another key (%s)", pin.Name, keys(pin.Fingerprints)))
		}
	}
	if len(like) == 0 && len(k.Twins) > 0 {
		like = append(like, "the owner of "+list(k.Twins)+", who has another key")
	}
	if len(like) == 0 {
		return false
	}
	r.note(true, k.finding("key-look-alike", sigs.Alarm, fmt.Sprintf("the name %+q can be taken for that of %s; this key is %s", k.Signer, list(like), keys(k.After)),
		"ask him over another channel whether it is his; somebody else takes a name that cannot be mistaken"))
	return true
}

func (k KeyFile) finding(code string, severity sigs.Severity, text, next string) sigs.Finding {
	return sigs.Finding{Code: code, Severity: severity, Path: k.Path, Signer: k.Signer, Text: text, Next: next}
}

func keys(fingerprints []string) string {
	if len(fingerprints) == 0 {
		return "none that can be read"
	}
	return list(fingerprints)
}
