package projects_test

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/projects"
)

// FuzzPlace places any path by any template: nothing panics, what is misplaced is told what is due, and a name is one element.
func FuzzPlace(f *testing.F) {
	for _, path := range []string{"0.15.2-linux/laanwj/bitcoin-linux-0.15-build.assert.sig", "builder-keys/x.gpg", "../x", "", "/", "a//b", ".github/x", "1.0/\xff/all.SHA256SUMS"} {
		f.Add("{release}/{signer}/{name}-build.assert", "{signer}.{gpg|asc}", path)
		f.Add("{version}/{signer}/{a|b}.SHA256SUMS", "keys/{signer}.gpg", path)
	}
	f.Fuzz(func(t *testing.T, assertion, key, path string) {
		r := projects.Repository{Contributions: projects.Contributions{Assertions: []string{assertion}, Signatures: []string{".sig"}, Keys: []string{key}}}
		rules, err := r.Rules()
		if err != nil {
			return
		}
		p := rules.Place(path)
		if (p.Part == projects.MisplacedPart) != (p.Want != "") {
			t.Errorf("%q is %s, due is %q", path, p.Part, p.Want)
		}
		if strings.Contains(p.Signer, "/") || strings.Contains(p.Release, "/") || strings.HasPrefix(p.Signer, ".") || strings.HasPrefix(p.Signer, "-") {
			t.Errorf("%q is of %q by %q", path, p.Release, p.Signer)
		}
	})
}
