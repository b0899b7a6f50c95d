package verify

import (
	"fmt"
	"path"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// isLonger reports whether name is an artifact's name with the release's whole version where the artifact carries the version's
// beginning: 0.15.0.1 is published as coin-0.15.0.1-win64.zip, and its builders attest coin-0.15.0-win64.zip.
func isLonger(name, artifact, version string) bool {
	long, ok := sigs.NamesVersion(name)
	if !ok || trimV(long) != trimV(version) {
		return false
	}
	short, ok := sigs.NamesVersion(artifact)
	return ok && isStem(short, version) && strings.Replace(artifact, trimV(short), trimV(long), 1) == name
}

// foreign returns the version that a name carries, if it is neither the release's nor one that the artifacts with the file's bytes
// carry: builders may shorten the release's version.
func foreign(name, version string, same []place) (carried string, ok bool) {
	carried, ok = sigs.NamesVersion(name)
	if !ok || sigs.SameVersion(carried, version) {
		return "", false
	}
	for _, p := range same {
		if of, ok := sigs.NamesVersion(p.Artifact.Path); ok && sigs.SameVersion(carried, of) {
			return "", false
		}
	}
	return carried, true
}

// ofAnother is the verdict on a file whose bytes are a release's and whose name is another version's: at best insufficient.
func ofAnother(v FileVerdict, carried, version string) FileVerdict {
	v.Standing = OfAnotherVersion
	if v.Outcome == Agreed {
		v.Outcome = Insufficient
	}
	v.Grounds = fmt.Sprintf("its name says %s, and its bytes are those of %s, of %s: %s", carried, listNames(v.Paths), version, v.support())
	return v
}

// under names what a contradicted file was compared with, where that is not its own name.
func (v FileVerdict) under(f File) string {
	for _, p := range v.Paths {
		if path.Base(p) == path.Base(f.Name) || p == f.Attested {
			return "under this name"
		}
	}
	return "of " + listNames(v.Paths) + ", which is this name but for the version"
}
