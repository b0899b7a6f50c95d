package repo_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gverify/gverify/sigs/repo"
)

func TestHistoryEncoding(t *testing.T) {
	g := newGrown(t)
	one := g.is("one", "d/a=1 d/b=1")
	left := g.is("left", "d/a=2 d/b=1", one)
	right := g.is("right", "d/b=1 e=9", one)
	g.is("merge", "d/a=2 d/b=1", left, right)
	want := historyOf(t, openAt(t, g.dir), "", nil)
	data, err := want.AppendBinary([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	data = data[len("before"):]
	var got repo.History
	if err := got.UnmarshalBinary(data); err != nil {
		t.Fatalf("UnmarshalBinary: got error %v, want none", err)
	}
	if got.Commit.Hash != want.Commit.Hash || !got.Commit.Time.Equal(want.Commit.Time) || !equalVersions(got.Versions, want.Versions) {
		t.Errorf("decoded: %s", firstDifference(got.Versions, want.Versions))
	}
	for _, part := range [][]byte{nil, data[:len(data)-1], append(bytes.Clone(data), 0), append([]byte{9}, data[1:]...)} {
		if err := got.UnmarshalBinary(part); !errors.Is(err, repo.ErrHistoryEncoding) || len(got.Versions) > 0 {
			t.Errorf("%d bytes: got %d versions, error %v, want none and %v", len(part), len(got.Versions), err, repo.ErrHistoryEncoding)
		}
	}
	broken := *want
	broken.Versions = append(broken.Versions, repo.Version{Path: "x", Blob: "no id"})
	if _, err := broken.AppendBinary(nil); err == nil {
		t.Error("a version without an id was encoded")
	}
}

// FuzzHistory decodes anything; what is a history can be encoded again.
func FuzzHistory(f *testing.F) {
	c := repo.Commit{Hash: "0123456789012345678901234567890123456789", Time: day}
	h := repo.History{Commit: c, Versions: []repo.Version{{Path: "a/b", Blob: c.Hash, Came: c, Gone: c, By: c.Hash}, {Path: "a/c", Blob: c.Hash, Came: c, Stands: true}}}
	data, err := h.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1 << (i % 8)
		f.Add(changed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var h, again repo.History
		if h.UnmarshalBinary(data) != nil {
			return
		}
		encoded, err := h.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(encoded); err != nil || !equalVersions(again.Versions, h.Versions) {
			t.Fatalf("encoded again: %v, %s", err, firstDifference(again.Versions, h.Versions))
		}
	})
}
