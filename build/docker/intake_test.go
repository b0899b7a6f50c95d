package docker

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/system"

	"github.com/gverify/gverify/build"
)

// stream packs headers; regular files hold "x".
func stream(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = 1
		}
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			fmt.Fprint(w, "x")
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWalkFiles(t *testing.T) {
	top := tar.Header{Typeflag: tar.TypeDir, Name: "out/"}
	file := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name} }
	for _, c := range []struct {
		what    string
		headers []tar.Header
		want    string // in the error; empty: accepted
	}{
		{"files", []tar.Header{top, file("out/a"), file("out/src/b")}, ""},
		{"symbolic link", []tar.Header{top, {Typeflag: tar.TypeSymlink, Name: "out/a", Linkname: "/etc/passwd"}}, "a link"},
		{"hard link", []tar.Header{top, {Typeflag: tar.TypeLink, Name: "out/a", Linkname: "out/b"}}, "a link"},
		{"device", []tar.Header{top, {Typeflag: tar.TypeChar, Name: "out/a"}}, "a device"},
		{"pipe", []tar.Header{top, {Typeflag: tar.TypeFifo, Name: "out/a"}}, "a device or a pipe"},
		{"parent", []tar.Header{top, file("out/../a")}, "does not stay"},
		{"elsewhere", []tar.Header{top, file("etc/a")}, "does not stay"},
		{"absolute", []tar.Header{top, file("/out/a")}, "does not stay"},
		{"prefix only", []tar.Header{top, file("outer")}, "does not stay"},
		{"out is a file", []tar.Header{file("out")}, "not a directory"},
		{"control character", []tar.Header{top, file("out/a\x1bb")}, "not printable"},
		{"backslash", []tar.Header{top, file(`out/a\b`)}, "backslash"},
		{"too many files", []tar.Header{top, file("out/1"), file("out/2"), file("out/3"), file("out/4")}, "more than 3 files"},
		{"too many directories", append([]tar.Header{top}, slices.Repeat([]tar.Header{{Typeflag: tar.TypeDir, Name: "out/d/"}}, 20)...), "files and directories"},
	} {
		err := walkFiles(bytes.NewReader(stream(t, c.headers...)), "out", bounds{3, 100}, func(string, *tar.Header, io.Reader) error { return nil })
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: walkFiles = %v, want %q", c.what, err, c.want)
		}
	}
}

// A cache keeps what it had when what would replace it is refused.
func TestCacheIsReplacedWholly(t *testing.T) {
	c := cacheFile{filepath.Join(t.TempDir(), "scope", "common.tar")}
	good := stream(t, tar.Header{Typeflag: tar.TypeDir, Name: "common/"}, tar.Header{Typeflag: tar.TypeReg, Name: "common/a"})
	if err := c.replace(bytes.NewReader(good), "common", bounds{10, 100}); err != nil {
		t.Fatal(err)
	}
	bad := stream(t, tar.Header{Typeflag: tar.TypeReg, Name: "common/b"}, tar.Header{Typeflag: tar.TypeSymlink, Name: "common/c", Linkname: "a"})
	for what, data := range map[string][]byte{"a link": bad, "a stream cut short": good[:700]} {
		if err := c.replace(bytes.NewReader(data), "common", bounds{10, 100}); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	m, err := c.files(bounds{10, 100})
	if err != nil || len(m) != 1 || m[0].Path != "a" {
		t.Errorf("the cache holds %v, %v", m, err)
	}
	entries, err := os.ReadDir(filepath.Dir(c.name))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the cache stand %v, %v", entries, err)
	}
}

// The script's container has nothing it could do harm with, and no more than the engine has.
func TestScriptContainerIsHardened(t *testing.T) {
	e := &Engine{info: system.Info{NCPU: 2, MemTotal: 1 << 30}, run: "r"}
	limits := build.DefaultLimits
	limits.Jobs, limits.Memory = 64, 1<<20
	config, host := e.configuration(boxOptions{user: "debian", phase: build.PhaseScript, environment: build.Environment{Hostname: "gitian"}, limits: limits})
	if config.User != "debian" || config.Hostname != "gitian" || !config.StdinOnce || config.Labels[labelKind] != kindContainer {
		t.Errorf("configuration: %+v", config)
	}
	if host.NetworkMode != "none" || !slices.Equal(host.CapDrop, []string{"ALL"}) || len(host.CapAdd) > 0 || host.Privileged ||
		!slices.Equal(host.SecurityOpt, []string{"no-new-privileges"}) || len(host.Binds)+len(host.Mounts) > 0 {
		t.Errorf("host configuration: %+v", host)
	}
	if host.NanoCPUs != 2e9 || host.Memory != 1<<30 || host.MemorySwap != host.Memory || *host.PidsLimit != int64(limits.Processes) {
		t.Errorf("limits: %d processors, %d bytes, %d with swap, %d processes", host.NanoCPUs, host.Memory, host.MemorySwap, *host.PidsLimit)
	}
}

func FuzzWalkFiles(f *testing.F) {
	f.Add(stream(f, tar.Header{Typeflag: tar.TypeDir, Name: "out/"}, tar.Header{Typeflag: tar.TypeReg, Name: "out/a"}))
	f.Add(stream(f, tar.Header{Typeflag: tar.TypeReg, Name: "out/../a"}))
	f.Add(stream(f, tar.Header{Typeflag: tar.TypeSymlink, Name: "out/a", Linkname: "b"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		files, total := 0, int64(0)
		_ = walkFiles(bytes.NewReader(data), "out", bounds{5, 1000}, func(name string, h *tar.Header, content io.Reader) error {
			files++
			total += h.Size
			if !fs.ValidPath(name) || name == "." || files > 5 || total > 1000 {
				t.Fatalf("walkFiles gave %q, %d files, %d bytes", name, files, total)
			}
			return nil
		})
	})
}
