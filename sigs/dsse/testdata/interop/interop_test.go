// Package interop holds what gverify signs against implementations that share no code with it: sigstore-go, and in-toto's stack of
// go-securesystemslib and the in-toto attestation types. It is a module of its own, so that these dependencies stay out of gverify.
package interop

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/in-toto/attestation/go/predicates/vsa/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/encrypted"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
	"google.golang.org/protobuf/encoding/protojson"
)

const (
	passphrase  = "correct horse battery staple"
	payloadType = "application/vnd.in-toto+json"
	artifact    = "democoin-1.0-x86_64-linux-gnu.tar.gz"
	digest      = "48373af34af6c2f435c47a6cdfd05afb84c3bbc0e410dedb07f4b76aef7462d3"
)

// home is what gverify made for all tests: the program, two key pairs and the signed verdicts.
var home string

func TestMain(m *testing.M) {
	code, err := setUp(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func setUp(m *testing.M) (int, error) {
	var err error
	if home, err = os.MkdirTemp("", "gverify-interop-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(home)
	module, err := filepath.Abs("../../../..")
	if err != nil {
		return 1, err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(home, "gverify"), "./cmd/gverify")
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w: %s", err, out)
	}
	example := filepath.Join(module, "testdata", "example")
	attest := []string{"attest", "1.0", "--sigs", filepath.Join(example, "repository"), "--policy", filepath.Join(example, "policy.yaml"),
		"--keys", filepath.Join(example, "repository", "gitian-keys"), "--platform", "linux", "--key", "one.key"}
	for _, args := range [][]string{
		{"keygen", "-o", "one"}, {"keygen", "-o", "two"},
		append(attest, "-o", "single.jsonl"), append(attest, "--key", "two.key", "-o", "both.jsonl"),
	} {
		if code, out := gverify(args...); code != 0 {
			return 1, fmt.Errorf("gverify %s: exit code %d: %s", strings.Join(args, " "), code, out)
		}
	}
	return m.Run(), nil
}

func gverify(args ...string) (code int, output string) {
	cmd := exec.Command(filepath.Join(home, "gverify"), args...)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_STATE_HOME=", "GVERIFY_KEY_PASSWORD="+passphrase)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return -1, err.Error()
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(home, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// lines are the two envelopes of a file.
func lines(t *testing.T, name string) (summary, report []byte) {
	t.Helper()
	both := bytes.SplitAfter(bytes.TrimSpace(read(t, name)), []byte("\n"))
	if len(both) != 2 {
		t.Fatalf("%s has %d lines", name, len(both))
	}
	return both[0], both[1]
}

func publicKey(t *testing.T, name string) *ecdsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode(read(t, name))
	if block == nil {
		t.Fatalf("%s is no PEM", name)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*ecdsa.PublicKey)
}

// The key file is cosign's: PEM of this type around PKCS #8 under go-securesystemslib's encryption.
func TestEncryptedKey(t *testing.T) {
	block, rest := pem.Decode(read(t, "one.key"))
	if block == nil || block.Type != "ENCRYPTED SIGSTORE PRIVATE KEY" || len(rest) > 0 {
		t.Fatalf("key file %q", read(t, "one.key"))
	}
	if _, err := encrypted.Decrypt(block.Bytes, []byte("wrong")); err == nil {
		t.Error("a wrong passphrase opens it")
	}
	der, err := encrypted.Decrypt(block.Bytes, []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	if !key.(*ecdsa.PrivateKey).PublicKey.Equal(publicKey(t, "one.pub")) {
		t.Error("the pair does not belong together")
	}
}

// byGverify verifies an envelope with our own program.
func byGverify(t *testing.T, line []byte, keys ...string) error {
	t.Helper()
	name := filepath.Join(t.TempDir(), "envelope.json")
	if err := os.WriteFile(name, line, 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"verify-attestation", name, "--threshold", fmt.Sprint(len(keys))}
	for _, key := range keys {
		args = append(args, "--key", key)
	}
	if code, out := gverify(args...); code != 0 {
		return fmt.Errorf("exit code %d: %s", code, out)
	}
	return nil
}

// bySigstore verifies a bare envelope in a bundle around it, by key and without a transparency log, and looks for the artifact.
func bySigstore(t *testing.T, line []byte, keys ...string) error {
	t.Helper()
	if len(keys) != 1 {
		return errors.New("sigstore-go knows no threshold")
	}
	var b bundle.Bundle
	text := `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"k"}},"dsseEnvelope":` + string(line) + `}`
	if err := b.UnmarshalJSON([]byte(text)); err != nil {
		return err
	}
	v, err := signature.LoadVerifier(publicKey(t, keys[0]), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	trusted := root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return root.NewExpiringKey(v, time.Time{}, time.Time{}), nil
	})
	verifier, err := verify.NewVerifier(trusted, verify.WithNoObserverTimestamps())
	if err != nil {
		t.Fatal(err)
	}
	sum, err := hex.DecodeString(digest)
	if err != nil {
		t.Fatal(err)
	}
	result, err := verifier.Verify(&b, verify.NewPolicy(verify.WithArtifactDigest("sha256", sum), verify.WithKey()))
	if err != nil {
		return err
	}
	if result.Statement == nil {
		return errors.New("no statement")
	}
	return nil
}

// standardKey verifies with Go's standard library behind go-securesystemslib's interface.
type standardKey struct{ *ecdsa.PublicKey }

func (k standardKey) KeyID() (string, error)   { return dsse.SHA256KeyID(k.PublicKey) }
func (k standardKey) Public() crypto.PublicKey { return k.PublicKey }
func (k standardKey) Verify(_ context.Context, data, sig []byte) error {
	sum := sha256.Sum256(data)
	if !ecdsa.VerifyASN1(k.PublicKey, sum[:], sig) {
		return errors.New("bad signature")
	}
	return nil
}

// byInToto verifies as in-toto's Go tools do: go-securesystemslib for the envelope, in-toto's own types for statement and
// predicate.
func byInToto(t *testing.T, line []byte, keys ...string) error {
	t.Helper()
	var providers []dsse.Verifier
	for _, key := range keys {
		providers = append(providers, standardKey{publicKey(t, key)})
	}
	verifier, err := dsse.NewMultiEnvelopeVerifier(len(keys), providers...)
	if err != nil {
		return err
	}
	var e dsse.Envelope
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	accepted, payload, err := verifier.VerifyAndDecode(context.Background(), &e)
	if err != nil {
		return err
	}
	if len(accepted) < len(keys) || e.PayloadType != payloadType {
		return errors.New("too few keys, or another payload type")
	}
	var s intoto.Statement
	if err := protojson.Unmarshal(payload, &s); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	for _, subject := range s.Subject {
		if subject.Name == artifact && subject.Digest["sha256"] == digest {
			return nil
		}
	}
	return errors.New("the artifact is no subject")
}

// What is signed is what these tools read, and says what was meant.
func TestAccepted(t *testing.T) {
	summary, report := lines(t, "single.jsonl")
	for name, line := range map[string][]byte{"summary": summary, "report": report} {
		for tool, check := range tools {
			if err := check(t, line, "one.pub"); err != nil {
				t.Errorf("%s by %s: %v", name, tool, err)
			}
			if err := check(t, line, "two.pub"); err == nil {
				t.Errorf("%s by %s: another key verifies", name, tool)
			}
		}
	}
	summary, report = lines(t, "both.jsonl")
	for name, line := range map[string][]byte{"summary": summary, "report": report} {
		for _, tool := range []string{"gverify", "in-toto"} {
			if err := tools[tool](t, line, "one.pub", "two.pub"); err != nil {
				t.Errorf("%s by %s with two keys: %v", name, tool, err)
			}
		}
	}
}

var tools = map[string]func(*testing.T, []byte, ...string) error{"gverify": byGverify, "sigstore-go": bySigstore, "in-toto": byInToto}

// The predicate is a verification summary as in-toto's types know it.
func TestSummary(t *testing.T) {
	line, _ := lines(t, "single.jsonl")
	var s intoto.Statement
	if err := protojson.Unmarshal(open(t, line).payload, &s); err != nil {
		t.Fatal(err)
	}
	if s.PredicateType != "https://slsa.dev/verification_summary/v1" {
		t.Errorf("predicate type %q", s.PredicateType)
	}
	predicate, err := protojson.Marshal(s.Predicate)
	if err != nil {
		t.Fatal(err)
	}
	var summary v1.VerificationSummary
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(predicate, &summary); err != nil {
		t.Fatal(err)
	}
	if summary.Verifier.GetId() == "" || summary.TimeVerified.AsTime().IsZero() || !strings.HasPrefix(summary.ResourceUri, "pkg:") ||
		summary.Policy.GetUri() == "" || len(summary.Policy.GetDigest()["sha256"]) != 64 || summary.VerificationResult != "PASSED" ||
		len(summary.VerifiedLevels) != 1 || summary.VerifiedLevels[0] != "GVERIFY_REPRODUCED_BY_4" || len(summary.InputAttestations) != 8 {
		t.Errorf("summary %v", &summary)
	}
	for _, input := range summary.InputAttestations {
		if input.GetUri() == "" || len(input.GetDigest()["sha256"]) != 64 {
			t.Errorf("input attestation %v", input)
		}
	}
}

// envelope is a decoded one that a test changes.
type envelope struct {
	payloadType string
	payload     []byte
	signatures  []map[string]string
	more        string // raw members beside the others
	urlSafe     bool
}

func open(t *testing.T, line []byte) *envelope {
	t.Helper()
	var e dsse.Envelope
	if err := json.Unmarshal(line, &e); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		t.Fatal(err)
	}
	out := &envelope{payloadType: e.PayloadType, payload: payload}
	for _, s := range e.Signatures {
		out.signatures = append(out.signatures, map[string]string{"keyid": s.KeyID, "sig": s.Sig})
	}
	return out
}

func (e *envelope) line(t *testing.T) []byte {
	t.Helper()
	encoding := base64.StdEncoding
	if e.urlSafe {
		encoding = base64.URLEncoding
	}
	data, err := json.Marshal(map[string]any{"payloadType": e.payloadType, "payload": encoding.EncodeToString(e.payload), "signatures": e.signatures})
	if err != nil {
		t.Fatal(err)
	}
	if e.more != "" {
		data = append(data[:len(data)-1], ","+e.more+"}"...)
	}
	return data
}

// replace changes text of the payload, which must be there.
func (e *envelope) replace(t *testing.T, old, new string) {
	t.Helper()
	if !bytes.Contains(e.payload, []byte(old)) {
		t.Fatalf("no %q in the payload", old)
	}
	e.payload = bytes.Replace(e.payload, []byte(old), []byte(new), 1)
}

// flip changes a bit of a signature.
func flip(t *testing.T, sig string) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	return base64.StdEncoding.EncodeToString(data)
}

// mutation is one change of an envelope; the tools that still accept it are named.
type mutation struct {
	name     string
	change   func(*testing.T, *envelope)
	accepted []string
}

// Every change of a single field is refused by everybody; what is not signed decides nothing.
func TestMutations(t *testing.T) {
	replace := func(old, new string) func(*testing.T, *envelope) {
		return func(t *testing.T, e *envelope) { e.replace(t, old, new) }
	}
	mutations := []mutation{
		{"nothing", func(*testing.T, *envelope) {}, []string{"gverify", "sigstore-go", "in-toto"}},
		{"payload byte", func(_ *testing.T, e *envelope) { e.payload[len(e.payload)/2] ^= 1 }, nil},
		{"payload longer by a space", func(_ *testing.T, e *envelope) { e.payload = append(e.payload, ' ') }, nil},
		{"payload type", func(_ *testing.T, e *envelope) { e.payloadType = "application/json" }, nil},
		{"payload type in capitals", func(_ *testing.T, e *envelope) { e.payloadType = strings.ToUpper(payloadType) }, nil},
		{"signature byte", func(t *testing.T, e *envelope) { e.signatures[0]["sig"] = flip(t, e.signatures[0]["sig"]) }, nil},
		{"signature empty", func(_ *testing.T, e *envelope) { e.signatures[0]["sig"] = "" }, nil},
		{"signatures gone", func(_ *testing.T, e *envelope) { e.signatures = []map[string]string{} }, nil},
		{"statement type", replace("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1"), nil},
		{"subject name", replace(artifact, "x"+artifact), nil},
		{"subject digest", replace(digest, strings.Repeat("0", 63)+"1"), nil},
		{"subject added", replace(`"subject":[`, `"subject":[{"name":"evil","digest":{"sha256":"`+strings.Repeat("e", 64)+`"}},`), nil},
		{"predicate type", replace("verification_summary/v1", "verification_summary/v2"), nil},
		{"result", replace("PASSED", "FAILED"), nil},
		{"level", replace("GVERIFY_REPRODUCED_BY_4", "GVERIFY_REPRODUCED_BY_9"), nil},
		{"level of SLSA", replace("GVERIFY_REPRODUCED_BY_4", "SLSA_BUILD_LEVEL_3"), nil},
		{"time", replace(`"timeVerified":"2`, `"timeVerified":"3`), nil},
		{"release", replace("bitcoin@v1.0", "bitcoin@v1.1"), nil},
		{"policy digest", replace(`policy/v1/democoin","digest":{"sha256":"`, `policy/v1/democoin","digest":{"sha512":"`), nil},
		{"verifier", replace(`"id":"https://github.com/gverify`, `"id":"https://github.com/evilify`), nil},
		// Not signed, so no change of meaning. The others (both through go-securesystemslib) try only the key of that id where an
		// envelope names one.
		{"key id gone", func(_ *testing.T, e *envelope) { delete(e.signatures[0], "keyid") }, []string{"gverify", "sigstore-go", "in-toto"}},
		{"key id exchanged", func(_ *testing.T, e *envelope) { e.signatures[0]["keyid"] = "SHA256:other" }, []string{"gverify"}},
		{"URL-safe base64", func(_ *testing.T, e *envelope) { e.urlSafe = true }, []string{"gverify", "sigstore-go", "in-toto"}},
		// Go's JSON decoder takes the last of two values in silence.
		{"payload twice", func(_ *testing.T, e *envelope) {
			e.more = `"payload":"` + base64.StdEncoding.EncodeToString(e.payload) + `"`
		}, []string{"in-toto"}},
	}
	line, _ := lines(t, "single.jsonl")
	for _, m := range mutations {
		e := open(t, line)
		m.change(t, e)
		expect(t, m, e.line(t), "one.pub")
	}
}

// With two keys asked for: distinct keys count, not signatures, key ids or mentions.
func TestThreshold(t *testing.T) {
	mutations := []mutation{
		{"nothing", func(*testing.T, *envelope) {}, []string{"gverify", "in-toto"}},
		{"signatures in the other order", func(_ *testing.T, e *envelope) {
			e.signatures[0], e.signatures[1] = e.signatures[1], e.signatures[0]
		}, []string{"gverify", "in-toto"}},
		{"one signature gone", func(_ *testing.T, e *envelope) { e.signatures = e.signatures[:1] }, nil},
		{"one signature twice", func(_ *testing.T, e *envelope) { e.signatures[1] = e.signatures[0] }, nil},
		{"one signature under the other's key id", func(_ *testing.T, e *envelope) { e.signatures[1]["sig"] = e.signatures[0]["sig"] }, nil},
		{"one bad signature", func(t *testing.T, e *envelope) { e.signatures[1]["sig"] = flip(t, e.signatures[1]["sig"]) }, nil},
		{"key ids exchanged", func(_ *testing.T, e *envelope) {
			e.signatures[0]["keyid"], e.signatures[1]["keyid"] = e.signatures[1]["keyid"], e.signatures[0]["keyid"]
		}, []string{"gverify"}},
	}
	line, _ := lines(t, "both.jsonl")
	for _, m := range mutations {
		e := open(t, line)
		m.change(t, e)
		expect(t, m, e.line(t), "one.pub", "two.pub")
	}
	// One key in two files is one key.
	if err := os.WriteFile(filepath.Join(home, "copy.pub"), read(t, "one.pub"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"gverify", "in-toto"} {
		if err := tools[tool](t, line, "one.pub", "copy.pub"); err == nil {
			t.Errorf("%s: one key in two files counts twice", tool)
		}
	}
}

// expect holds every tool's answer against the one that was foreseen.
func expect(t *testing.T, m mutation, line []byte, keys ...string) {
	t.Helper()
	for tool, check := range tools {
		want := false
		for _, name := range m.accepted {
			want = want || name == tool
		}
		if err := check(t, line, keys...); (err == nil) != want {
			t.Errorf("%s, by %s: %v, want accepted: %v", m.name, tool, err, want)
		}
	}
}
