package build

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
)

func TestOrder(t *testing.T) {
	stages := []Stage{
		{Platform: "osx-signed", Descriptor: Descriptor{Files: []string{"bitcoin-osx-unsigned.tar.gz"}}},
		{Platform: "win-signed", Descriptor: Descriptor{Files: []string{"osslsigncode-2.0.tar.gz", "bitcoin-win-unsigned.tar.gz"}}},
		{Platform: "osx-unsigned", Descriptor: Descriptor{Files: []string{"MacOSX10.11.sdk.tar.gz"}}},
		{Platform: "linux"}, {Platform: "win-unsigned"},
	}
	ordered, err := Order(stages)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range ordered {
		names = append(names, s.Platform)
		for file, maker := range s.From {
			names = append(names, "("+file+" of "+maker+")")
		}
	}
	want := "osx-unsigned osx-signed (bitcoin-osx-unsigned.tar.gz of osx-unsigned) linux win-unsigned win-signed (bitcoin-win-unsigned.tar.gz of win-unsigned)"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if stages[0].From != nil {
		t.Error("the stages given were changed")
	}
	circle := []Stage{{Platform: "a", Descriptor: Descriptor{Files: []string{"x-b-unsigned.zip"}}}, {Platform: "b", Descriptor: Descriptor{Files: []string{"x-a-unsigned.zip"}}}}
	if _, err := Order(circle); err == nil {
		t.Error("a circle is put in order")
	}
}

func TestMatchOutput(t *testing.T) {
	out := sigs.Manifest{{Path: "bitcoin-0.15.2-win-unsigned.tar.gz"}, {Path: "bitcoin-0.15.2-win32-setup-unsigned.exe"}, {Path: "src/bitcoin-0.15.2.tar.gz"}}
	for input, want := range map[string]string{
		"bitcoin-win-unsigned.tar.gz": "bitcoin-0.15.2-win-unsigned.tar.gz",
		"src/bitcoin-0.15.2.tar.gz":   "src/bitcoin-0.15.2.tar.gz",
		"bitcoin-osx-unsigned.tar.gz": "", "MacOSX10.11.sdk.tar.gz": "",
	} {
		e, err := MatchOutput(input, out)
		if e.Path != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", input, e.Path, err, want)
		}
	}
	if _, err := MatchOutput("a-win-unsigned.zip", sigs.Manifest{{Path: "a-1-win-unsigned.zip"}, {Path: "a-2-win-unsigned.zip"}}); err == nil {
		t.Error("one of two is chosen")
	}
}
