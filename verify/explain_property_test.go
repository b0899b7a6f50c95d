package verify_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/deb"
)

// signedSets are made-up sets of assertions of one release; TestRealReleases holds real ones to the same.
func signedSets(t *testing.T) [][]verify.Observation {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	rounds := 60
	if raceEnabled || testing.Short() {
		rounds = 10
	}
	var out [][]verify.Observation
	for range rounds {
		out = append(out, generated(random))
	}
	return out
}

// generated makes up a release: a few groups of signers, whose packages, inputs and caches differ within and between them.
func generated(random *rand.Rand) []verify.Observation {
	packages := []string{"gcc-8", "g++-8", "cpp-8", "binutils", "libc6", "libc6-dev", "tar", "gzip", "python3", "git", "apt", "tzdata", "libpng-dev", "bash", "gcc-8-arm-linux-gnueabihf"}
	groups := 1 + random.IntN(4)
	when := time.Date(2019, 5, 1, 0, 0, 0, 0, time.UTC)
	var out []verify.Observation
	for g := range groups {
		for m := range 1 + random.IntN(4) {
			signer := fmt.Sprintf("signer%d%d", g, m)
			o := verify.Observation{
				Directory: sigs.Directory{Path: "1.0-linux", Release: "1.0-linux", Version: "1.0", Platform: "linux", Layout: sigs.GitianLayout},
				Path:      "1.0-linux/" + signer + "/prog-linux-1.0-build.assert", Signer: signer, Name: "prog-linux-1.0-build",
				Sum: sha256.Sum256([]byte(signer)), Time: when.Add(time.Duration(random.IntN(1000)) * time.Hour), Verified: random.IntN(2) == 0,
			}
			a := &o.Assertion
			a.Format, a.Release, a.Name = sigs.GitianFormat, "1.0-linux", "prog-linux-1.0"
			split := random.IntN(2) == 0 && g > 1
			for i, name := range []string{"prog-1.0-arm-linux-gnueabihf.tar.gz", "prog-1.0-x86_64-linux-gnu.tar.gz", "src/prog-1.0.tar.gz"} {
				as := g
				if i == 2 || i == 1 && split {
					as = 0 // the source agrees
				}
				a.Out = append(a.Out, entry(name, fmt.Sprint("out", i, as)))
			}
			a.In = sigs.Manifest{entry("prog-linux-1.0-desc.yml", pick(random, "d", 20, 2)), entry("sdk.tar.gz", pick(random, "i", 3, 3))}
			a.Commits = []sigs.Commit{{Dir: "prog", Hash: fmt.Sprintf("%040x", random.IntN(20)/19)}}
			base := sigs.Base{Name: "bionic-amd64"}
			for _, p := range packages {
				if random.IntN(12) == 0 {
					continue
				}
				v := fmt.Sprintf("8.%d-1", (g*random.IntN(2))+random.IntN(8)/7)
				base.Entries = append(base.Entries, entry(p+"_"+v+"_amd64.deb", p+v))
				if random.IntN(5) == 0 { // superseded, left behind by apt
					base.Entries = append(base.Entries, entry(p+"_7.0-1_amd64.deb", p+"7"))
				}
			}
			if random.IntN(4) == 0 {
				for i := range 30 {
					base.Entries = append(base.Entries, entry(fmt.Sprintf("libextra%d-dev_1_amd64.deb", i), "extra"))
				}
			}
			slices.SortFunc(base.Entries, func(x, y sigs.Entry) int { return strings.Compare(x.Path, y.Path) })
			if random.IntN(10) > 0 {
				a.Bases = []sigs.Base{base}
			}
			for _, d := range []string{"boost", "qt", "zlib"} {
				a.CachePackage = append(a.CachePackage, entry("x86_64-linux-gnu/"+d+"/"+d+"-1-0123456789a.tar.gz", fmt.Sprint(d, g*random.IntN(2))))
			}
			out = append(out, o)
		}
	}
	return out
}

func entry(path, content string) sigs.Entry {
	return sigs.Entry{Path: path, Digest: sha256.Sum256([]byte(content))}
}

// pick is the first of n values but for one time in odds.
func pick(random *rand.Rand, name string, odds, n int) string {
	if random.IntN(odds) > 0 {
		return name
	}
	return fmt.Sprint(name, random.IntN(n))
}

func explain(members []verify.Observation, x *verify.Index) verify.PlatformExplanation {
	return verify.ExplainGroups([][]verify.Observation{members}, x)
}

func indexOf(members []verify.Observation) *verify.Index {
	x := &verify.Index{}
	for _, o := range members {
		x.Add(o)
	}
	return x
}

// TestOrderOfSigners makes sure that neither the order of assertions nor that of an index changes anything at all.
func TestOrderOfSigners(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	splits := 0
	for _, members := range signedSets(t) {
		want := explain(members, indexOf(members))
		splits += len(want.Splits)
		for range 3 {
			shuffled := slices.Concat(members, members[:1])
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			x := indexOf(shuffled)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if got := explain(shuffled, x); !reflect.DeepEqual(want, got) { // cmp is slow on so much
				t.Fatalf("in another order (-want +got):\n%.3000s", cmp.Diff(want, got))
			}
		}
	}
	if splits == 0 {
		t.Fatal("nobody disagreed")
	}
}

// TestRenamedSigners gives every signer another name, of another order: only the names may change.
func TestRenamedSigners(t *testing.T) {
	for n, members := range signedSets(t) {
		names := map[string]string{}
		var renamed []verify.Observation
		for i, o := range members {
			name := fmt.Sprintf("%c-%d", 'z'-i%20, (i*7+n)%10)
			names[name] = o.Signer
			o.Path = strings.Replace(o.Path, o.Signer, name, 1)
			o.Signer = name
			renamed = append(renamed, o)
		}
		want := summary(explain(members, indexOf(members)), func(s string) string { return s })
		got := summary(explain(renamed, indexOf(renamed)), func(s string) string { return names[s] })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("under other names (-want +got):\n%.3000s", diff)
		}
	}
}

// summary is an explanation without what follows the order of names, with original names put back.
func summary(e verify.PlatformExplanation, original func(string) string) []string {
	names := func(list []string) string {
		var out []string
		for _, s := range list {
			out = append(out, original(s))
		}
		slices.Sort(out)
		return strings.Join(out, ",")
	}
	var out []string
	for _, s := range e.Splits {
		for _, g := range s.Groups {
			out = append(out, fmt.Sprintf("%v group %s %v %t %t %v %v", s.Artifacts, names(g.Signers), g.Digests, g.Earlier, g.Claimed, g.Environment, g.Newest))
		}
		for _, p := range s.Pairs {
			out = append(out, fmt.Sprintf("pair %d %d %d %v %v %t %s %d", p.A, p.B, p.Candidates, p.Same, p.Direction, p.OneToOne, names(p.Resigned), p.Later))
			for _, c := range p.Causes {
				out = append(out, fmt.Sprintf("  %s %d %s %s %t", c.ID, c.Confidence.Percent(), c.Title, names(c.Concerns), c.Claimed))
				for _, v := range c.Evidence {
					factor := v.Factor
					if v.Kind == verify.HistoryEvidence {
						factor = ""
					}
					out = append(out, fmt.Sprintf("    %s %s %s %v %v %v %s %.6f", v.Kind, factor, v.Suite, v.A, v.B, v.Names, v.Doubt, v.Weight))
				}
				for _, a := range c.Advice {
					out = append(out, fmt.Sprintf("    %s %s %s", a.Remedy, names(a.To), original(a.Like)))
				}
			}
			for _, x := range p.Exonerated {
				out = append(out, fmt.Sprintf("  not %s %s %v %s", x.Kind, x.Suite, x.Names, names(x.By)))
			}
		}
	}
	for _, o := range e.Oddities {
		out = append(out, fmt.Sprintf("odd %s %s", original(e.Members[o.Member].Signer), o.Cause.ID))
	}
	slices.Sort(out)
	return out
}

// TestAddedAgreement adds a signer who agrees with a group in everything, whatever his packages: no package that was exonerated
// may be named for the same two groups.
func TestAddedAgreement(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	checked := 0
	for _, members := range signedSets(t) {
		before := explain(members, nil)
		like, other := members[random.IntN(len(members))], generated(random)
		added := other[random.IntN(len(other))]
		added.Signer, added.Path, added.Sum = "newcomer", "1.0-linux/newcomer/prog-linux-1.0-build.assert", sha256.Sum256([]byte("newcomer"))
		added.Assertion.Out, added.Directory = like.Assertion.Out, like.Directory
		after := map[string]map[string]bool{}
		forPairs(explain(append(slices.Clone(members), added), nil), func(key string, p verify.Pair) { after[key] = named(p) })
		forPairs(before, func(key string, p verify.Pair) {
			guilty, ok := after[key]
			if !ok {
				return // the newcomer's group is the first now, and this pair is not compared any more
			}
			for _, x := range p.Exonerated {
				for _, name := range x.Names {
					checked++
					if x.Kind == verify.PackageEvidence && guilty[x.Suite+" "+name] {
						t.Errorf("%s: %s was exonerated and is named once somebody more agrees", key, name)
					}
				}
			}
		})
	}
	if checked == 0 {
		t.Fatal("nothing was exonerated")
	}
}

// forPairs calls f for every artifact and pair of digests, in an order of the digests that does not depend on who is A.
func forPairs(e verify.PlatformExplanation, f func(key string, p verify.Pair)) {
	for _, s := range e.Splits {
		for _, p := range s.Pairs {
			for i, artifact := range s.Artifacts {
				digests := []string{s.Groups[p.A].Digests[i], s.Groups[p.B].Digests[i]}
				f(artifact+" "+digests[0]+" "+digests[1], p)
				f(artifact+" "+digests[1]+" "+digests[0], p)
			}
		}
	}
}

// named returns the packages that a pair's causes name, with their suites.
func named(p verify.Pair) map[string]bool {
	out := map[string]bool{}
	for _, c := range p.Causes {
		for _, v := range c.Evidence {
			switch v.Kind {
			case verify.PackageEvidence, verify.ExtraEvidence, verify.MissingEvidence:
				for _, name := range v.Names {
					out[v.Suite+" "+name] = true
				}
			}
		}
	}
	return out
}

// TestEqualPackages makes sure, by counting versions anew, that no cause names a package of which both groups have a version in
// common, and that nothing is said of an artifact on which all agree.
func TestEqualPackages(t *testing.T) {
	checked := 0
	for _, members := range signedSets(t) {
		e := explain(members, indexOf(members))
		n, err := equalPackages(e)
		if err != nil {
			t.Fatal(err)
		}
		checked += n
	}
	if checked == 0 {
		t.Fatal("no package was named")
	}
}

// equalPackages checks every package named in an explanation and returns how many there were.
func equalPackages(e verify.PlatformExplanation) (checked int, err error) {
	for _, s := range e.Splits {
		for i, artifact := range s.Artifacts {
			if slices.Contains(e.Agreed, artifact) {
				return checked, fmt.Errorf("%s is explained though all agree on it", artifact)
			}
			for a, g := range s.Groups {
				for b, h := range s.Groups {
					if a != b && g.Digests[i] == h.Digests[i] {
						return checked, fmt.Errorf("groups %d and %d of %s have the same bytes", a, b, artifact)
					}
				}
			}
		}
		for _, p := range s.Pairs {
			for key := range named(p) {
				suite, name, _ := strings.Cut(key, " ")
				a := versionsIn(e.Members, s.Groups[p.A].Members, suite, name)
				b := versionsIn(e.Members, s.Groups[p.B].Members, suite, name)
				checked++
				for v := range a {
					if b[v] {
						return checked, fmt.Errorf("%s of %s is named for %v, but both groups have %q", name, suite, s.Artifacts, v)
					}
				}
			}
		}
	}
	return checked, nil
}

// versionsIn returns the versions with digests that members have of a package, the highest one each; "" is absent.
func versionsIn(members []verify.Observation, indexes []int, suite, name string) map[string]bool {
	out := map[string]bool{}
	for _, i := range indexes {
		for _, base := range members[i].Assertion.Bases {
			packages := 0
			best, value := "", ""
			for _, e := range base.Entries {
				f, ok := deb.ParseFile(e.Path)
				if !ok {
					continue
				}
				packages++
				key := f.Name
				if f.Arch != "all" && !strings.HasSuffix(suite, "-"+f.Arch) {
					key += ":" + f.Arch
				}
				if key == name && (best == "" || deb.Compare(f.Version, best) > 0) {
					best, value = f.Version, f.Version+" "+e.Digest.String()
				}
			}
			if base.Name == suite && packages > 0 {
				out[value] = true
			}
		}
	}
	return out
}

// TestOneAgainstOne makes sure that a pair of single signers says so, and that its causes are not called certain.
func TestOneAgainstOne(t *testing.T) {
	seen := 0
	for _, members := range signedSets(t) {
		e := explain(members, nil)
		for _, s := range e.Splits {
			for _, p := range s.Pairs {
				alone := len(s.Groups[p.A].Signers) == 1 && len(s.Groups[p.B].Signers) == 1
				if p.OneToOne != alone {
					t.Fatalf("%v against %v: one to one is %t", s.Groups[p.A].Signers, s.Groups[p.B].Signers, p.OneToOne)
				}
				for _, c := range p.Causes {
					if alone && c.ID == verify.PackageDrift && c.Confidence > 0.85 {
						t.Errorf("one against one, and %s is sure by %d %%", c.ID, c.Confidence.Percent())
					}
					if (c.ID == verify.Undetermined || c.ID == verify.Nondeterminism) && c.Confidence > 0.55 {
						t.Errorf("%s is sure by %d %%", c.ID, c.Confidence.Percent())
					}
					if len(c.Evidence) == 0 || len(c.Advice) == 0 || c.Title == "" || len(c.Concerns) == 0 {
						t.Errorf("%s lacks evidence, advice, a title or whom it concerns: %+v", c.ID, c)
					}
				}
				if alone {
					seen++
				}
			}
		}
	}
	if seen == 0 {
		t.Fatal("nobody stood against one other alone")
	}
}
