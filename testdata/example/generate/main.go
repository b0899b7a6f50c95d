// Command generate makes the demonstration repository anew: run it in testdata/example. Keys are random and their secret
// parts are thrown away, so that every run makes other files with the same meaning.
package main

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const version = "1.0"

var (
	born   = time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC)
	signed = time.Date(2025, 6, 2, 12, 0, 0, 0, time.UTC)
)

// signer is an invented person.
type signer struct {
	name   string
	config packet.Config
	hidden bool // the key is not published
	key    *openpgp.Entity
}

func main() {
	log.SetFlags(0)
	if err := generate("repository", "policy.yaml"); err != nil {
		log.Fatal(err)
	}
}

func generate(dir, policy string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	expired := uint32((signed.Sub(born) + 90*24*time.Hour).Seconds())
	people := []*signer{
		{name: "alice"}, {name: "bob", config: packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 3072}},
		{name: "carol", config: packet.Config{KeyLifetimeSecs: expired}}, {name: "dave"}, {name: "erin"}, {name: "mallory", hidden: true},
	}
	for _, p := range people {
		if err := p.create(dir); err != nil {
			return err
		}
	}
	by := func(names ...string) []*signer {
		var out []*signer
		for _, name := range names {
			out = append(out, people[slices.IndexFunc(people, func(p *signer) bool { return p.name == name })])
		}
		return out
	}
	for _, b := range []struct {
		platform, binutils, seed string
		signers                  []*signer
	}{
		{"linux", "2.40-2", "linux", by("alice", "bob", "carol", "dave", "erin")},
		{"win", "2.40-2", "win", by("alice", "bob", "carol")},
		{"win", "2.41-6", "win with the newer binutils", by("dave", "erin")},
		{"osx", "2.40-2", "osx", by("alice", "mallory")},
	} {
		for _, s := range b.signers {
			if err := s.attest(dir, b.platform, assertion(b.platform, b.binutils, b.seed)); err != nil {
				return err
			}
		}
	}
	if err := spoil(filepath.Join(dir, version+"-linux", "erin", "democoin-linux-1.0-build.assert")); err != nil {
		return err
	}
	return writePolicy(policy, people)
}

// create makes a key and publishes its public half.
func (s *signer) create(dir string) error {
	s.config.DefaultHash, s.config.Time = crypto.SHA512, func() time.Time { return born }
	if s.config.Algorithm == 0 {
		s.config.Algorithm = packet.PubKeyAlgoEdDSA
	}
	var err error
	if s.key, err = openpgp.NewEntity(s.name, "invented", s.name+"@democoin.example", &s.config); err != nil || s.hidden {
		return err
	}
	var b bytes.Buffer
	w, err := armor.Encode(&b, "PGP PUBLIC KEY BLOCK", nil)
	if err != nil {
		return err
	}
	if err := s.key.Serialize(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return write(filepath.Join(dir, "gitian-keys", s.name+".pgp"), append(b.Bytes(), '\n'))
}

// attest writes an assertion and the detached signature over it.
func (s *signer) attest(dir, platform string, data []byte) error {
	name := filepath.Join(dir, version+"-"+platform, s.name, "democoin-"+platform+"-1.0-build.assert")
	config := s.config
	config.Time = func() time.Time { return signed }
	var b bytes.Buffer
	if err := openpgp.DetachSign(&b, s.key, bytes.NewReader(data), &config); err != nil {
		return err
	}
	if err := write(name, data); err != nil {
		return err
	}
	return write(name+".sig", b.Bytes())
}

// assertion writes what gitian-builder's gsign writes.
func assertion(platform, binutils, seed string) []byte {
	line := func(indent, seed, name string) string {
		return fmt.Sprintf("%s%x  %s\n", indent, sha256.Sum256([]byte(seed+name)), name)
	}
	var b strings.Builder
	b.WriteString("--- !!omap\n- out_manifest: |\n")
	for _, name := range map[string][]string{
		"linux": {"democoin-1.0-aarch64-linux-gnu.tar.gz", "democoin-1.0-x86_64-linux-gnu.tar.gz"},
		"win":   {"democoin-1.0-win64-setup.exe", "democoin-1.0-win64.zip"},
		"osx":   {"democoin-1.0-osx64.tar.gz", "democoin-1.0-osx.dmg"},
	}[platform] {
		b.WriteString(line("    ", seed, name))
	}
	b.WriteString(line("    ", "source", "src/democoin-1.0.tar.gz"))
	b.WriteString("- in_manifest: |-\n" + line("    ", "descriptor", "democoin-"+platform+"-1.0-desc.yml"))
	b.WriteString("    git:0123456789abcdef0123456789abcdef01234567 democoin\n- base_manifests: !!omap\n  - bookworm-amd64: |\n")
	for _, p := range []string{"autoconf_2.71-3_all", "automake_1%3a1.16.5-1.3_all", "base-files_12.4_amd64", "bash_5.2.15-2_amd64",
		"binutils_" + binutils + "_amd64", "bsdutils_1%3a2.38.1-5_amd64", "coreutils_9.1-1_amd64", "dpkg_1.21.22_amd64", "faketime_0.9.10-2.1_amd64",
		"g++-12_12.2.0-14_amd64", "gcc-12_12.2.0-14_amd64", "git_1%3a2.39.2-1_amd64", "gzip_1.12-1_amd64", "libc6_2.36-9_amd64",
		"libtool_2.4.7-5_all", "make_4.3-4.1_amd64", "perl_5.36.0-7_amd64", "tar_1.34_amd64", "xz-utils_5.4.1-0.2_amd64", "zip_3.0-13_amd64"} {
		b.WriteString(line("      ", "package", p+".deb"))
	}
	b.WriteString("- cache_common_manifest: |\n" + line("    ", "source", "boost_1_80_0.tar.bz2") + line("    ", "source", "zlib-1.2.13.tar.gz"))
	fmt.Fprintf(&b, "- release: %s-%s\n- name: democoin-%s-1.0\n- type: build\n- optionals:\n", version, platform, platform)
	return []byte(b.String())
}

// spoil changes one digit of the first digest of a signed file.
func spoil(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	i := bytes.Index(data, []byte("    ")) + 4
	if data[i] == '0' {
		data[i] = '1'
	} else {
		data[i] = '0'
	}
	return os.WriteFile(name, data, 0o644)
}

func writePolicy(name string, people []*signer) error {
	var b strings.Builder
	b.WriteString("# Who votes on releases of the invented project Democoin.\nname: democoin\nthreshold: 3\npins:\n")
	for _, p := range people {
		if !p.hidden {
			fmt.Fprintf(&b, "  - name: %s\n    fingerprints: [%X]\n", p.name, p.key.PrimaryKey.Fingerprint)
		}
	}
	return os.WriteFile(name, []byte(b.String()), 0o644)
}

func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}
