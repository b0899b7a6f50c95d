package docker

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/build"
)

const democ = "../../testdata/democ"

func descriptorOf(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(democ, "tally/contrib/gitian-descriptors", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The demonstration gives the same result twice, with one and with two jobs, and its second stage takes the first one's output.
func TestDemonstrationTwice(t *testing.T) {
	b := newBench(t)
	j := job{
		descriptor: descriptorOf(t, "gitian-linux.yml"), inputs: []string{filepath.Join(democ, "inputs")},
		urls:    map[string]string{"tally": repository(t, democ+"/tally", "v1.2"), "words": repository(t, democ+"/words", "v1")},
		commits: map[string]string{"tally": "v1.2", "words": "v1"},
	}
	var written [2]bytes.Buffer
	var output string
	for i := range written {
		j.jobs = i + 1
		var result build.Result
		result, output = b.must(t, j)
		if err := build.WriteResult(&written[i], result); err != nil {
			t.Fatal(err)
		}
		b.cache = t.TempDir()
	}
	if diff := cmp.Diff(written[0].String(), written[1].String()); diff != "" {
		t.Errorf("two builds differ (-one job, +two):\n%s", diff)
	}
	signer := job{
		descriptor: descriptorOf(t, "gitian-linux-signer.yml"), inputs: []string{filepath.Join(output, "out")},
		urls: map[string]string{"signature": repository(t, democ+"/sigs", "v1.2")}, commits: map[string]string{"signature": "v1.2"},
	}
	result, _ := b.must(t, signer)
	if len(result.Out) != 1 || result.Out[0].Path != "tally-1.2-linux-signed.tar.gz" {
		t.Errorf("the second stage gave %v", result.Out)
	}
	t.Logf("%s", written[0].Bytes()[:900])
}
