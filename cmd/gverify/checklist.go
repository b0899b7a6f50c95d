package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/verify"
)

// publishedList is a release's own list of digests, read. It is nobody's vote: whoever signed it says what was published, not what
// was built.
type publishedList struct {
	path    string
	entries sigs.Manifest
	judge   func(*pgp.Keyring, time.Time) []sigs.Signature
	signed  string // file of the signatures
	clear   bool
}

// readList reads a list of digests and the files that sign it. The signatures are judged later, when the keys are there.
func readList(f publishedFile) (*publishedList, error) {
	data, err := readCapped(f.path, sigs.MaxAssertion)
	if err != nil {
		return nil, err
	}
	l := &publishedList{path: f.path, signed: strings.Join(f.signatures, ", ")}
	text := data
	if pgp.IsClearSigned(data) {
		if len(f.signatures) > 0 {
			return nil, withHint(usagef("%s carries its own signatures, and %s is given too", f.path, l.signed), "give the clear-signed file alone")
		}
		message, err := pgp.ParseClearSigned(data)
		if err != nil {
			return nil, withHint(fmt.Errorf("%s: %w", f.path, err), "nothing in this file can be trusted; download it again from the project")
		}
		text, l.clear, l.signed = message.Text, true, f.path
		l.judge = func(ring *pgp.Keyring, asOf time.Time) []sigs.Signature { return ring.JudgeClearSigned(asOf, message) }
	} else if l.judge, err = detached(data, f.signatures); err != nil {
		return nil, err
	}
	if l.entries, err = sigs.ParsePublishedSums(text); err != nil {
		return nil, withHint(fmt.Errorf("%s: no list of digests: %w", f.path, err), "each line is a SHA-256 digest, two spaces and a file name, as sha256sum writes it")
	}
	return l, nil
}

// detached reads the signature files beside a list.
func detached(list []byte, names []string) (func(*pgp.Keyring, time.Time) []sigs.Signature, error) {
	contents := make([][]byte, len(names))
	for i, name := range names {
		var err error
		if contents[i], err = readCapped(name, pgp.MaxListSignatures); err != nil {
			return nil, err
		}
	}
	return func(ring *pgp.Keyring, asOf time.Time) []sigs.Signature {
		var out []sigs.Signature
		for i, content := range contents {
			for _, s := range ring.JudgeList(asOf, list, content) {
				s.Path = names[i]
				out = append(out, s)
			}
		}
		return out
	}, nil
}

// signatures judges the list's signatures with the keys given for the list alone and those of every judged release; of a
// signature's verdicts the one counts for which its mathematics hold, else the one that had a key to try.
func (l *publishedList) signatures(rings []*pgp.Keyring, asOf time.Time) []sigs.Signature {
	var best []sigs.Signature
	for _, ring := range rings {
		for i, s := range l.judge(ring, asOf) {
			switch {
			case i == len(best):
				best = append(best, s)
			case !best[i].Valid() && s.Valid(), best[i].Status == sigs.UnknownKey && s.Status != sigs.UnknownKey:
				best[i] = s
			}
		}
	}
	if len(best) == 0 {
		return []sigs.Signature{{Status: sigs.Missing, Path: l.path, Why: "nobody signed the list"}}
	}
	return best
}

// document is the report's part on the list.
func (l *publishedList) document(signatures []sigs.Signature, policy verify.Policy, project projects.Project) *report.List {
	d := &report.List{Path: l.path, SignedIn: l.signed, ClearSigned: l.clear, Entries: len(l.entries), Refuted: policy.Refuted(signatures), Signatures: []report.ListSignature{}}
	for _, s := range signatures {
		key, _ := project.ReleaseKeyOf(s)
		d.Signatures = append(d.Signatures, report.NewListSignature(s, policy.PinOf(s), key.Name))
	}
	return d
}

// listFindings are what is to be said of a list's signatures, judged as of a day that the user asked for or not.
func listFindings(l *publishedList, signatures []sigs.Signature, policy verify.Policy, project projects.Project, asOf time.Time, asked bool) []sigs.Finding {
	var out []sigs.Finding
	add := func(code string, severity sigs.Severity, path, text, next string) {
		out = append(out, sigs.Finding{Code: code, Severity: severity, Path: path, Text: text, Next: next})
	}
	seen := map[string]int{}
	for _, s := range signatures {
		who := cmp.Or(policy.PinOf(s), "key "+cmp.Or(s.Primary, s.Fingerprint, s.KeyID, "not named"))
		path := cmp.Or(s.Path, l.path)
		_, published := project.ReleaseKeyOf(s)
		switch {
		case s.Status == sigs.Missing:
			add("list-unsigned", sigs.Warning, path, "nobody signed the list: it could come from anyone", "get the signature that the project publishes beside it; the builders' word stands without it")
		case s.Status == sigs.Bad:
			next := "download both again from the project; do not use the list until they fit"
			if path != l.path && !namedAfter(path, l.path) {
				next = "remove " + path + " if it signs another file: it is not named after the list"
			}
			add("list-bad-signature", sigs.Alarm, path, "the signature by "+who+" does not fit the list: one of the two was changed", next)
		case s.Status == sigs.Malformed:
			next := "download it again from the project"
			if path != l.path && !namedAfter(path, l.path) {
				next = "remove " + path + ", or give the list and its own signature alone: it is not named after the list, and was taken for its signature"
			}
			add("list-malformed-signature", sigs.Alarm, path, "no signature that can be judged: "+s.Why, next)
		case s.Status == sigs.UnknownKey:
			text, next := "the list is signed by "+who+", whose public key is not at hand: who published it is not known", "get this key, make sure whose it is, and give it with --list-keys FILE"
			if key, ok := project.ReleaseKeyOf(s); ok {
				text = "the list says that it is signed by " + key.Name + "; the public key is not at hand, so that is not known"
				next = "get key " + key.Fingerprint + " (" + strings.Join(key.Published, "; ") + ") and give it with --list-keys FILE"
			}
			add("list-unknown-key", sigs.Warning, path, text, next)
		case asked && !s.Authentic() && s.Created.After(asOf):
			add("list-signature-not-accepted", sigs.Alarm, path, "the signature by "+who+" fits, but was made on "+s.Created.UTC().Format(time.DateOnly)+", after the day of --as-of, "+asOf.UTC().Format(time.DateOnly), "leave --as-of out, or give a day after the list was signed")
		case !s.Authentic():
			add("list-signature-not-accepted", sigs.Alarm, path, "the signature by "+who+" fits, but is not accepted: "+strings.TrimSpace(string(s.Status)+" "+s.Why), "ask the project for a list signed with a key that is in order")
		case policy.PinOf(s) == "" && !published:
			add("list-not-pinned", sigs.Note, path, "the signature by "+who+" is good, but no pin says whose key that is", "compare the fingerprint with the one the project publishes")
		}
		if s.Authentic() {
			if seen[s.Primary]++; seen[s.Primary] == 2 {
				add("list-signed-twice", sigs.Note, path, "several signatures are by "+who+"; that is one person's word", "nothing to do")
			}
		}
	}
	return out
}

// listRing reads the keys that were given for the list alone. They are kept apart: they never make anybody a voter.
func listRing(ctx context.Context, specs []string, from opener) (*pgp.Keyring, []sigs.Finding, error) {
	g := &keyGatherer{ring: pgp.NewKeyring(), open: from.open}
	for _, spec := range specs {
		if spec == "sigs:" {
			return nil, nil, usagef("--list-keys sigs: is not needed: the attestation repository's keys are tried anyway")
		}
		if err := g.addGiven(ctx, spec); err != nil {
			return nil, nil, fmt.Errorf("list-keys: %w", err)
		}
	}
	return g.ring, g.findings, nil
}

// beside returns the files on the list that lie beside it, in the list's order, each once, and what is no regular file there.
func (l *publishedList) beside() (found []heldFile, skipped []report.Skipped, err error) {
	dir, seen := filepath.Dir(l.path), map[string]bool{}
	for _, e := range l.entries {
		if seen[e.Path] || !filepath.IsLocal(filepath.FromSlash(e.Path)) {
			continue
		}
		seen[e.Path] = true
		name := filepath.Join(dir, filepath.FromSlash(e.Path))
		info, err := os.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG):
		case err != nil:
			return nil, nil, err
		case info.Mode().IsRegular():
			found = append(found, heldFile{e.Path, name})
		default:
			skipped = append(skipped, report.Skipped{Path: name, Why: kindOf(info.Mode())})
		}
	}
	if len(found) > maxHeld {
		return nil, nil, fmt.Errorf("%d of the files on %s lie beside it, at most %d are checked at once", len(found), l.path, maxHeld)
	}
	return found, skipped, nil
}

// namedAfter reports whether a file is called as a signature over another is: SHA256SUMS.asc over SHA256SUMS.
func namedAfter(signature, list string) bool {
	return strings.TrimSuffix(filepath.Base(signature), filepath.Ext(signature)) == filepath.Base(list)
}
