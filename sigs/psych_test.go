package sigs_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

// psychProgram reads "<size>\n<bytes>" per file and answers a line of JSON: keys and texts in order, as Ruby's Psych (libyaml)
// reads them. gitian-builder, which wrote the files, is Ruby.
const psychProgram = `
require 'psych'; require 'json'
def value(n)
  case n
  when Psych::Nodes::Scalar then n.value
  when Psych::Nodes::Sequence then n.children.map { |m| [value(m.children[0]), value(m.children[1])] }
  else raise "a #{n.class}"
  end
end
STDIN.binmode; STDOUT.sync = true
while line = STDIN.gets
  data = STDIN.read(line.to_i)
  begin
    docs = Psych.parse_stream(data).children
    raise "#{docs.size} documents" if docs.size != 1
    root = docs[0].children[0]
    raise "a #{root.class}" unless root.is_a?(Psych::Nodes::Sequence)
    puts JSON.generate(value(root))
  rescue StandardError => e
    puts JSON.generate({ error: e.message })
  end
end`

// TestPsych compares the texts of all keys with those that Ruby's parser finds in the same file.
func TestPsych(t *testing.T) {
	ruby, err := exec.LookPath("ruby")
	if err != nil {
		t.Skip("no ruby to compare with")
	}
	cmd := exec.Command(ruby, "-e", psychProgram)
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
	defer cmd.Wait()
	defer in.Close()
	answers := bufio.NewReaderSize(out, 1<<20)
	for _, name := range []string{"bitcoin-gitian.git", "monero-gitian.git", "bitpay-mixed.git"} {
		g := openCorpus(t, name)
		files := g.files(func(p string) bool { return strings.HasSuffix(p, ".assert") || strings.HasSuffix(p, "-res.yml") })
		compared := 0
		for i := 0; i < len(files); i += sample(len(files), 250) {
			data, err := g.ReadFile(files[i])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(in, "%d\n", len(data)); err != nil {
				t.Fatal(err)
			}
			if _, err := in.Write(data); err != nil {
				t.Fatal(err)
			}
			answer, err := answers.ReadString('\n')
			if err != nil && err != io.EOF {
				t.Fatal(err)
			}
			comparePsych(t, files[i], data, answer)
			compared++
		}
		if compared == 0 {
			t.Errorf("%s: nothing was compared", name)
		}
		t.Logf("%s: %d files", name, compared)
	}
}

func comparePsych(t *testing.T, file string, data []byte, answer string) {
	t.Helper()
	var want [][2]any
	if err := json.Unmarshal([]byte(answer), &want); err != nil {
		if _, parsed := sigs.ParseAssertion(data); parsed == nil {
			t.Errorf("%s: Ruby refuses what we read: %.200s", file, answer)
		}
		return
	}
	got, err := sigs.Texts(data)
	if err != nil {
		t.Errorf("%s: Ruby reads what we refuse: %v", file, err)
		return
	}
	flat := func(pairs []any) (out []string) {
		for _, p := range pairs {
			pair := p.([]any)
			out = append(out, fmt.Sprint(pair...))
		}
		return out
	}
	var wanted []string
	for _, pair := range want {
		if list, ok := pair[1].([]any); ok {
			wanted = append(wanted, fmt.Sprint(pair[0], flat(list)))
		} else {
			wanted = append(wanted, fmt.Sprint(pair[0], []string{fmt.Sprint(pair[1])}))
		}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s (-Ruby +ours): %.2000s", file, diff)
	}
}
