package projects_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/projects"
)

func load(t *testing.T, config string) *projects.Set {
	t.Helper()
	s, err := projects.Load([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func find(t *testing.T, s *projects.Set, name string) projects.Project {
	t.Helper()
	p, ok := s.Find(name)
	if !ok {
		t.Fatalf("no project %s", name)
	}
	return p
}

// Versions at the borders of ranges: which repository covers them, what they owe.
func TestDue(t *testing.T) {
	s := load(t, "")
	for _, c := range []struct{ project, version, repository, due string }{
		{"bitcoin", "0.4.6", "gitian.sigs", " win32"},
		{"bitcoin", "0.8.6", "gitian.sigs", " win32"},
		{"bitcoin", "0.8.7rc1", "gitian.sigs", ""},
		{"bitcoin", "0.9.0", "gitian.sigs", " win"},
		{"bitcoin", "0.9.2rc1", "gitian.sigs", " osx win"},
		{"bitcoin", "0.9.5", "gitian.sigs", " osx win"},
		{"bitcoin", "0.10rc1", "gitian.sigs", "linux osx-unsigned win"},
		{"bitcoin", "0.10.0", "gitian.sigs", "linux osx-signed osx-unsigned win"},
		{"bitcoin", "0.11.0rc2", "gitian.sigs", "linux osx-unsigned win"},
		{"bitcoin", "0.11.0rc3", "gitian.sigs", "linux osx-unsigned win-unsigned"},
		{"bitcoin", "0.11.0", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"bitcoin", "0.15.2", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"bitcoin", "v0.15.2", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"bitcoin", "0.15.2rc1", "gitian.sigs", "linux osx-unsigned win-unsigned"},
		{"bitcoin", "0.21.2", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"bitcoin", "22.0rc1", "guix.sigs", "noncodesigned"},
		{"bitcoin", "22.0", "guix.sigs", "all noncodesigned"},
		{"bitcoin", "99.9", "guix.sigs", "all noncodesigned"},
		{"monero", "0.14.1.0", "gitian.sigs", "linux osx win"},
		{"monero", "0.15.0.0", "gitian.sigs", "android linux osx win"},
		{"monero", "v0.18.4.0", "gitian.sigs", "android freebsd linux osx win"},
		{"dash", "0.12.0.56", "gitian.sigs", "linux osx-unsigned win"},
		{"dash", "0.12.3.4", "gitian.sigs", "linux osx-unsigned win-unsigned"},
		{"dash", "0.13.3.0", "gitian.sigs", "linux osx-signed osx-unsigned win-unsigned"},
		{"dash", "0.14.0.3", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"dash", "19.3.0", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"dash", "20.0.0-rc.1", "guix.sigs", "noncodesigned"},
		{"dash", "23.0.0", "guix.sigs", "all noncodesigned"},
		{"litecoin", "0.8.7.5", "gitian.sigs.ltc", " win32"},
		{"litecoin", "0.10.1.2", "gitian.sigs.ltc", "linux osx-unsigned win"},
		{"litecoin", "0.21.4", "gitian.sigs.ltc", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"zcash", "6.3.0", "gitian.sigs", ""},
		{"bitcore", "0.15.2", "gitian.sigs", ""},
	} {
		p := find(t, s, c.project)
		r, ok := p.RepositoryFor(c.version)
		if !ok || !strings.HasSuffix(r.URL, "/"+c.repository) {
			t.Errorf("%s %s: repository %q, want %s", c.project, c.version, r.URL, c.repository)
		}
		if got := strings.Join(p.Due(c.version), " "); got != c.due {
			t.Errorf("%s %s: due %q, want %q", c.project, c.version, got, c.due)
		}
	}
	if r, ok := find(t, s, "monero").RepositoryFor("0.4"); ok {
		t.Errorf("monero 0.4 is in %s", r.URL)
	}
	if due := find(t, s, "monero").Due("0.4"); due != nil {
		t.Errorf("monero 0.4 owes %q", due)
	}
}

// Where a project moved from one repository to another, no version falls between the two.
func TestRangesFollowEachOther(t *testing.T) {
	s := load(t, "")
	moved := 0
	for _, name := range s.Names() {
		list := find(t, s, name).Repositories
		for i := 1; i < len(list); i++ {
			moved++
			if list[i-1].Until != list[i].From {
				t.Errorf("%s: %s ends before %s, %s begins at %s", name, list[i-1].URL, list[i-1].Until, list[i].URL, list[i].From)
			}
		}
	}
	if moved != 2 {
		t.Errorf("%d moves, want those of bitcoin and dash", moved)
	}
}

func TestKnowing(t *testing.T) {
	s := load(t, "projects: {own: {repositories: [{url: x, from: '1.0', newest: '2.0'}]}}")
	for version, want := range map[string]string{
		"0.15.2":    "bitcoin bitcore dash litecoin monero",
		"0.9.0":     "bitcoin litecoin",
		"1.5":       "bitcore dash own zcash",
		"2.0rc1":    "dash own zcash",
		"2.1":       "dash zcash",
		"22.1":      "bitcoin dash",
		"29.0":      "bitcoin",
		"0.21.99":   "bitcore dash",
		"31.1":      "bitcoin",
		"31.1rc1":   "bitcoin",
		"32.0":      "",
		"nonsense":  "",
		"0.18.5.1":  "bitcoin bitcore dash litecoin monero",
		"v0.18.4.0": "bitcoin bitcore dash litecoin monero",
	} {
		if got := strings.Join(s.Knowing(version), " "); got != want {
			t.Errorf("Knowing(%s) = %s, want %s", version, got, want)
		}
	}
}

// What every preset must hold, whatever it is about.
func TestPresetsAreComplete(t *testing.T) {
	s := load(t, "")
	if got, want := strings.Join(s.Names(), " "), "bitcoin bitcore dash litecoin monero zcash"; got != want {
		t.Errorf("projects %s, want %s", got, want)
	}
	hex := regexp.MustCompile(`^[0-9A-F]{40}$`)
	for _, name := range s.Names() {
		p := find(t, s, name)
		if p.Title == "" || !strings.HasPrefix(p.Source, "https://") || !strings.Contains(p.Tag, "{version}") || p.Threshold != projects.DefaultThreshold {
			t.Errorf("%s: title %q, source %q, tag %q, threshold %d", name, p.Title, p.Source, p.Tag, p.Threshold)
		}
		for _, r := range p.Repositories {
			if !strings.HasPrefix(r.URL, "https://") || r.Layout == "" {
				t.Errorf("%s: repository %q with layout %q", name, r.URL, r.Layout)
			}
			if len(p.Pins) > 0 && len(r.Keys) == 0 {
				t.Errorf("%s: people are pinned, but nothing says where their keys are", name)
			}
		}
		seen := map[string]string{}
		for _, pin := range p.Pins {
			if len(pin.Published) == 0 {
				t.Errorf("%s: %s: nothing says where the fingerprint was published", name, pin.Name)
			}
			for _, f := range pin.Fingerprints {
				if !hex.MatchString(f) || seen[f] != "" {
					t.Errorf("%s: %s: fingerprint %q (also of %q)", name, pin.Name, f, seen[f])
				}
				seen[f] = pin.Name
			}
		}
	}
	for name, want := range map[string]int{"bitcoin": 73, "monero": 34, "dash": 11, "litecoin": 0, "zcash": 0, "bitcore": 0} {
		if got := len(find(t, s, name).Pins); got != want {
			t.Errorf("%s: %d people are pinned, want %d", name, got, want)
		}
	}
}

// A person whom the project published under several names or keys is pinned once: two voices of one person would be a forged
// consensus.
func TestOnePersonIsOnePin(t *testing.T) {
	s := load(t, "")
	for _, c := range []struct {
		project, name string
		keys          int
		aliases       []string
	}{
		{"bitcoin", "marco", 1, []string{"MarcoFalke", "E50FE137"}},
		{"bitcoin", "Emzy", 2, []string{"emzy"}},
		{"bitcoin", "luke-jr", 2, nil},
		{"bitcoin", "sipa", 2, nil},
		{"bitcoin", "TheCharlatan", 1, []string{"sedited"}},
		{"bitcoin", "vertiond", 1, []string{"vertion"}},
		{"monero", "sethforprivacy", 1, []string{"sethsimmons"}},
		{"monero", "MoneroArbo", 4, []string{"MoneroArbo_v0.17.1.6", "MoneroArbo_v0.17.2.3", "MoneroArbo_v0.17.3.0"}},
		{"monero", "hinto-janaiyo", 2, []string{"hinto-janaiyo_old"}},
		{"dash", "udjinm6", 1, []string{"UdjinM6"}},
	} {
		p := find(t, s, c.project)
		i := slices.IndexFunc(p.Pins, func(pin projects.Pin) bool { return pin.Name == c.name })
		if i < 0 {
			t.Errorf("%s: %s is not pinned", c.project, c.name)
			continue
		}
		if pin := p.Pins[i]; len(pin.Fingerprints) != c.keys || !slices.Equal(pin.Aliases, c.aliases) {
			t.Errorf("%s: %s has %d keys and is also called %q, want %d and %q", c.project, c.name, len(pin.Fingerprints), pin.Aliases, c.keys, c.aliases)
		}
	}
}
