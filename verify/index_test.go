package verify_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/verify"
)

// dayOf is a day of a made-up year.
func dayOf(n int) time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// updates is a year in which five packages of different sources get a new version every month, on the day of a release that
// everybody builds at once in a just updated environment.
func updates(upTo int) []build {
	var out []build
	for month := range upTo {
		release := fmt.Sprintf("1.%d-linux", month)
		for _, signer := range []string{"alice", "bob"} {
			b := made(release, signer)
			for _, p := range []string{"apt", "binutils", "gcc-8", "libc6", "tar"} {
				b = b.upgraded(p, fmt.Sprintf("2.%d-1", month))
			}
			b.Time = dayOf(30 * month)
			out = append(out, b)
		}
	}
	return out
}

func packagesOf(versions map[string]int) map[string]string {
	out := map[string]string{}
	for _, p := range []string{"apt", "binutils", "gcc-8", "libc6", "tar"} {
		out[p] = "2.5-1"
	}
	for p, month := range versions {
		out[p] = fmt.Sprintf("2.%d-1", month)
	}
	return out
}

func TestDate(t *testing.T) {
	x := &verify.Index{}
	for _, b := range updates(12) {
		x.Add(b.Observation)
	}
	for _, test := range []struct {
		name          string
		packages      map[string]string
		after, before time.Time
	}{
		{"of one month", packagesOf(nil), dayOf(120), dayOf(180)},
		{"one package held back", packagesOf(map[string]int{"tar": 2}), dayOf(120), dayOf(180)},
		{"one package ahead", packagesOf(map[string]int{"tar": 9}), dayOf(120), dayOf(180)},
		{"the newest", packagesOf(map[string]int{"apt": 11, "binutils": 11, "gcc-8": 11, "libc6": 11, "tar": 11}), dayOf(300), time.Time{}},
		{"unknown versions", map[string]string{"apt": "9-1", "bash": "1"}, time.Time{}, time.Time{}},
	} {
		e := x.Date("bionic-amd64", test.packages)
		if !e.After.Equal(test.after) || !e.Before.Equal(test.before) || e.Mixed {
			t.Errorf("%s: %s to %s, mixed %t; want %s to %s", test.name, e.After, e.Before, e.Mixed, test.after, test.before)
		}
		if !e.After.IsZero() && (e.AfterBy.Package == "" || !e.AfterBy.Seen.Equal(e.After)) || !e.Before.IsZero() && (e.BeforeBy.Successor == "" || !e.BeforeBy.Seen.Equal(e.Before)) {
			t.Errorf("%s: the witnesses are %+v and %+v", test.name, e.AfterBy, e.BeforeBy)
		}
	}
	if e := x.Date("xenial-amd64", packagesOf(nil)); e.Known() {
		t.Errorf("a suite nobody used is dated %+v", e)
	}
}

// TestStaleEnvironments makes sure that a builder who never updates does not make newer versions look younger.
func TestStaleEnvironments(t *testing.T) {
	all := updates(12)
	stale := all[2*2] // of month 2
	stale.Time, stale.Directory.Path = dayOf(290), "1.99-linux"
	stale.Path, stale.Sum = "1.99-linux/carol/prog-build.assert", sha256.Sum256([]byte("stale"))
	x := indexed(append(all, stale))
	month10 := packagesOf(map[string]int{"apt": 10, "binutils": 10, "gcc-8": 10, "libc6": 10, "tar": 10})
	if e := x.Date("bionic-amd64", month10); !e.After.Equal(dayOf(270)) {
		t.Errorf("month 10 begins after %s, want %s", e.After, dayOf(270))
	}
}

// TestMixedEnvironment is dated to no time: three packages are newer than three others can be.
func TestMixedEnvironment(t *testing.T) {
	x := &verify.Index{}
	for _, b := range updates(12) {
		b = b.with("git", "zip")
		for _, p := range []string{"git", "zip"} {
			var month int
			fmt.Sscanf(b.Directory.Version, "1.%d", &month)
			b = b.upgraded(p, fmt.Sprintf("2.%d-1", month))
		}
		x.Add(b.Observation)
	}
	mixed := packagesOf(map[string]int{"apt": 9, "binutils": 9, "gcc-8": 9, "libc6": 2, "tar": 2})
	mixed["git"] = "2.2-1"
	if e := x.Date("bionic-amd64", mixed); !e.Mixed || !e.After.IsZero() || !e.Before.IsZero() {
		t.Errorf("three packages of month 9 and three of month 2 are dated %+v", e)
	}
}

// TestIndexOrder makes sure that an index answers alike whatever the order in which observations came, also twice.
func TestIndexOrder(t *testing.T) {
	all := updates(8)
	random := rand.New(rand.NewPCG(1, 1))
	want := datesOf(indexed(all), all)
	for range 5 {
		again := append(append([]build{}, all...), all[:3]...)
		random.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		x := indexed(again)
		if x.Len() != len(all) {
			t.Fatalf("%d observations, want %d", x.Len(), len(all))
		}
		if diff := cmp.Diff(want, datesOf(x, all)); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
	}
}

func indexed(builds []build) *verify.Index {
	x := &verify.Index{}
	for _, b := range builds {
		x.Add(b.Observation)
	}
	return x
}

func datesOf(x *verify.Index, builds []build) []verify.Environment {
	var out []verify.Environment
	for _, b := range builds {
		out = append(out, x.DateBase(b.Assertion.Bases[0]))
	}
	return out
}

// TestIndexGrows makes sure that an index that was asked before answers for what was added later.
func TestIndexGrows(t *testing.T) {
	all := updates(8)
	x := indexed(all[:8])
	datesOf(x, all[:8])
	for _, b := range all[8:] {
		x.Add(b.Observation)
	}
	if diff := cmp.Diff(datesOf(indexed(all), all), datesOf(x, all)); diff != "" {
		t.Errorf("extended (-want +got):\n%s", diff)
	}
}

// TestReplace notes the end of a content, and its return.
func TestReplace(t *testing.T) {
	b := made("1.0-linux", "alice")
	x := indexed([]build{b})
	x.Replace(b.Path, b.Sum, dayOf(3))
	x.Replace(b.Path, sha256.Sum256([]byte("unknown")), dayOf(3))
	x.Replace("nowhere", b.Sum, dayOf(3))
	if x.Len() != 1 {
		t.Errorf("%d observations", x.Len())
	}
}
