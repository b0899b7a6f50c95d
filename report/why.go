package report

import (
	"fmt"
	"path"
	"slices"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// why writes in a few lines why the signers of a disputed platform differ: the most likely cause, and where to read more.
func (w *writer) why(d Document, platform string) {
	p := explainedOf(d, platform)
	if p == nil || len(p.Splits) == 0 {
		return
	}
	pair := p.Splits[0].Pairs[0]
	w.line("    why    %s", w.wrap(fmt.Sprintf("%s: most likely %s, %s", w.against(p.Splits[0], pair), Quote(pair.Causes[0].Title), confidence(pair.Causes[0])), 11))
	if text := leading(pair, pair.A, pair.B); text != "" {
		w.line("           %s", w.wrap(text, 11))
	}
	if argument := explainArgument(d, *p); argument != "" {
		w.line("    more   gverify explain %s", argument)
	}
}

// explainedOf returns the explanation of a platform, nil where there is none.
func explainedOf(d Document, platform string) *ExplainedPlatform {
	if d.Explanation == nil {
		return nil
	}
	for i := range d.Explanation.Platforms {
		if p := &d.Explanation.Platforms[i]; p.Platform == platform {
			return p
		}
	}
	return nil
}

// leading is the strongest evidence of a pair's first cause; a and b are what the two sides are called.
func leading(p ExplainedPair, a, b string) string {
	e := p.Causes[0].Evidence[0]
	if e.Kind != string(verify.PackageEvidence) {
		return about(e) + Quote(e.Text)
	}
	others := ""
	if n := len(p.Causes[0].Evidence) - 1; n > 0 {
		others = fmt.Sprintf(", and %s", count(n, "other update"))
	}
	return fmt.Sprintf("%s: %s %s, %s %s%s", cell(e.Factor, 40), a, versions(e.A), b, versions(e.B), others)
}

// explainArgument is what gverify explain takes to tell more about a platform; empty for the demonstration, which it cannot read.
func explainArgument(d Document, p ExplainedPlatform) string {
	argument := Quote(path.Base(p.Release))
	if version, platform, ok := sigs.SplitRelease(path.Base(p.Release)); !ok || !sigs.SameVersion(version, d.Version) || platform != p.Platform {
		argument = Quote(d.Version) + " --platform " + Quote(p.Platform)
	}
	for _, name := range d.OwnBuilds {
		argument += " --manifest " + Quote(name)
	}
	switch d.Project.Name {
	case "demo":
		return ""
	case "", "bitcoin":
		return argument
	}
	return argument + " --project " + Quote(d.Project.Name)
}

// whyOwn writes in a few lines why the user's own build differs, or what turned out not to matter where it matches.
func (w *writer) whyOwn(d Document, platform string) {
	p := explainedOf(d, platform)
	if p == nil {
		return
	}
	for _, s := range p.Subjects {
		if !s.Subject.Own {
			continue
		}
		if len(s.Splits) == 0 {
			if len(s.Harmless) > 0 {
				names := each(s.Harmless, func(e Evidence) string { return cell(e.Factor, 40) })
				w.line("     harmless: no other builder had your %s; it did not matter", firstOf(names, 4))
			}
			continue
		}
		pair := s.Splits[0].Pairs[0]
		first := pair.Causes[0]
		w.line("     why  %s", w.wrap(fmt.Sprintf("most likely %s, %s", Quote(first.Title), confidence(first)), 10))
		if text := leading(pair, "theirs", "yours"); text != "" {
			w.line("          %s", w.wrap(text, 10))
		}
		if len(first.Advice) > 0 {
			do := first.Advice[0]
			if slices.Contains(do.To, yourBuild) {
				do.To = nil
			}
			w.line("     do   %s", w.wrap((&explainer{writer: w}).advice(do), 10))
		}
		if argument := explainArgument(d, *p); argument != "" {
			w.line("     more gverify explain %s", argument)
		}
	}
}
