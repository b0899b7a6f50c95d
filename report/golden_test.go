package report_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gverify/gverify/report"
)

// renderers are all formats, by the end of the golden file's name.
var renderers = map[string]func(io.Writer, report.Document, report.Options) error{
	"text":   report.Text,
	"json":   func(w io.Writer, d report.Document, _ report.Options) error { return report.JSON(w, d) },
	"md":     report.Markdown,
	"junit":  report.JUnit,
	"github": report.GitHub,
	"short.md": func(w io.Writer, d report.Document, o report.Options) error {
		o.Limit = 2000
		return report.Markdown(w, d, o)
	},
}

// attacks are what a repository may try in any string; each of them aims at other readers.
var attacks = []string{
	"::error::x\n ::add-mask::a",
	"<img src=x onerror=alert(1)> & \"'</td></table><script>",
	"[x](javascript:alert(1)) ![y](http://evil.example) [^1]: [ref]: http://evil.example",
	"@torvalds #123 GH-1 org/repo#1 :smile: $x$",
	"\u202egnp.exe\u200b\u2066\ufeff\u3164",
	"\x1b[2J\x1b]8;;http://evil.example\x07",
	"##[error]y ##vso[task.complete] ##[add-mask]a",
	"\x00\x0b\ufffe]]>&#x0;--><![CDATA[",
	"\r\n\r\n## heading\n- list\n\n| a | b |\n|--|--|\n```\n~~~",
	"http://evil.example www.evil.example a@evil.example `` ` \\| \\",
}

// attacked puts an attack in front of every string of a document, and a line break after it; one name gets 10,000 characters.
func attacked(d report.Document) report.Document {
	seen := map[string]int{}
	return mangled(d, func(s string) string {
		if _, known := seen[s]; !known {
			seen[s] = len(seen)
		}
		if s == "mallory" {
			s += strings.Repeat("|x", 5000)
		}
		return attacks[seen[s]%len(attacks)] + " " + s + "\n"
	})
}

// mangled is the document with every free text that is not empty replaced; equal texts are replaced by equal ones.
func mangled(d report.Document, change func(string) string) report.Document {
	var out report.Document
	var walk func(to, from reflect.Value)
	walk = func(to, from reflect.Value) {
		switch {
		case from.Type() == reflect.TypeFor[string]():
			if from.String() != "" {
				to.SetString(change(from.String()))
			}
		case from.Kind() == reflect.Slice && !from.IsNil():
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				walk(to.Index(i), from.Index(i))
			}
		case from.Kind() == reflect.Struct && from.Type().PkgPath() != "time":
			for i := range from.NumField() {
				walk(to.Field(i), from.Field(i))
			}
		default:
			to.Set(from)
		}
	}
	walk(reflect.ValueOf(&out).Elem(), reflect.ValueOf(d))
	out.Schema = report.Schema
	return out
}

// ordinary is the demonstration's report as a program sees it: gverify demo --format json.
func ordinary(t testing.TB) report.Document { return readDocument(t, "ordinary.json") }

func readDocument(t testing.TB, name string) report.Document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	d, err := report.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

// An ordinary and a hostile document in every format. -update writes the hostile one and all outputs anew.
func TestFormatsGolden(t *testing.T) {
	if *update {
		write(t, "hostile.json", rendered(t, renderers["json"], attacked(ordinary(t)), report.Options{}))
	}
	for _, name := range []string{"ordinary", "hostile"} {
		d := readDocument(t, name+".json")
		for ending, render := range renderers {
			got := rendered(t, render, d, report.Options{})
			file := fmt.Sprintf("%s.golden.%s", name, ending)
			if ending == "json" {
				file = name + ".json" // a document that is read and written again stays the same
			}
			if *update {
				write(t, file, got)
			}
			want, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
			}
			harmless(t, strings.ReplaceAll(strings.ReplaceAll(got, "\ufe0f", ""), "\u00a0", " "), false)
		}
	}
}

func rendered(t testing.TB, render func(io.Writer, report.Document, report.Options) error, d report.Document, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, d, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join("testdata", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
