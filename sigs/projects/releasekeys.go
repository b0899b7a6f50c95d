package projects

import (
	"fmt"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// ReleaseKey is a key with which a project signs its lists of digests. It says who published a release, and never votes.
type ReleaseKey struct {
	Name        string   `yaml:"name"`        // whose it is
	Fingerprint string   `yaml:"fingerprint"` // primary key, upper-case hexadecimal digits
	Published   []string `yaml:"published"`   // where
}

// ReleaseKeyOf returns the release key that made a signature. Where the public key is not at hand, it is the one that the signature
// names, which proves nothing: anybody can write that.
func (p Project) ReleaseKeyOf(s sigs.Signature) (k ReleaseKey, ok bool) {
	for _, k := range p.ReleaseKeys {
		switch {
		case s.Valid() && s.Primary == k.Fingerprint:
			return k, true
		case s.Status == sigs.UnknownKey && (s.Fingerprint == k.Fingerprint || s.Fingerprint == "" && s.KeyID != "" && strings.HasSuffix(k.Fingerprint, s.KeyID)):
			return k, true
		}
	}
	return ReleaseKey{}, false
}

func checkReleaseKeys(keys []ReleaseKey) error {
	seen := map[string]bool{}
	for i, k := range keys {
		switch {
		case k.Name == "":
			return fmt.Errorf("release_keys %d: no name", i+1)
		case !fingerprint.MatchString(k.Fingerprint):
			return fmt.Errorf("release_keys %d: %q is no fingerprint of a primary key, want 40 hexadecimal digits", i+1, k.Fingerprint)
		case seen[k.Fingerprint]:
			return fmt.Errorf("release_keys %d: fingerprint %s stands twice", i+1, k.Fingerprint)
		}
		seen[k.Fingerprint] = true
	}
	return nil
}
