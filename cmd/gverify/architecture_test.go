package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of the module a package may import, and which heavy modules it alone may.
var allowed = map[string]struct{ own, modules []string }{
	"sigs":      {nil, []string{"gopkg.in/yaml.v3"}},
	"sigs/repo": {[]string{"sigs"}, []string{"github.com/go-git", "github.com/gofrs/flock"}},
	"sigs/pgp":  {[]string{"sigs"}, []string{"github.com/ProtonMail/go-crypto"}},
	"sigs/dsse": {[]string{"sigs"}, []string{"github.com/sigstore/sigstore/pkg/cryptoutils", "github.com/sigstore/sigstore/pkg/signature",
		"github.com/secure-systems-lab/go-securesystemslib/encrypted"}},
	"sigs/projects": {[]string{"sigs"}, []string{"gopkg.in/yaml.v3"}},
	"verify":        {[]string{"sigs", "verify/deb"}, []string{"gopkg.in/yaml.v3"}},
	"verify/deb":    {nil, nil},
	"verify/score":  {[]string{"verify"}, nil},
	"verify/review": {[]string{"sigs", "verify"}, nil},
	"build":         {[]string{"sigs"}, []string{"gopkg.in/yaml.v3"}},
	"build/docker":  {[]string{"build", "sigs"}, []string{"github.com/docker/docker", "github.com/containerd/errdefs", "github.com/opencontainers/image-spec"}},
	"build/source":  {[]string{"build"}, []string{"github.com/go-git", "github.com/gofrs/flock"}},
	"report":        {[]string{"sigs", "verify", "verify/review"}, nil},
	"cmd/gverify": {[]string{"sigs", "sigs/repo", "sigs/pgp", "sigs/dsse", "sigs/projects", "verify", "verify/review", "verify/score", "report",
		"build", "build/docker", "build/source", "testdata/example"},
		[]string{"github.com/spf13", "golang.org/x/term"}},
	"testdata/example":          {nil, nil},
	"testdata/example/generate": {nil, []string{"github.com/ProtonMail/go-crypto"}},
}

// Imports point one way, and heavy dependencies live in leaf packages.
func TestArchitecture(t *testing.T) {
	const module = "github.com/gverify/gverify/"
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...", module+"testdata/example/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		rules, known := allowed[name]
		if !known {
			t.Errorf("package %s has no place in the architecture: decide what it may import", name)
			continue
		}
		seen++
		for _, imported := range fields[1:] {
			if own, ok := strings.CutPrefix(imported, module); ok {
				if !slices.Contains(rules.own, own) {
					t.Errorf("%s imports %s", name, own)
				}
			} else if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
				if !slices.ContainsFunc(rules.modules, func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") }) {
					t.Errorf("%s imports %s", name, imported)
				}
			}
		}
	}
	if seen < 7 {
		t.Errorf("%d packages were looked at", seen)
	}
}
