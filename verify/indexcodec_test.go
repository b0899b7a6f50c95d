package verify

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs"
)

// filled is an index of a few observations with everything in them.
func filled() *Index {
	x := &Index{}
	for i := range 5 {
		base := sigs.Base{Name: "bionic-amd64"}
		for p := range 4 {
			base.Entries = append(base.Entries, sigs.Entry{Path: fmt.Sprintf("p%d_1.%d_amd64.deb", p, i/2), Digest: sigs.Digest{byte(p), byte(i / 2)}})
		}
		x.Add(Observation{
			Directory: sigs.Directory{Path: "1.0-linux", Release: "1.0-linux", Version: "1.0", Platform: "linux", Layout: sigs.GitianLayout, Descriptor: i == 4},
			Path:      fmt.Sprintf("1.0-linux/s%d/x.assert", i), Signer: fmt.Sprintf("s%d", i), Name: "x-build", Sum: sigs.Digest{9, byte(i)},
			Blob: fmt.Sprintf("%040d", i), Commit: fmt.Sprintf("%040d", i+10), Time: time.Unix(1e9+int64(i), 0), Until: time.Unix(int64(i%2)*(1e9+50), 0),
			Assertion: sigs.Assertion{Name: "x-1.0", Release: "1.0-linux", Out: sigs.Manifest{{Path: "a", Digest: sigs.Digest{1}}, {Path: "b", Digest: sigs.Digest{2, byte(i)}}},
				In: sigs.Manifest{{Path: "x-desc.yml", Digest: sigs.Digest{3}}}, Commits: []sigs.Commit{{Dir: "x", Hash: fmt.Sprintf("%040d", 7)}}, Bases: []sigs.Base{base}},
		})
	}
	x.Add(Observation{Path: "1.0-linux/bad/x.assert", Unparsed: "not YAML", Sum: sigs.Digest{8}})
	return x
}

func encoded(t testing.TB, x *Index) []byte {
	t.Helper()
	data, err := x.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestIndexEncoding(t *testing.T) {
	for name, x := range map[string]*Index{"filled": filled(), "empty": {}} {
		data := encoded(t, x)
		var y Index
		if err := y.UnmarshalBinary(data); err != nil {
			t.Fatalf("%s: UnmarshalBinary: got error %v, want none", name, err)
		}
		if !bytes.Equal(encoded(t, &y), data) || y.Len() != x.Len() {
			t.Errorf("%s: encoded again it is another index", name)
		}
		if x.Len() > 0 && !reflect.DeepEqual(y.records, x.records) {
			t.Errorf("%s: got records %v, want %v", name, y.records, x.records)
		}
		for _, part := range [][]byte{nil, data[:len(data)-1], append(bytes.Clone(data), 0), append([]byte{indexEncoding + 1}, data[1:]...)} {
			y := *filled()
			if err := (&y).UnmarshalBinary(part); !errors.Is(err, ErrIndexEncoding) || y.Len() != 0 {
				t.Errorf("%s: %d bytes: got %d observations, error %v, want none and %v", name, len(part), y.Len(), err, ErrIndexEncoding)
			}
		}
	}
}

// An index that was decoded takes new observations as one that never was encoded does.
func TestIndexGrowsAfterDecoding(t *testing.T) {
	x := filled()
	var y Index
	if err := y.UnmarshalBinary(encoded(t, x)); err != nil {
		t.Fatal(err)
	}
	more := Observation{Path: "1.0-linux/s9/x.assert", Signer: "s9", Sum: sigs.Digest{7}, Assertion: sigs.Assertion{Out: sigs.Manifest{{Path: "a", Digest: sigs.Digest{1}}}}}
	for _, z := range []*Index{x, &y} {
		z.Add(more)
		z.Replace("1.0-linux/s0/x.assert", sigs.Digest{9, 0}, time.Unix(2e9, 0))
	}
	if !bytes.Equal(encoded(t, x), encoded(t, &y)) {
		t.Error("a decoded index and the original differ after the same addition")
	}
}

// FuzzIndex decodes anything: what is no index is refused, and what is one can be asked and encoded again.
func FuzzIndex(f *testing.F) {
	data := encoded(f, filled())
	f.Add(data)
	f.Add(encoded(f, &Index{}))
	for i := range data {
		if i%7 == 0 {
			changed := bytes.Clone(data)
			changed[i] ^= 1 << (i % 8)
			f.Add(changed)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var x Index
		if err := x.UnmarshalBinary(data); err != nil {
			if x.Len() != 0 {
				t.Fatalf("%d observations together with the error %v", x.Len(), err)
			}
			return
		}
		again := encoded(t, &x)
		var y Index
		if err := y.UnmarshalBinary(again); err != nil {
			t.Fatalf("what was decoded and encoded again is refused: %v", err)
		}
		if !bytes.Equal(encoded(t, &y), again) {
			t.Fatal("encoded twice, it is not the same")
		}
		a, b := Observation{Path: "p", Signer: "a", Assertion: sigs.Assertion{Out: sigs.Manifest{{Path: "a", Digest: sigs.Digest{1}}}}},
			Observation{Path: "q", Signer: "b", Assertion: sigs.Assertion{Out: sigs.Manifest{{Path: "a", Digest: sigs.Digest{2}}}}}
		ExplainGroups([][]Observation{{a}, {b}}, &x)
	})
}
