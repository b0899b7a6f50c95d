package docker

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/build"
)

// descriptor wraps a script in the least descriptor there is.
func descriptor(script string) string {
	return `---
name: "hostile"
distro: "debian"
suites: ["bookworm"]
architectures: ["amd64"]
packages: []
reference_datetime: "2024-01-01 00:00:00"
remotes: []
files: []
script: |
  ` + strings.ReplaceAll(script, "\n", "\n  ") + "\n"
}

// anyError is wanted where it depends on who is quicker which of two true things is said.
const anyError = "\x00"

// Hostile scripts end, are told apart, and leave nothing behind: newBench counts the containers when the test is over.
func TestHostileScripts(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		name, script string
		limits       build.Limits
		want         string // in the error; empty: the build succeeds
	}{
		{name: "harmless", script: "echo fine > $OUTDIR/fine"},
		{name: "fork bomb", script: "bomb() { bomb | bomb & }\nbomb\nwait\nsleep 600", limits: build.Limits{Processes: 100, Script: 15 * time.Second}, want: ""},
		{name: "disk filler", script: "dd if=/dev/zero of=$HOME/big bs=1M count=2000\nsleep 100", limits: build.Limits{Disk: 200 << 20}, want: "status"},
		{name: "disk filler in pieces", script: "for i in `seq 100`; do dd if=/dev/zero of=$HOME/big$i bs=1M count=20; sleep .3; done", limits: build.Limits{Disk: 200 << 20}, want: "it wrote more than 200 MiB"},
		{name: "sleeper", script: "sleep 1000", limits: build.Limits{Script: 3 * time.Second}, want: "it took longer than 3s"},
		{name: "memory", script: "head -c 400m /dev/zero | tail > /dev/null", limits: build.Limits{Memory: 100}, want: "out of memory: with 100 MiB for all"},
		{name: "left behind in the background", script: "(setsid sleep 1000 &)\necho fine > $OUTDIR/fine"},
		{name: "network", script: "wget -T 5 -t 1 http://deb.debian.org/", want: "status 4"},
		{name: "no interface but loopback", script: "[ \"`ls /sys/class/net`\" = lo ]\necho fine > $OUTDIR/fine"},
		{name: "sudo", script: "sudo -n id", want: "status 1"},
		{name: "no capability, no way to one", script: "grep -q '^CapBnd:.0000000000000000$' /proc/self/status\ngrep -q '^NoNewPrivs:.1$' /proc/self/status\necho fine > $OUTDIR/fine"},
		{name: "kills the container's first process", script: "kill -9 -1\nsleep 3", want: anyError},
		{name: "link in out", script: "ln -s /etc/passwd $OUTDIR/link", want: `"out/link" is refused: it is a link`},
		{name: "hard link in out", script: "echo > $OUTDIR/a\nln $OUTDIR/a $OUTDIR/b", want: "is refused: it is a link"},
		{name: "out is a link", script: "rmdir $OUTDIR\nln -s /etc $OUTDIR", want: "is refused: it is a link"},
		{name: "pipe in out", script: "mkfifo $OUTDIR/pipe", want: `"out/pipe" is refused: it is a device or a pipe`},
		{name: "device in out", script: "mknod $OUTDIR/null c 1 3", want: "status 1"},
		{name: "newline in a name", script: "echo > $OUTDIR/$'a\\nb'", want: "is refused: its name holds a character"},
		{name: "many files in out", script: "cd $OUTDIR\nseq 3000 | xargs touch", limits: build.Limits{OutFiles: 1000}, want: `"out" is refused: it holds more than 1000 files`},
		{name: "large files in out", script: "truncate -s 300M $OUTDIR/large", limits: build.Limits{OutBytes: 100 << 20}, want: "it holds more than 100 MiB"},
		{name: "no out at all", script: "rm -r $OUTDIR", want: "out/"},
		{name: "endless output", script: "timeout 3 yes || true\necho fine > $OUTDIR/fine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, output, err := b.run(t, job{descriptor: descriptor(c.script), jobs: 1, limits: c.limits})
			switch {
			case c.want == anyError:
				if err == nil {
					t.Error("the build succeeded")
				}
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got error %v, want %q", err, c.want)
			case c.name == "fork bomb": // stopped by the process limit or the clock
				var failed *build.FailedError
				if !errors.As(err, &failed) {
					t.Errorf("got %v, want a failed build", err)
				}
			case c.want == "" && err != nil:
				t.Error(err)
			case err == nil:
				if len(result.Out) != 1 || result.Out[0].Path != "fine" {
					t.Errorf("out has %v", result.Out)
				}
				if _, err := os.Stat(filepath.Join(output, "out", "fine")); err != nil {
					t.Error(err)
				}
			}
			if err != nil {
				t.Log(err)
			}
			if left := b.containers(t); left > 0 {
				t.Errorf("%d containers are left", left)
			}
		})
	}
}
