package pgp_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
)

const listed = "0123  a file\n- 4567  --dashes  \n-----BEGIN\nFrom here"

func clearSigned(t testing.TB, text string, keys ...*openpgp.Entity) string {
	var private []*packet.PrivateKey
	for _, e := range keys {
		private = append(private, e.PrivateKey)
	}
	var b bytes.Buffer
	w, err := clearsign.EncodeMulti(&b, private, at(signing))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// Only what is signed comes out, and every signature over it is judged.
func TestClearSigned(t *testing.T) {
	alice, bob := newKey(t, "alice", 0), newKey(t, "bob", 0)
	ring := ringOf(t, public(t, alice))
	message := clearSigned(t, listed, alice, bob)
	const text = "0123  a file\n- 4567  --dashes\n-----BEGIN\nFrom here"
	for _, c := range []struct {
		name, data string
		text       string
		want       []sigs.Status
	}{
		{"two signers", message, text, []sigs.Status{sigs.Good, sigs.UnknownKey}},
		{"two signatures by one key", clearSigned(t, listed, alice, alice), text, []sigs.Status{sigs.Good, sigs.Good}},
		{"with CRLF", strings.ReplaceAll(message, "\n", "\r\n"), text, []sigs.Status{sigs.Good, sigs.UnknownKey}},
		{"white space at a line's end is not signed", strings.Replace(message, "a file\n", "a file \t \n", 1), text, []sigs.Status{sigs.Good, sigs.UnknownKey}},
		{"another character", strings.Replace(message, "0123", "0124", 1), strings.Replace(text, "0123", "0124", 1), []sigs.Status{sigs.Bad, sigs.UnknownKey}},
		{"a line more", strings.Replace(message, "From here\n", "From here\n\n", 1), text + "\n", []sigs.Status{sigs.Bad, sigs.UnknownKey}},
		{"empty text", clearSigned(t, "", alice), "", []sigs.Status{sigs.Good}},
		{"a digest its header does not name", strings.Replace(message, "Hash: SHA256", "Hash: SHA512", 1), text, []sigs.Status{sigs.Malformed, sigs.Malformed}},
		{"no Hash header is MD5", strings.Replace(message, "Hash: SHA256\n", "", 1), text, []sigs.Status{sigs.Malformed, sigs.Malformed}},
		{"several digests named", strings.Replace(message, "Hash: SHA256", "Hash: SHA512,SHA1, SHA256", 1), text, []sigs.Status{sigs.Good, sigs.UnknownKey}},
	} {
		parsed, err := pgp.ParseClearSigned([]byte(c.data))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if string(parsed.Text) != c.text {
			t.Errorf("%s: text %q, want %q", c.name, parsed.Text, c.text)
		}
		var got []sigs.Status
		for _, s := range ring.JudgeClearSigned(today, parsed) {
			got = append(got, s.Status)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: signatures %q, want %q", c.name, got, c.want)
		}
	}
}

// A binary signature over the same bytes is none over a clear-signed text.
func TestClearSignedWithABinarySignature(t *testing.T) {
	alice := newKey(t, "alice", 0)
	data := "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + string(message) + string(armored(t, "PGP SIGNATURE", sign(t, alice, signing)))
	parsed, err := pgp.ParseClearSigned([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := ringOf(t, public(t, alice)).JudgeClearSigned(today, parsed); got[0].Status != sigs.Malformed {
		t.Errorf("status %q, want %q", got[0].Status, sigs.Malformed)
	}
}

// Each is one change away from a message that is accepted, and would let a reader take something for signed that is not.
func TestClearSignedRefused(t *testing.T) {
	alice := newKey(t, "alice", 0)
	message := clearSigned(t, listed, alice)
	change := func(old, new string) string {
		if !strings.Contains(message, old) {
			t.Fatalf("%q is not in the message", old)
		}
		return strings.Replace(message, old, new, 1)
	}
	for _, c := range []struct{ name, data, want string }{
		{"text before", "89ab  evil\n" + message, "text before"},
		{"an empty line before", "\n" + message, "text before"},
		{"text behind", message + "89ab  evil\n", "text behind"},
		{"two armors", message + message, "text behind"},
		{"a second signature block", message + message[strings.Index(message, "-----BEGIN PGP SIGNATURE"):], "text behind"},
		{"text between", change("-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNED MESSAGE-----\n89ab  evil\n-----BEGIN PGP SIGNATURE-----"), "not escaped"},
		{"nested", change("0123", clearSigned(t, "89ab  evil\n", alice)+"0123"), "not escaped"},
		{"an unescaped dash", change("- -----BEGIN", "-----BEGIN"), "not escaped"},
		{"an unescaped dash in the middle", change("- - 4567", "-4567"), "not escaped"},
		{"another header", change("Hash: SHA256", "Hash: SHA256\nComment: 89ab  evil"), "header other than Hash"},
		{"a charset header", change("Hash: SHA256", "Hash: SHA256\nCharset: utf-7"), "header other than Hash"},
		{"not dash escaped", change("Hash: SHA256", "Hash: SHA256\nNotDashEscaped: You need GnuPG"), "header other than Hash"},
		{"an entry where the headers end", change("Hash: SHA256\n\n", "Hash: SHA256\n89ab  evil\n\n"), "header other than Hash"},
		{"white space for an empty line", change("Hash: SHA256\n\n", "Hash: SHA256\n \n"), "header other than Hash"},
		{"nine headers", change("Hash: SHA256\n", strings.Repeat("Hash: SHA256\n", 9)), "header other than Hash"},
		{"an unknown digest", change("SHA256", "SHA257"), "not known"},
		{"a lone CR", change("a file\n", "a file\rspoofed\n"), "a CR that ends no line"},
		{"two CRs", change("a file\n", "a file\r\r\n"), "a CR that ends no line"},
		{"a NUL", change("a file\n", "a file\x00\n"), "control character"},
		{"an escape", change("a file\n", "a file\x1b[2K\n"), "control character"},
		{"latin-1", change("a file\n", "a f\xeele\n"), "no UTF-8"},
		{"UTF-16", "\xff\xfe" + message, "text before"},
		{"a byte order mark", "\ufeff" + message, "text before"},
		{"white space behind the mark", change("SIGNED MESSAGE-----", "SIGNED MESSAGE----- "), "text before"},
		{"no signature", message[:strings.Index(message, "-----BEGIN PGP SIGNATURE")], "cut off"},
		{"no end", message[:strings.Index(message, "-----END")], "cut off"},
		{"no headers' end", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n", "no empty line"},
		{"a key in the signature's place", change("-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP PUBLIC KEY BLOCK-----"), "not escaped"},
		{"an empty armor", message[:strings.Index(message, "-----BEGIN PGP SIGNATURE")] + "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n", "no signature"},
		{"too large", message + strings.Repeat(" ", pgp.MaxClearSigned), "at most"},
	} {
		parsed, err := pgp.ParseClearSigned([]byte(c.data))
		if err == nil {
			t.Errorf("%s: accepted, text %q", c.name, parsed.Text)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %q, want one with %q", c.name, err, c.want)
		}
		if parsed.Text != nil {
			t.Errorf("%s: text %q together with an error", c.name, parsed.Text)
		}
		if !pgp.IsClearSigned([]byte(c.data)) && c.name != "white space behind the mark" {
			t.Errorf("%s: not seen to be a clear-signed message", c.name)
		}
	}
}

// GnuPG makes and judges such messages too: the text and the verdict are the same.
func TestClearSignedByGnuPG(t *testing.T) {
	if _, err := exec.LookPath("gpg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	home := t.TempDir()
	gpg := func(input string, args ...string) string {
		cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"}, args...)...)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("gpg %s: %v", strings.Join(args, " "), err)
		}
		return string(out)
	}
	t.Cleanup(func() { _ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() })
	gpg("", "--quick-generate-key", "one@example.org", "ed25519", "sign", "never")
	gpg("", "--quick-generate-key", "two@example.org", "rsa2048", "sign", "never")
	signed := gpg("-first  \n\nFrom\t\n- last", "--clear-sign", "-u", "one@example.org", "-u", "two@example.org")
	ring := ringOf(t, []byte(gpg("", "--export")))
	parsed, err := pgp.ParseClearSigned([]byte(signed))
	if err != nil {
		t.Fatalf("%v in\n%s", err, signed)
	}
	if want := "-first\n\nFrom\n- last"; string(parsed.Text) != want {
		t.Errorf("text %q, want %q", parsed.Text, want)
	}
	for _, s := range ring.JudgeClearSigned(time.Now(), parsed) {
		if s.Status != sigs.Good {
			t.Errorf("status %q %s, want good", s.Status, s.Why)
		}
	}
	file := filepath.Join(home, "list")
	if err := os.WriteFile(file, []byte(listed), 0o600); err != nil {
		t.Fatal(err)
	}
	joined := gpg("", "--armor", "--detach-sign", "-u", "one@example.org", "-o", "-", file) + gpg("", "--armor", "--detach-sign", "-u", "two@example.org", "-o", "-", file)
	for _, s := range ring.JudgeList(time.Now(), []byte(listed), []byte(joined)) {
		if s.Status != sigs.Good {
			t.Errorf("status %q %s, want good", s.Status, s.Why)
		}
	}
}

// A list's signatures may be joined end to end, and nothing may stand between them.
func TestJudgeList(t *testing.T) {
	alice, bob := newKey(t, "alice", 0), newKey(t, "bob", 0)
	ring := ringOf(t, public(t, alice), public(t, bob))
	a, b := sign(t, alice, signing), sign(t, bob, signing)
	armorA, armorB := string(armored(t, "PGP SIGNATURE", a)), string(armored(t, "PGP SIGNATURE", b))
	both := string(armored(t, "PGP SIGNATURE", append(bytes.Clone(a), b...)))
	other := sigs.Signature{}
	for _, c := range []struct {
		name, signatures string
		want             []sigs.Status
	}{
		{"one", armorA, []sigs.Status{sigs.Good}},
		{"two blocks", armorA + armorB, []sigs.Status{sigs.Good, sigs.Good}},
		{"one block of two", both, []sigs.Status{sigs.Good, sigs.Good}},
		{"blocks of two and one", both + "\n\n" + armorA, []sigs.Status{sigs.Good, sigs.Good, sigs.Good}},
		{"binary", string(a) + string(b), []sigs.Status{sigs.Good, sigs.Good}},
		{"as many as Bitcoin Core 30.0 has", strings.Repeat(armorA, 23), repeated(sigs.Good, 23)},
		{"more than are judged", strings.Repeat(armorA, 65), []sigs.Status{sigs.Malformed}},
		{"more than are judged in one block", string(armored(t, "PGP SIGNATURE", bytes.Repeat(a, 65))), []sigs.Status{sigs.Malformed}},
		{"text between", armorA + "trust me\n" + armorB, []sigs.Status{sigs.Malformed}},
		{"text before", "trust me\n" + armorA, []sigs.Status{sigs.Malformed}},
		{"text behind", armorA + "trust me\n", []sigs.Status{sigs.Malformed}},
		{"a clear-signed message", clearSigned(t, string(message), alice), []sigs.Status{sigs.Malformed}},
		{"a key among them", armorA + string(armored(t, "PGP PUBLIC KEY BLOCK", public(t, alice))), []sigs.Status{sigs.Malformed}},
		{"cut off", armorA + armorB[:len(armorB)/2], []sigs.Status{sigs.Malformed}},
		{"too large", armorA + strings.Repeat("\n", pgp.MaxListSignatures), []sigs.Status{sigs.Malformed}},
		{"empty", " \n", []sigs.Status{sigs.Malformed}},
	} {
		var got []sigs.Status
		for _, s := range ring.JudgeList(today, message, []byte(c.signatures)) {
			got = append(got, s.Status)
			other = s
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q (%s)", c.name, got, c.want, other.Why)
		}
	}
}

func repeated(s sigs.Status, n int) []sigs.Status {
	out := make([]sigs.Status, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// FuzzParseClearSigned: a text never comes together with an error, has no line end or white space that is not signed, and is the
// same after it was escaped and parsed again.
func FuzzParseClearSigned(f *testing.F) {
	alice := newKey(f, "alice", 0)
	message := clearSigned(f, listed, alice)
	signature := message[strings.Index(message, "-----BEGIN PGP SIGNATURE"):]
	f.Add([]byte(message))
	f.Add([]byte(strings.ReplaceAll(message, "\n", "\r\n")))
	f.Add([]byte(message + message))
	f.Add([]byte("-----BEGIN PGP SIGNED MESSAGE-----\n\n- - x\n" + signature))
	ring := ringOf(f, public(f, alice))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := pgp.ParseClearSigned(data)
		if err != nil {
			if c.Text != nil {
				t.Fatalf("text %q together with %v", c.Text, err)
			}
			return
		}
		var again strings.Builder
		again.WriteString("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n")
		for line := range strings.SplitSeq(string(c.Text), "\n") {
			if strings.TrimRight(line, " \t\r") != line || strings.Contains(line, "\r") {
				t.Fatalf("line %q", line)
			}
			again.WriteString("- " + line + "\n")
		}
		d, err := pgp.ParseClearSigned([]byte(again.String() + signature))
		if err != nil || !bytes.Equal(c.Text, d.Text) {
			t.Fatalf("%q became %q, %v", c.Text, d.Text, err)
		}
		for _, s := range ring.JudgeClearSigned(today, c) {
			if s.Status == sigs.Good && string(c.Text) != "0123  a file\n- 4567  --dashes\n-----BEGIN\nFrom here" {
				t.Fatalf("%q is good", c.Text)
			}
		}
	})
}
