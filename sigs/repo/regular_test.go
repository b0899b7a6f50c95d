//go:build unix

package repo_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs/repo"
)

// A pipe where a file of git's is due would be opened, or read, for ever.
func TestPipes(t *testing.T) {
	for _, name := range []string{"HEAD", "packed-refs", "config", "objects/pack/pack-x.idx"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := newOrigin(t, dir)
			o.commit(o.tree(item{regular, "x", o.blob("x")}))
			pipe := filepath.Join(dir, filepath.FromSlash(name))
			os.Remove(pipe)
			if err := os.MkdirAll(filepath.Dir(pipe), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip(err)
			}
			done := make(chan error, 1)
			go func() {
				r, err := repo.Open(context.Background(), dir, repo.Options{})
				if err == nil {
					r.Close()
				}
				done <- err
			}()
			select {
			case err := <-done:
				if err == nil && name != "config" { // which is not needed to read
					t.Error("opened")
				}
			case <-time.After(20 * time.Second):
				t.Error("it waits for the pipe")
			}
		})
	}
}

// A remote that lists references without end is refused, before memory is.
func TestEndlessReferences(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	line := func(s string) string { return fmt.Sprintf("%04x%s", len(s)+4, s) }
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		fmt.Fprint(w, line("# service=git-upload-pack\n")+"0000")
		for i := 0; r.Context().Err() == nil; i++ {
			var b strings.Builder
			for j := range 1000 {
				capabilities := ""
				if i == 0 && j == 0 {
					capabilities = "\x00multi_ack"
				}
				b.WriteString(line(fmt.Sprintf("%040x refs/heads/b%012d%s\n", i*1000+j+1, i*1000+j, capabilities)))
			}
			if _, err := fmt.Fprint(w, b.String()); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	_, err := repo.Open(context.Background(), s.URL+"/x.git", repo.Options{Cache: t.TempDir(), Now: time.Now()})
	if err == nil || !strings.Contains(err.Error(), "bytes of references") {
		t.Errorf("error %v", err)
	}
}
