package report

import (
	"fmt"
	"time"

	"github.com/gverify/gverify/verify"
)

// ownMatches says that the user's own build matches, and how far it goes: one that holds the source archive alone would match too.
func ownMatches(d Document) string {
	same, counted := 0, 0
	for _, p := range d.Platforms {
		if !p.Asked || p.Own == verify.NotRun {
			continue
		}
		for _, a := range p.Artifacts {
			if a.Counts {
				counted++
				if a.Own == verify.Matches {
					same++
				}
			}
		}
	}
	if same < counted {
		return fmt.Sprintf("Your own build matches in %d of %s and lacks the others.", same, count(counted, "file"))
	}
	return "Your own build matches."
}

// own writes how the user's own build compares, or that there was none.
func (w *writer) own(d Document) {
	if d.Own == verify.NotRun {
		w.line("own build    not run: you trust the signers above. Compare a build of your own with --manifest res.yml")
		return
	}
	for _, p := range d.Platforms {
		if p.Own == verify.NotRun {
			continue
		}
		equal, lacks, differ := 0, 0, []string{}
		for _, a := range p.Artifacts {
			switch a.Own {
			case verify.Matches:
				equal++
			case verify.Differs:
				differ = append(differ, a.Path)
			default:
				if a.Counts {
					lacks++
				}
			}
		}
		missing := ""
		if lacks > 0 {
			missing = fmt.Sprintf("; %s it does not hold", count(lacks, "file"))
		}
		if p.Own == verify.Matches {
			w.line("own: matches %s: %s%s", platformName(p.Name), count(equal, "file"), missing)
		} else {
			w.line("%s %s: %d match, %d differ: %s%s", w.o.paint(red, "own: differs"), platformName(p.Name), equal, len(differ), w.fit(differ, 40), missing)
		}
		w.whyOwn(d, p.Name)
	}
}

// sources writes where evidence, keys and policy came from.
func (w *writer) sources(d Document) {
	at := ""
	if d.Repository.Commit != "" {
		at = fmt.Sprintf(" at %.12s (%s)", Quote(d.Repository.Commit), d.Repository.Time.UTC().Format(time.DateOnly))
	}
	w.line("attestations %s%s", Quote(d.Repository.Location), at)
	for _, k := range d.Keys {
		switch {
		case k.Problem != "":
			w.line("keys         %s: %s", w.o.paint(red, "not read "+Quote(k.Name)), Quote(k.Problem))
		case k.Commit != "":
			w.line("keys         %s at %.12s: %s", Quote(k.Name), Quote(k.Commit), count(k.Files, "file"))
		default:
			w.line("keys         %s: %s", Quote(k.Name), count(k.Files, "file"))
		}
	}
	if len(d.Keys) == 0 {
		w.line("keys         none: give them with --keys")
	}
	w.line("policy       %s: %s; keys judged as of %s", Quote(d.Policy.Origin), trust(d.Policy), d.AsOf.UTC().Format(time.DateOnly))
}

// trust says whose voice counts.
func trust(p Policy) string {
	if p.AnyGiven {
		return fmt.Sprintf("every key you gave counts, %d must agree; nobody vetted these keys", p.Threshold)
	}
	if len(p.Pins) == 0 {
		return "nobody is pinned, so no voice counts"
	}
	return fmt.Sprintf("%d pinned signers, %d must agree", len(p.Pins), p.Threshold)
}
