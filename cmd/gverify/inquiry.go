package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

// inquiry gathers what is asked besides the release's own statements.
func (o explainOptions) inquiry(ctx context.Context, j *judged, known *corpus) (verify.Inquiry, error) {
	q := verify.Inquiry{Platforms: o.platforms, Unread: j.unread()}
	for _, b := range j.own {
		q.Subjects = append(q.Subjects, verify.ObserveOwn(b))
	}
	if !o.history && o.assertion == "" {
		return q, nil
	}
	if known == nil {
		return q, withHint(usagef("%s is a plain directory: it has no history", j.src.location), "--history and --assertion need a git repository: --sigs")
	}
	earlier, err := j.earlier(ctx, known)
	if err != nil {
		return q, err
	}
	if o.history {
		q.Earlier = slices.DeleteFunc(slices.Clone(earlier), func(v verify.Observation) bool { return !v.Replaced() })
	}
	if o.assertion == "" {
		return q, nil
	}
	subject, err := o.subject(j, known, earlier)
	if err != nil {
		return q, err
	}
	q.Earlier = slices.DeleteFunc(q.Earlier, func(v verify.Observation) bool { return v.Path == subject.Path && v.Blob == subject.Blob })
	q.Subjects = append(q.Subjects, subject)
	return q, nil
}

// unread reads what checking did not: the content of assertions whose signatures are all bad. It is nobody's word, and may still
// show what happened.
func (j *judged) unread() []verify.Observation {
	var out []verify.Observation
	for _, s := range j.comparison.Statements {
		if !s.NotParsed() {
			continue
		}
		data, err := sigs.ReadCapped(j.src.fsys, s.Path, sigs.MaxAssertion)
		if err != nil || sha256.Sum256(data) != s.Sum {
			continue
		}
		v := verify.Observe(s)
		if v.Assertion, err = sigs.ParseFile(s.Path, data); err == nil {
			v.Unparsed = ""
			out = append(out, v)
		}
	}
	return out
}

// earlier reads every assertion that ever stood in the release's directories.
func (j *judged) earlier(ctx context.Context, known *corpus) ([]verify.Observation, error) {
	var versions []repo.Version
	for _, v := range known.history.Versions {
		if slices.ContainsFunc(j.comparison.Statements, func(s *sigs.Statement) bool { return strings.HasPrefix(v.Path, s.Directory.Path+"/") }) {
			versions = append(versions, v)
		}
	}
	places, err := placesOf(versions)
	if err != nil {
		return nil, err
	}
	versions = slices.DeleteFunc(versions, func(v repo.Version) bool { _, ok := places[v.Path]; return !ok })
	var out []verify.Observation
	err = corpusReader{repository: j.src.repo}.observe(ctx, versions, places, func(v verify.Observation) { out = append(out, v) })
	return out, err
}

// elsewhere says that the assertion that was asked for is another release's.
func elsewhere(o explainOptions, path string) error {
	release, _, _ := strings.Cut(path, "/")
	return withHint(fmt.Errorf("%s is no assertion of %s: it is %s", o.assertion, strings.Join(append([]string{o.version}, o.platforms...), "-"), path),
		"gverify explain %s --assertion %s", release, o.assertion)
}

// subject finds the assertion that was asked for by its blob, and takes it out of the comparison if it stands there.
func (o explainOptions) subject(j *judged, known *corpus, earlier []verify.Observation) (verify.Observation, error) {
	blob := strings.ToLower(o.assertion)
	if !isBlobID(blob) {
		return verify.Observation{}, withHint(usagef("--assertion %q is no git id", o.assertion), "it takes 7 to 40 hexadecimal digits, as gverify explain %s --history -v shows them", o.version)
	}
	var found []verify.Observation
	for _, v := range earlier {
		if strings.HasPrefix(v.Blob, blob) && (o.signer == "" || v.Signer == o.signer) { // several may have signed equal files
			found = append(found, v)
		}
	}
	switch {
	case len(found) == 0:
		for _, v := range known.history.Versions {
			if strings.HasPrefix(v.Blob, blob) {
				return verify.Observation{}, elsewhere(o, v.Path)
			}
		}
		return verify.Observation{}, withHint(fmt.Errorf("%s has no assertion %s", j.src.location, blob), "gverify explain %s --history -v shows the ids of all", o.version)
	case slices.ContainsFunc(found, func(v verify.Observation) bool { return v.Blob != found[0].Blob }):
		return verify.Observation{}, withHint(usagef("--assertion %s names several assertions, such as %s and %s", blob, found[0].Blob, found[1].Blob), "give more digits")
	}
	if platform := found[0].Directory.PlatformOf(found[0].Name); len(o.platforms) > 0 && !slices.Contains(o.platforms, platform) {
		return verify.Observation{}, elsewhere(o, found[0].Path)
	}
	subject := found[0]
	statements := slices.DeleteFunc(slices.Clone(j.comparison.Statements), func(s *sigs.Statement) bool {
		stands := s.Path == subject.Path && s.Sum == subject.Sum
		subject.Verified = subject.Verified || stands && s.Authentic()
		return stands
	})
	j.comparison = verify.Compare(j.comparison.Version, statements)
	return subject, nil
}
