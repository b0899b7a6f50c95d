package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMarkdownText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"14 signers made one form and 4 another (8 and 2 of them voting)", "14 signers made one form and 4 another (8 and 2 of them voting)"},
		{"the key expired on 2017-06-09, it doesn't sign 0.15.2.", "the key expired on 2017-06-09, it doesn't sign 0.15.2."},
		{"win32 of 23.0rc2 by 4 signers' keys, not 1.0-rc.1 or x86_64 or a1b2c3d", "win32 of 23.0rc2 by 4 signers' keys, not `1.0-rc.1` or `x86_64` or `a1b2c3d`"},
		{"0.19.1-linux/luke-jr/x.assert.sig: bad", "`0.19.1-linux/luke-jr/x.assert.sig`: bad"},
		{"made 8552d05e… and deadbeef", "made `8552d05e`… and `deadbeef`"},
		{"1. 2) - + > # === *x* _x_", "`1.` 2) `-` `+` `>` `#` `===` `*x*` `_x_`"},
		{"@torvalds #123 org/repo#1 GH-12 !5 ~label", "`@torvalds` `#123` `org/repo#1` `GH-12` `!5` `~label`"},
		{"http://a.example www.a.example a@b.example mailto:a", "`http://a.example` `www.a.example` `a@b.example` `mailto:a`"},
		{"[x](javascript:alert(1)) ![y](z) <b> &amp; a|b `c` \\d $e$ :smile:", "`[x](javascript:alert(1`)) `![y](z`) `<b>` `&amp`; `a\\x7cb` `\\x60c\\x60` `\\d` `$e$` `:smile`:"},
		{"a\r\nb\u202ec\x00\xff", "`a\\x0d\\x0ab\\u202ec\\x00\\xff`"},
		{strings.Repeat("a", 10000), "`" + strings.Repeat("a", 120) + "`… (1380 more characters omitted)… (8500 more characters omitted)"},
	} {
		if got := markdownText(c.text); got != c.want {
			t.Errorf("markdownText(%.80q) =\n%s, want\n%s", c.text, got, c.want)
		}
	}
}

func TestMarkdownCode(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "` `"}, {"   ", "` `"}, {"luke-jr", "`luke-jr`"}, {"a`b``|c\\", "`a\\x60b\\x60\\x60\\x7cc\\`"}, {"a\nb", "`a\\x0ab`"},
		{strings.Repeat("é", 10000), "`" + strings.Repeat("é", 120) + "`… (9880 more characters omitted)"},
		{"\xff" + strings.Repeat("x", 120), "`\\xff" + strings.Repeat("x", 119) + "`… (1 more character omitted)"},
	} {
		if got := markdownCode(c.text); got != c.want {
			t.Errorf("markdownCode(%.80q) = %s, want %s", c.text, got, c.want)
		}
	}
}

func TestGitHubCommandValues(t *testing.T) {
	for _, c := range []struct{ text, data, property string }{
		{"plain", "plain", "plain"},
		{"100%\r\n::error::x", `100%25\x0d%0A\x3a:error::x`, `100%25\x0d\x0a%3A%3Aerror%3A%3Ax`},
		{"a,b:c", "a,b:c", "a%2Cb%3Ac"},
		{"%0A", "%250A", "%250A"},
	} {
		if got := githubData(c.text); got != c.data {
			t.Errorf("githubData(%q) = %s, want %s", c.text, got, c.data)
		}
		if got := githubProperty(c.text); got != c.property {
			t.Errorf("githubProperty(%q) = %s, want %s", c.text, got, c.property)
		}
	}
}

func TestLogLine(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", ""}, {"a :: b", "a :: b"}, {"# a", "# a"},
		{"::error::x", `\x3a:error::x`}, {"  \t::error::x", "  \t\\x3a:error::x"}, {"a\n ::set-env name=x::y", "a\n \\x3a:set-env name=x::y"},
		{"x ##[error]y", `x #\x23[error]y`}, {"###vso[x]", `#\x23#vso[x]`},
	} {
		if got := logLine(c.line); got != c.want {
			t.Errorf("logLine(%q) = %q, want %q", c.line, got, c.want)
		}
	}
}

// What is left out is always counted, nothing exceeds the limit but whole blocks, and what comes first is kept longest.
func TestWithin(t *testing.T) {
	rows := func(n int, text string) []string {
		var out []string
		for range n {
			out = append(out, text+"\n")
		}
		return out
	}
	blocks := []block{
		{head: "verdict\n", whole: true},
		{head: "# signers\n", rows: rows(50, "signer row"), foot: "legend\n", noun: "signer"},
		{head: "# findings\n", rows: rows(50, "finding row"), noun: "finding"},
		{head: "not proven\n", whole: true},
	}
	if got := within(1<<20, blocks); strings.Contains(got, "omitted") || strings.Count(got, "row") != 100 {
		t.Errorf("with room for all:\n%s", got)
	}
	for limit := 150; limit < 1400; limit += 7 {
		got := within(limit, blocks)
		if len(got) > limit {
			t.Fatalf("limit %d: %d bytes", limit, len(got))
		}
		if !strings.HasPrefix(got, "verdict\n") || !strings.HasSuffix(got, "not proven\n") {
			t.Fatalf("limit %d: a whole block was cut:\n%s", limit, got)
		}
		for noun, word := range map[string]string{"signer": "signer row", "finding": "finding row"} {
			shown := strings.Count(got, word)
			note := fmt.Sprintf("\n*%d %ss omitted: the report would be too long.*\n", 50-shown, noun)
			if note = strings.Replace(note, "*1 "+noun+"s", "*1 "+noun, 1); shown < 50 && !strings.Contains(got, note) {
				t.Fatalf("limit %d: %d of 50 %ss and no %q:\n%s", limit, shown, noun, note, got)
			}
		}
		if shown := strings.Count(got, "signer row"); shown > 0 && shown < 50 && strings.Contains(got, "finding row") {
			t.Fatalf("limit %d: findings, but only some signers:\n%s", limit, got)
		}
	}
	if got := within(0, blocks); !strings.HasPrefix(got, "verdict\n") || !utf8.ValidString(got) {
		t.Errorf("no room at all:\n%s", got)
	}
}
