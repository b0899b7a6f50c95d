package build

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

// roundTrip saves a plan and reads it back.
func roundTrip(t *testing.T, p Plan) {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadPlan(b.Bytes())
	if err != nil {
		t.Fatalf("a plan is not read back: %v\n%s", err, b.String())
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("a plan is read back otherwise (-want +got)\n%s", diff)
	}
}

func complete(t *testing.T) Plan {
	t.Helper()
	d := parsed(t, "every-key.yml")
	p, err := d.Plan(Request{
		Commits: map[string]string{"everything": "v1.0"},
		Sources: map[string]Source{
			"everything": {Commit: strings.Repeat("a", 40), AuthorDate: "2020-01-01 00:00:01"},
			"signature":  {Commit: strings.Repeat("b", 40), AuthorDate: "2021-02-03 04:05:06"},
		},
		Files: map[string]sigs.Digest{"sdk-1.0.tar.gz": {1}},
		Jobs:  4, Memory: 3000, Sudo: true, SudoCommands: []string{"/bin/cat"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The script is what gbuild would send, line by line.
func TestBuildScript(t *testing.T) {
	d := parsed(t, "every-key.yml")
	got := complete(t).Units[1].Script.Text
	want := `#!/bin/bash
set -e
export LANG='en_US.UTF-8'
export LC_ALL='en_US.UTF-8'
umask 002
export OUTDIR=$HOME/out
GBUILD_BITS=32
GBUILD_CACHE_ENABLED=1
GBUILD_PACKAGE_CACHE=$HOME/cache/everything-1.0
GBUILD_COMMON_CACHE=$HOME/cache/common
MAKEOPTS=(-j4)
NUM_PROCS=4
NUM_MEM=3000

(cd build/everything && git reset -q --hard && git clean -q -f -d)
(cd build/signature && git reset -q --hard && git clean -q -f -d)

REFERENCE_DATETIME='2011-01-30 00:00:00'
REFERENCE_DATE='2011-01-30'
REFERENCE_TIME='00:00:00'

cd build
` + d.Script
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Without reference_datetime the last remote's author date counts.
func TestReferenceTime(t *testing.T) {
	d := parsed(t, "every-key.yml")
	d.ReferenceTime = ""
	p, err := d.Plan(Request{Sources: map[string]Source{"everything": {AuthorDate: "2020-01-01 00:00:01"}, "signature": {AuthorDate: "2021-02-03 04:05:06"}}})
	if err != nil {
		t.Fatal(err)
	}
	if text := p.Units[0].Script.Text; !strings.Contains(text, "REFERENCE_DATETIME='2021-02-03 04:05:06'\nREFERENCE_DATE='2021-02-03'\nREFERENCE_TIME='04:05:06'\n") {
		t.Errorf("%s", text)
	}
}

// bash runs what gbuild would have sent: the variables are there, an array among them, and only three are exported.
func TestScriptRuns(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	d, err := ParseDescriptor([]byte(small(`"true"`, `"echo ${MAKEOPTS} $NUM_PROCS ${#MAKEOPTS[@]} $REFERENCE_DATE $GBUILD_BITS; pwd; env | cut -d= -f1 | sort > vars"`)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Plan(Request{Jobs: 3})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.Mkdir(home+"/build", 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "-x")
	cmd.Dir, cmd.Env, cmd.Stdin = home, []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}, strings.NewReader(p.Units[0].Script.Text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), "-j3 3 1 2011-01-30 64\n"+home+"/build\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	vars, err := os.ReadFile(home + "/build/vars")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Fields(string(vars)), []string{"HOME", "LANG", "LC_ALL", "OLDPWD", "OUTDIR", "PATH", "PWD", "SHLVL", "_"}; !slices.Equal(got, want) {
		t.Errorf("exported: %q, want %q", got, want)
	}
}

// Root does what gbuild does, in its order, as arguments and not as a shell line.
func TestSteps(t *testing.T) {
	p := complete(t)
	if len(p.Units) != 4 {
		t.Fatalf("%d units, want 2 suites on 2 architectures", len(p.Units))
	}
	var got []string
	for _, s := range p.Units[3].Steps {
		line := string(s.Phase) + " " + s.User + " " + strings.Join(s.Args, " ")
		if s.Network {
			line = "net " + line
		}
		got = append(got, line)
	}
	want := []string{
		"net prepare root sh -s -- base debian",
		"net prepare root sh -s -- sudo debian /bin/cat",
		"net prepare root sh -s -- architecture i386",
		"net prepare root sh -s -- update",
		"net prepare root sh -s -- install g++-multilib libssl-dev:i386 faketime",
		"net prepare root sh -s -- install gnupg2",
		"net prepare root sh -s -- repository deb https://deb.example.org/debian bookworm-backports main example https://deb.example.org/key.asc",
		"net prepare root sh -s -- update",
		"net prepare root sh -s -- install-from bookworm-backports cmake",
		"net prepare root sh -s -- alternative i686-w64-mingw32-g++ /usr/bin/i686-w64-mingw32-g++-posix",
		"net prepare root sh -s -- upgrade",
		"net prepare root sh -s -- manifest",
		"inputs debian mkdir -p build out inst cache/common cache/everything-1.0",
		"net fetch debian bash",
		"script debian setarch i386 bash -x",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	e := p.Units[3].Environment
	if e.Name != strings.Repeat("2", 64)+"-i386" || e.Base.Digest != "sha256:"+strings.Repeat("2", 64) || e.Platform != "linux/386" || e.Home != "/home/debian" {
		t.Errorf("%+v", e)
	}
	if got := strings.Join(e.Packages, " "); got != "build-essential git locales wget lsb-release sudo ca-certificates g++-multilib libssl-dev:i386 faketime gnupg2 cmake" {
		t.Errorf("packages %s", got)
	}
}

func TestPlanRoundTrip(t *testing.T) {
	p := complete(t)
	roundTrip(t, p)
	if err := p.Check(); err != nil {
		t.Errorf("a complete plan: %v", err)
	}
	q, err := parsed(t, "few-keys.yml").Plan(Request{})
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, q)
	want := "the commit of small is not known\nthe author date of small is not known\nbookworm-amd64: the base ubuntu:bookworm is not named by its content"
	if err := q.Check(); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// What a user should know before he runs a plan.
func TestAdvice(t *testing.T) {
	codes := func(d Descriptor, r Request) string {
		t.Helper()
		p, err := d.Plan(r)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range p.Findings {
			out = append(out, f.Code)
		}
		return strings.Join(out, " ")
	}
	every, few := parsed(t, "every-key.yml"), parsed(t, "few-keys.yml")
	for _, test := range []struct{ got, want string }{
		{codes(every, Request{}), "commit-missing commit-unknown file-missing sudo-refused"},
		{codes(every, Request{Sudo: true, ScriptNetwork: true, Commits: map[string]string{"everything": strings.Repeat("a", 40)}, From: map[string]string{"sdk-1.0.tar.gz": "x"}}),
			"commit-unknown sudo-allowed script-network"},
		{codes(few, Request{}), "commit-missing time-unknown suite-of-another-distro no-cache base-unpinned"},
		{codes(few, Request{Base: func(string, string) Base { return Base{Tarball: "sha256:x"} }, Commits: map[string]string{"small": "v1"}, ScriptNetwork: true,
			Sources: map[string]Source{"small": {Commit: strings.Repeat("a", 40), AuthorDate: "2020-01-01 00:00:00"}}}), "suite-of-another-distro script-network"},
	} {
		if test.got != test.want {
			t.Errorf("%s\nwant %s", test.got, test.want)
		}
	}
	if codes := complete(t).Findings; len(codes) != 1 || codes[0].Code != "sudo-allowed" {
		t.Errorf("a complete plan: %+v", codes)
	}
}

// A saved plan that somebody changed can do no more than a descriptor could.
func TestReadPlanRefuses(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(p *Plan)
	}{
		{"schema", func(p *Plan) { p.Schema = "gverify.plan/v2" }},
		{"name", func(p *Plan) { p.Name = "../x" }},
		{"recipe: its text", func(p *Plan) { p.Recipe.Text += "id\n" }},
		{"script: its text", func(p *Plan) { p.Units[0].Script.Text += "id\n" }},
		{"file", func(p *Plan) { p.Inputs.Files[0].Name = "/etc/passwd" }},
		{"remote", func(p *Plan) { p.Inputs.Remotes[0].Dir = ".." }},
		{"helper", func(p *Plan) { p.Inputs.Remotes[0].URL = "ext::id" }},
		{"no commit", func(p *Plan) { p.Inputs.Remotes[0].Commit = "HEAD" }},
		{"would run as", func(p *Plan) { p.Units[0].Environment.User, p.Units[0].Environment.Home = "root", "/home/root" }},
		{"no step gverify plans", func(p *Plan) { last := &p.Units[0].Steps[14]; last.Stdin = NoInput }},
		{"would run as", func(p *Plan) { last := &p.Units[0].Steps[14]; last.User = "root" }},
		{"would run as", func(p *Plan) { p.Units[0].Steps[0].Args = []string{"bash", "-c", "id", "x"} }},
		{"no units", func(p *Plan) { p.Units = nil }},
		{"two units", func(p *Plan) { p.Units[1] = p.Units[0] }},
		{"limit", func(p *Plan) { p.Limits.Memory = 0 }},
		{"sudo", func(p *Plan) { p.Sudo.Commands = []string{"ALL, !x"} }},
	} {
		p := complete(t)
		test.change(&p)
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadPlan(data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
	if _, err := ReadPlan([]byte(`{"schema":"gverify.plan/v1","new_field":1}`)); err == nil || !strings.Contains(err.Error(), "new_field") {
		t.Errorf("an unknown field: %v", err)
	}
}

func TestPlanRefuses(t *testing.T) {
	d := parsed(t, "every-key.yml")
	for _, test := range []struct {
		want string
		r    Request
	}{
		{"no remote of that directory; it has everything, signature", Request{Commits: map[string]string{"bitcoin": "v1"}}},
		{"want a tag", Request{Commits: map[string]string{"everything": "--help"}}},
		{"helper", Request{URLs: map[string]string{"everything": "ext::id"}}},
		{"absolute path", Request{Sudo: true, SudoCommands: []string{"cat"}}},
		{"one line", Request{Fetch: "a\nb"}},
	} {
		if _, err := d.Plan(test.r); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
	p, err := d.Plan(Request{URLs: map[string]string{"everything": "/home/me/everything"}})
	if err != nil || p.Inputs.Remotes[0].URL != "/home/me/everything" {
		t.Errorf("a checkout the user names: %v", err)
	}
}

// The plan's list of packages is what the recipe installs.
func TestBasePackages(t *testing.T) {
	m := regexp.MustCompile(`(?m)^\tinstall (build-essential .*)$`).FindStringSubmatch(Recipe().Text)
	if m == nil || !slices.Equal(strings.Fields(m[1]), basePackages) {
		t.Errorf("the recipe installs %q, plans say %q", m, basePackages)
	}
}

func TestRecipeIsShell(t *testing.T) {
	for _, shell := range []string{"dash", "bash"} {
		if program, err := exec.LookPath(shell); err == nil {
			if out, err := exec.Command(program, "-n", "prepare.sh").CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", shell, err, out)
			}
		}
	}
}

func TestDockerfile(t *testing.T) {
	var b strings.Builder
	if err := complete(t).WriteDockerfile(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"FROM --platform=linux/386 debian@sha256:" + strings.Repeat("2", 64) + " AS env-" + strings.Repeat("2", 64) + "-i386\n",
		`RUN ["sh","/prepare.sh","install","g++-multilib","libssl-dev:i386","faketime"]` + "\n",
		"USER debian\nWORKDIR /home/debian\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
