package projects_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/projects"
)

func TestConfigHelp(t *testing.T) {
	example, err := os.ReadFile(filepath.Join("testdata", "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if string(example) != projects.ConfigHelp {
		t.Error("testdata/config.yaml and ConfigHelp differ")
	}
	s := load(t, projects.ConfigHelp)
	if got := s.Rewrite("https://github.com/bitcoin-core/guix.sigs"); got != "https://git.example.org/mirror/guix.sigs" {
		t.Errorf("mirror: %s", got)
	}
	p := find(t, s, "examplecoin")
	if p.Threshold != 2 || len(p.Pins) != 1 || len(p.Due("1.5rc1")) != 2 || len(p.Due("1.5")) != 3 || len(p.Repositories[0].Keys) != 2 {
		t.Errorf("examplecoin: %+v", p)
	}
	if p := find(t, s, "bitcoin"); p.Threshold != 5 || len(p.Pins) < 50 || p.Title != "Bitcoin Core" {
		t.Errorf("bitcoin: threshold %d, %d pins, title %q", p.Threshold, len(p.Pins), p.Title)
	}
}

// What the user leaves out stays, what he gives takes its place whole, and other projects are as they were.
func TestConfigOverrides(t *testing.T) {
	plain := load(t, "")
	s := load(t, `
projects:
  monero:
    pins: [{name: me, fingerprints: ["0x0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567"]}]
  dash: {descriptors: {dir: elsewhere}}
  litecoin:
  mine: {repositories: [{url: /srv/sigs}]}
  shortened: {repositories: [{url: x, from: 1.0, until: 22.0}]}
`)
	monero, was := find(t, s, "monero"), find(t, plain, "monero")
	if len(monero.Pins) != 1 || monero.Pins[0].Fingerprints[0] != "0123456789ABCDEF0123456789ABCDEF01234567" {
		t.Errorf("monero: pins %+v", monero.Pins)
	}
	monero.Pins = was.Pins
	if !reflect.DeepEqual(monero, was) {
		t.Errorf("monero: more changed than its pins: %+v", monero)
	}
	if d := find(t, s, "dash").Descriptors; d.Dir != "elsewhere" || d.Until == "" || len(d.Files) != 5 {
		t.Errorf("dash: descriptors %+v", d)
	}
	for _, name := range []string{"bitcoin", "litecoin", "zcash"} {
		if !reflect.DeepEqual(find(t, s, name), find(t, plain, name)) {
			t.Errorf("%s changed", name)
		}
	}
	if p := find(t, s, "mine"); p.Threshold != projects.DefaultThreshold || p.Title != "mine" || len(p.Pins) != 0 {
		t.Errorf("mine: %+v", p)
	}
	if r := find(t, s, "shortened").Repositories[0]; r.From != "1.0" || r.Until != "22.0" {
		t.Errorf("numbers without quotes were read as %q and %q", r.From, r.Until)
	}
	if !reflect.DeepEqual(load(t, ""), plain) {
		t.Error("one configuration changed what the next one begins with")
	}
}

func TestConfigIsEmpty(t *testing.T) {
	plain := load(t, "")
	for _, config := range []string{" \n", "# nothing yet\n", "{}", "---\n", "projects:\nmirrors:\n"} {
		if !reflect.DeepEqual(load(t, config), plain) {
			t.Errorf("%q changed something", config)
		}
	}
}

func TestMirrors(t *testing.T) {
	s := load(t, "mirrors: {'https://a/': 'file:///a/', 'https://a/b/': 'ssh://b/', 'https://a/b/c': '/c'}")
	for url, want := range map[string]string{
		"https://a/x":       "file:///a/x",
		"https://a/b/x":     "ssh://b/x",
		"https://a/b/c":     "/c",
		"https://other/x":   "https://other/x",
		"http://https://a/": "http://https://a/",
	} {
		if got := s.Rewrite(url); got != want {
			t.Errorf("Rewrite(%s) = %s, want %s", url, got, want)
		}
	}
}

const (
	one = "0123456789ABCDEF0123456789ABCDEF01234567"
	two = "0123456789ABCDEF0123456789ABCDEF01234568"
)

func TestConfigRefused(t *testing.T) {
	// A project x with one repository, whose fields follow, and with pins.
	repository := func(fields string) string { return "projects: {x: {repositories: [{url: a, " + fields + "}]}}" }
	pins := func(list string) string {
		return "projects: {x: {repositories: [{url: a}], pins: [" + list + "]}}"
	}
	for _, c := range []struct{ config, want string }{
		{"projets: {}", "line 1: field projets not found"},
		{"\n\nprojects:\n  bitcoin:\n    treshold: 5", "line 5: field treshold not found"},
		{"\nprojects: {bitcoin: {threshold: many}}", "line 2: this field does not take !!str `many`"},
		{"projects: {bitcoin: 5}", "line 1: this field does not take"},
		{"projects: [bitcoin]", "line 1: this field does not take"},
		{"projects: {bitcoin: {threshold: 0}}", "projects: bitcoin: threshold is 0, want at least 1"},
		{"projects: {x: {threshold: 0, repositories: [{url: a}]}}", "threshold is 0"},
		{"projects: {bitcoin: {threshold: -1}}", "want at least 1"},
		{"projects: {bitcoin: {name: litecoin}}", `its name is given as "litecoin"`},
		{"projects: {Bad Name: {repositories: [{url: a}]}}", "no project name"},
		{"projects: {x: {title: x}}", "no repositories"},
		{"projects: {x: }", "no repositories"},
		{"projects: {bitcoin: {repositories: []}}", "no repositories"},
		{"projects: {x: {repositories: [{layout: gitian}]}}", "no url"},
		{"projects: {x: {repositories: [{url: a}, {url: b, from: '1.0'}]}}", "overlap"},
		{"projects: {x: {repositories: [{url: a, until: '1.1'}, {url: b, from: '1.0'}]}}", "overlap"},
		{repository("layout: svn"), `layout is "svn", want gitian, result or guix`},
		{repository("from: first"), `"first" is no version`},
		{repository("until: 1.0-linux"), `"1.0-linux" is no version`},
		{repository("newest: new"), `"new" is no version`},
		{repository("from: 2.0, until: 1.0"), "holds no version"},
		{repository("from: 2.0, until: 2.0"), "holds no version"},
		{repository("keys: [{url: b}]"), "is no directory of a repository"},
		{repository("keys: [{dir: ../../etc}]"), "is no directory of a repository"},
		{repository("due: [{from: '1.0'}]"), "due 1: no platforms"},
		{repository("due: [{platforms: [linux], from: x}]"), `due 1: "x" is no version`},
		{"projects: {bitcoin: {descriptors: {until: later}}}", `descriptors: "later" is no version`},
		{pins("{name: a, fingerprints: [89ABCDEF01234567]}"), "no fingerprint of a primary key"},
		{pins("{name: a}"), "needs a name and fingerprints"},
		{pins("{fingerprints: [" + one + "]}"), "needs a name and fingerprints"},
		{pins("{name: a, fingerprints: [" + one + "]}, {name: b, fingerprints: [" + one + "]}"), "pinned for a and for b"},
		{pins("{name: a, fingerprints: [" + one + ", " + strings.ToLower(one) + "]}"), "pinned for a and for a"},
		{pins("{name: a, fingerprints: [" + one + "]}, {name: a, fingerprints: [" + two + "]}"), `"a" stands twice`},
		{pins("{name: a, aliases: [b], fingerprints: [" + one + "]}, {name: b, fingerprints: [" + two + "]}"), `"b" stands twice`},
		{pins("{name: a, fingerprints: [" + one + "]}, {name: b, aliases: [a], fingerprints: [" + two + "]}"), `"a" leads to a and to b`},
		{pins("{name: a, aliases: [''], fingerprints: [" + one + "]}"), "empty alias"},
		{"mirrors: {'': x}", "empty URL"},
		{"mirrors: {x: ''}", "empty URL"},
		{"mirrors: {x: y, x: z}", "already defined"},
		{"projects: {x: {repositories: [{url: a}]}, x: {repositories: [{url: b}]}}", "already defined"},
		{"{}\n---\n{}", "more than one"},
		{"projects: [", "line 1"},
		{"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n", "not found"},
		{strings.Repeat(" ", projects.MaxConfig) + "x", "at most 262144 are read"},
	} {
		if _, err := projects.Load([]byte(c.config)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Load(%.200q) = %v, want an error with %q", c.config, err, c.want)
		} else if strings.Contains(err.Error(), "projects.") || strings.Contains(err.Error(), "\n") {
			t.Errorf("Load(%.200q) speaks of Go's types or in several lines: %v", c.config, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(projects.ConfigHelp))
	f.Add([]byte("projects: {x: {repositories: [{url: a}], pins: [{name: a, fingerprints: [" + one + "]}]}}"))
	f.Add([]byte("mirrors: {a: b}"))
	f.Add([]byte("0"))
	f.Fuzz(func(t *testing.T, config []byte) {
		s, err := projects.Load(config)
		if err != nil {
			if s != nil {
				t.Error("a set came together with an error")
			}
			return
		}
		for _, name := range s.Names() {
			p, ok := s.Find(name)
			if !ok || p.Name != name || p.Threshold < 1 || len(p.Repositories) == 0 {
				t.Errorf("project %q: %+v", name, p)
			}
		}
	})
}
