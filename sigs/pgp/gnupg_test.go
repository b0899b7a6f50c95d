package pgp_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
)

// corpus returns the directory of real repositories, or skips: in CI its absence is a failure.
func corpus(t testing.TB) string {
	dir := os.Getenv("GVERIFY_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "gnupg")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no corpus: %v", err)
		}
		t.Skipf("no corpus: %v (set GVERIFY_CORPUS)", err)
	}
	return dir
}

// blobs reads files of a repository's newest commit through one git process.
type blobs struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func openBlobs(t testing.TB, repository string) *blobs {
	cmd := exec.Command("git", "-C", repository, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &blobs{in, bufio.NewReaderSize(out, 1<<20)}
}

func (b *blobs) read(t testing.TB, name string) ([]byte, bool) {
	fmt.Fprintf(b.in, "HEAD:%s\n", name)
	header, err := b.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(header)
	if fields[len(fields)-1] == "missing" {
		return nil, false
	}
	size, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(b.out, data); err != nil {
		t.Fatal(err)
	}
	return data[:size], true
}

// gnupgCorpus is one repository, its keys and the counts that were measured over all of it.
type gnupgCorpus struct {
	name        string
	keys        string // directory in the repository, or of the corpus with a leading slash
	differences int
	statuses    map[sigs.Status]int
}

// judged is the day on which GnuPG judged the corpus.
var judged = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var gnupgCorpora = []gnupgCorpus{
	{"bitcoin-gitian", "/keys/bitcoin-gitian", 0, map[sigs.Status]int{sigs.KeyExpiredSince: 856, sigs.KeySuperseded: 6, sigs.ExpiredAtSigning: 153, sigs.UnknownKey: 1320, sigs.Bad: 12}},
	{"bitcoin-guix", "builder-keys", 0, map[sigs.Status]int{sigs.KeyExpiredSince: 566, sigs.UnknownKey: 125}},
	{"monero-gitian", "gitian-pubkeys", 0, map[sigs.Status]int{sigs.KeyExpiredSince: 504, sigs.ExpiredAtSigning: 65}},
}

func (c gnupgCorpus) ring(t testing.TB, dir string, b *blobs) *pgp.Keyring {
	ring := pgp.NewKeyring()
	add := func(name string, data []byte) {
		for _, f := range ring.Add(name, pgp.Source{Name: c.keys}, data) {
			t.Logf("%s: %s: %s", f.Path, f.Code, f.Text)
		}
	}
	if strings.HasPrefix(c.keys, "/") {
		files, _ := filepath.Glob(filepath.Join(dir, c.keys, "*"))
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			add(f, data)
		}
	} else {
		out, err := exec.Command("git", "-C", filepath.Join(dir, c.name+".git"), "ls-tree", "-z", "--name-only", "HEAD", c.keys+"/").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Split(strings.Trim(string(out), "\x00"), "\x00") {
			data, _ := b.read(t, name)
			add(name, data)
		}
	}
	if len(ring.Certificates()) == 0 {
		t.Fatal("no keys")
	}
	return ring
}

// want is one row of GnuPG's verdicts.
type want struct{ path, status, signing, primary, created, hash, algorithm string }

func readWants(t testing.TB, file string) []want {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []want
	for _, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		f := strings.Split(line, "\t")
		if f[0] == "path" {
			continue
		}
		for len(f) < 7 {
			f = append(f, "")
		}
		out = append(out, want{f[0], f[1], f[2], f[3], f[4], f[5], f[6]})
	}
	return out
}

// accepted are the statuses that one of GnuPG's words stands for.
var accepted = map[string][]sigs.Status{
	"GOODSIG":   {sigs.Good},
	"EXPKEYSIG": {sigs.KeyExpiredSince, sigs.ExpiredAtSigning, sigs.KeySuperseded},
	"NO_PUBKEY": {sigs.UnknownKey},
	"BADSIG":    {sigs.Bad},
}

// difference says how a verdict differs from GnuPG's, empty where it does not.
func (w want) difference(got sigs.Signature) string {
	ok := false
	for _, s := range accepted[w.status] {
		ok = ok || s == got.Status
	}
	if !ok {
		return fmt.Sprintf("%s: %s, GnuPG says %s (%s)", w.path, got.Status, w.status, got.Why)
	}
	if w.signing != "" && w.signing != got.Fingerprint && !strings.HasSuffix(got.KeyID, w.signing) && w.signing != got.KeyID {
		return fmt.Sprintf("%s: signing key %s, GnuPG says %s", w.path, got.Fingerprint, w.signing)
	}
	if len(w.primary) == 40 && w.primary != got.Primary {
		return fmt.Sprintf("%s: primary key %s, GnuPG says %s", w.path, got.Primary, w.primary)
	}
	if w.created != "" && w.created != strconv.FormatInt(got.Created.Unix(), 10) {
		return fmt.Sprintf("%s: created %d, GnuPG says %s", w.path, got.Created.Unix(), w.created)
	}
	if w.hash != "" && w.hash != got.Hash || w.algorithm != "" && w.algorithm != got.Algorithm {
		return fmt.Sprintf("%s: %s %s, GnuPG says %s %s", w.path, got.Hash, got.Algorithm, w.hash, w.algorithm)
	}
	return ""
}

// step is how many signatures a test passes over between two that it judges: all are judged where GVERIFY_WHOLE=1.
func step() int {
	if os.Getenv("GVERIFY_WHOLE") == "1" {
		return 1
	}
	return 12
}

// GnuPG's own verdict on every signature of three real repositories must be ours: status, keys, time, digest, algorithm.
// The 15 orphans (ERROR) have no file to be judged over and are counted.
func TestSameVerdictAsGnuPG(t *testing.T) {
	dir := corpus(t)
	for _, c := range gnupgCorpora {
		t.Run(c.name, func(t *testing.T) {
			b := openBlobs(t, filepath.Join(dir, c.name+".git"))
			verifier := c.ring(t, dir, b).At(judged)
			counts := map[sigs.Status]int{}
			differences, compared, orphans := 0, 0, 0
			for i, w := range readWants(t, filepath.Join(dir, "gnupg", c.name+".signatures.tsv")) {
				if i%step() != 0 {
					continue
				}
				signature, ok := b.read(t, w.path)
				if !ok {
					t.Fatalf("%s is not in the repository", w.path)
				}
				message, ok := b.read(t, strings.TrimSuffix(w.path, path.Ext(w.path)))
				if !ok {
					if w.status != "ERROR" {
						t.Errorf("%s: no signed file, GnuPG says %s", w.path, w.status)
					}
					orphans++
					continue
				}
				compared++
				got := verifier.Verify(message, signature)
				counts[got[0].Status]++
				if d := w.difference(got[0]); d != "" {
					differences++
					t.Log(d)
				}
			}
			t.Logf("%d compared, %d orphans, %d differences, %v", compared, orphans, differences, counts)
			if compared == 0 {
				t.Fatal("nothing was compared")
			}
			if differences != c.differences {
				t.Errorf("%d differences, want %d", differences, c.differences)
			}
			if step() != 1 {
				return
			}
			for status, n := range c.statuses {
				if counts[status] != n {
					t.Errorf("%s: %d signatures, want %d", status, counts[status], n)
				}
			}
		})
	}
}

// A byte changed in a signed file is never an authentic signature.
func TestChangedByte(t *testing.T) {
	dir := corpus(t)
	c := gnupgCorpora[2]
	b := openBlobs(t, filepath.Join(dir, c.name+".git"))
	verifier := c.ring(t, dir, b).At(judged)
	changed := 0
	for i, w := range readWants(t, filepath.Join(dir, "gnupg", c.name+".signatures.tsv")) {
		if i%40 != 0 || w.status != "GOODSIG" {
			continue
		}
		signature, _ := b.read(t, w.path)
		message, _ := b.read(t, strings.TrimSuffix(w.path, path.Ext(w.path)))
		if got := verifier.Verify(message, signature)[0]; !got.Authentic() {
			t.Fatalf("%s: %s before the change", w.path, got.Status)
		}
		bad := bytes.Clone(message)
		bad[(i*7919)%len(bad)] ^= 1 << (i % 8)
		for _, got := range verifier.Verify(bad, signature) {
			if got.Authentic() {
				t.Errorf("%s: %s after a byte was changed", w.path, got.Status)
			}
		}
		changed++
	}
	if changed == 0 {
		t.Fatal("nothing was changed")
	}
}

// Thirty of Monero's signatures were made after the expiry that Monero's copy of TheCharlatan's key knows. The copy in the Guix
// repository was renewed: added to the other, it clears them, in whichever order the two are read.
func TestFresherCopyOfAKey(t *testing.T) {
	dir := corpus(t)
	c := gnupgCorpora[2]
	monero, guix := openBlobs(t, filepath.Join(dir, c.name+".git")), openBlobs(t, filepath.Join(dir, "bitcoin-guix.git"))
	stale, ok1 := monero.read(t, "gitian-pubkeys/TheCharlatan.asc")
	fresh, ok2 := guix.read(t, "builder-keys/TheCharlatan.gpg")
	if !ok1 || !ok2 {
		t.Fatal("no key files")
	}
	count := func(copies ...[]byte) map[sigs.Status]int {
		ring := pgp.NewKeyring()
		for _, data := range copies {
			ring.Add("TheCharlatan", pgp.Source{Name: "test"}, data)
		}
		counts := map[sigs.Status]int{}
		for _, w := range readWants(t, filepath.Join(dir, "gnupg", c.name+".signatures.tsv")) {
			if w.primary != "A8FC55F3B04BA3146F3492E79303B33A305224CB" {
				continue
			}
			signature, _ := monero.read(t, w.path)
			message, _ := monero.read(t, strings.TrimSuffix(w.path, path.Ext(w.path)))
			counts[ring.At(judged).Verify(message, signature)[0].Status]++
		}
		return counts
	}
	if got := count(stale); got[sigs.ExpiredAtSigning] != 30 {
		t.Errorf("stale copy: %v, want 30 expired at signing", got)
	}
	for _, got := range []map[sigs.Status]int{count(stale, fresh), count(fresh, stale)} {
		if got[sigs.ExpiredAtSigning] != 0 {
			t.Errorf("with the fresh copy: %v, want none expired at signing", got)
		}
	}
}
