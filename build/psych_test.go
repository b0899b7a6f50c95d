package build

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gverify/gverify/sigs"
)

// rubyProgram answers lines of JSON: an ordered map as pairs becomes the text Psych writes of it, an object {descriptor:} what
// Psych reads in a descriptor, and {assert:, release:, name:} what gsign makes of a res.yml.
const rubyProgram = `
require 'yaml'; require 'json'
def omap(pairs)
  o = YAML::Omap.new
  pairs.each { |k, v| o[k] = v.is_a?(Array) ? omap(v) : v }
  o
end
STDIN.set_encoding('UTF-8'); STDOUT.sync = true
while line = STDIN.gets
  v = JSON.parse(line)
  begin
    out = if v.is_a?(Array) then omap(v).to_yaml
    elsif v['descriptor'] then YAML.load(v['descriptor'])
    else
      r = YAML.load(v['assert'])
      r['release'] = v['release']; r['name'] = v['name']; r['type'] = 'build'; r['optionals'] = nil
      r.to_yaml
    end
    puts JSON.generate({ out: out })
  rescue StandardError => e
    puts JSON.generate({ error: e.message })
  end
end`

// ruby is Ruby's Psych at the other end of a pipe.
type ruby struct {
	in  io.Writer
	out *bufio.Reader
}

// startRuby starts Ruby. Where it is missing the test is skipped; in CI that is a failure.
func startRuby(t testing.TB) *ruby {
	t.Helper()
	program, err := exec.LookPath("ruby")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no ruby to compare with")
		}
		t.Skip("no ruby to compare with")
	}
	cmd := exec.Command(program, "-e", rubyProgram)
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
	return &ruby{in, bufio.NewReaderSize(out, 1<<20)}
}

// ask sends a question and decodes the answer into out.
func (r *ruby) ask(question, out any) error {
	data, err := json.Marshal(question)
	if err != nil {
		return err
	}
	if _, err := r.in.Write(append(data, '\n')); err != nil {
		return err
	}
	line, err := r.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	var answer struct {
		Out   json.RawMessage
		Error string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return err
	}
	if answer.Error != "" {
		return fmt.Errorf("ruby: %s", answer.Error)
	}
	return json.Unmarshal(answer.Out, out)
}

// pairs is an ordered map as Ruby is asked about it.
func (m omap) pairs() [][2]any {
	out := [][2]any{}
	for _, p := range m {
		switch {
		case p.inner != nil:
			out = append(out, [2]any{p.key, p.inner.pairs()})
		case p.null:
			out = append(out, [2]any{p.key, nil})
		default:
			out = append(out, [2]any{p.key, p.text})
		}
	}
	return out
}

var (
	hexLine   = strings.Repeat("0123456789abcdef", 4)
	oddTexts  = []string{"", "\n", "\n\n", "a", "a\n", "a\n\n", "a\nb", "a\nb\n", "a\nb\n\n", " a", "a ", " a\n", "a \n", "a\n b", "a \nb", " a\nb", "\na\nb", "\n\nb\n"}
	oddWords  = []string{"y", "n", "Y", "yes", "No", "on", "OFF", "true", "null", "~", "<<", "0.15", "1_0", "1e3", "0x10", "0b1", "017", "018", "08.5", "1.2.3", ".", "+.", ".5", ".inf", "-.inf", ".NaN", ":a", "::", "1:30", "1:30.5", "1:90", "2020-01-01", "2020-13-01", "2020-02-31", "2020-01-01 10:00:00", "2020-01-01t10:00:00Z", "12,3", "-", "- a", "-a", "--- a", "...", "?", "? a", "?a", "#a", "a #b", "a#b", "a: b", "a:b", "a:", "'a", "it's", `"a`, `a"b`, `a\b`, "!a", "&a", "*a", "%a", "@a", "`a", "{a", "[a", "a,b", "a]", "|", ">", "=", "tab\ta", "é", "ünder", "日本", "😀", "a\u00a0b", "\u0085", "\ufeffa", "\x1b[1m", "\x00", "\x7f", "e\u0301", "_a", "$a", "(a)", "Infinity", "0", "00", "-1", "+1", "1.", "1.5", "0.15.2-linux", "v0.18.4.0-linux", "22.0rc1", "0o7", "1,000", "1.0e+3", "1.0e3", "nil", "nan", "none", "not", "test"}
	longWords = []string{strings.Repeat("word ", 40), strings.Repeat("two  spaces ", 20), "'" + strings.Repeat("quoted it's ", 20), "\t" + strings.Repeat("tab and words ", 20), strings.Repeat("x", 200)}
)

// TestPsych compares every oddity, as a text and as a key, with what Ruby writes.
func TestPsych(t *testing.T) {
	r := startRuby(t)
	for _, text := range append(append(append([]string{}, oddTexts...), oddWords...), longWords...) {
		for _, m := range []omap{
			{{key: "out_manifest", text: text}},
			{{key: "out_manifest", text: text}, {key: "next", null: true}},
			{{key: "base_manifests", inner: &omap{{key: "bionic-amd64", text: text}, {key: "x", text: text}}}, {key: "z", text: text}},
		} {
			comparePsych(t, r, m)
		}
	}
	for _, key := range oddWords {
		if !strings.ContainsAny(key, "\n\u0085\u2028") {
			comparePsych(t, r, omap{{key: key, text: "a"}, {key: "b", inner: &omap{{key: key, text: "a"}}}})
		}
	}
	comparePsych(t, r, omap{{key: "base_manifests", inner: &omap{}}, {key: "a", null: true}})
	comparePsych(t, r, omap{{key: "in_manifest", text: hexLine + "  x-desc.yml\ngit:0123 agit:4567 b"}, {key: "out_manifest", text: hexLine + "  file\n"}})
}

func comparePsych(t *testing.T, r *ruby, m omap) {
	t.Helper()
	var want string
	if err := r.ask(m.pairs(), &want); err != nil {
		t.Fatalf("%q: %v", m.pairs(), err)
	}
	if got := psych(m); got != want {
		t.Errorf("%q:\n--- ours\n%s--- Ruby's\n%s", m.pairs(), got, want)
	}
}

// FuzzPsych: whatever text, what is written is what Ruby writes (where it is installed), and is read back as it was.
func FuzzPsych(f *testing.F) {
	for _, text := range append(append(append([]string{}, oddTexts...), oddWords...), longWords...) {
		f.Add(text)
	}
	var r *ruby
	if _, err := exec.LookPath("ruby"); err == nil {
		r = startRuby(f)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 300 {
			t.Skip()
		}
		m := omap{{key: "base_manifests", inner: &omap{{key: "bionic-amd64", text: text}}}, {key: "name", text: text}}
		written := psych(m)
		if r != nil && !strings.ContainsAny(text, "\u2028\u2029") && !timestamp.MatchString(text) { // impossible times are no times to Ruby
			comparePsych(t, r, m)
		}
		if strings.ContainsAny(text, "\r\u0085\u2028\u2029") { // line ends of YAML 1.1: readers of 1.2 disagree about them
			return
		}
		fields, err := sigs.ReadFields([]byte(written))
		if err != nil {
			if text == "<<" || strings.ContainsAny(text, "[{,-:?") { // a tag, or the reader's caps on what could be a collection
				return
			}
			t.Fatalf("%q is not read back: %v\n%s", text, err, written)
		}
		if got := fields[1].Text; got != text {
			t.Errorf("%q is read back as %q\n%s", text, got, written)
		}
	})
}
