package score

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gverify/gverify/verify"
)

// Ranked is one cause of a case with its confidence, the mean over the groups that deviate.
type Ranked struct {
	ID         verify.CauseID
	Confidence verify.Confidence
	Title      string
}

// Result is how an explanation fares at a case.
type Result struct {
	Case       Case
	Ranking    []Ranked // most likely first
	Rank       int      // of the first acceptable cause, from 1; 0: it is not there
	Candidates int      // recorded differences that could be the cause, the most of the pairs
}

// First reports whether the most likely cause is right.
func (r Result) First() bool { return r.Rank == 1 }

// AmongThree reports whether one of the three most likely causes is right.
func (r Result) AmongThree() bool { return 1 <= r.Rank && r.Rank <= 3 }

// Of compares an explanation of a case's assertions with its label. What counts are the causes of the pairs and oddities that a
// deviating assertion has a part in, in conflicts only of the case's artifacts.
func Of(c Case, e verify.PlatformExplanation) Result {
	r := Result{Case: c}
	sums, pairs := map[verify.CauseID]float64{}, 0
	titles := map[verify.CauseID]string{}
	for _, s := range e.Splits {
		if len(c.Clusters) > 0 && !overlap(s.Artifacts, c.Artifacts) {
			continue
		}
		for _, p := range s.Pairs {
			if c.deviatesIn(e, s.Groups[p.A]) == c.deviatesIn(e, s.Groups[p.B]) {
				continue
			}
			pairs++
			r.Candidates = max(r.Candidates, p.Candidates)
			for _, cause := range p.Causes {
				sums[cause.ID] += float64(cause.Confidence)
				titles[cause.ID] = cmp.Or(titles[cause.ID], cause.Title)
			}
		}
	}
	for id := range sums {
		sums[id] /= float64(pairs)
	}
	for _, o := range e.Oddities {
		if c.deviates(e.Members[o.Member]) {
			sums[o.Cause.ID] = max(sums[o.Cause.ID], float64(o.Cause.Confidence))
			titles[o.Cause.ID] = o.Cause.Title
		}
	}
	for id, sum := range sums {
		r.Ranking = append(r.Ranking, Ranked{id, verify.Confidence(sum), titles[id]})
	}
	slices.SortFunc(r.Ranking, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), strings.Compare(string(a.ID), string(b.ID)))
	})
	r.Rank = 1 + slices.IndexFunc(r.Ranking, func(k Ranked) bool { return c.accepts(k.ID) })
	return r
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// deviatesIn reports whether most members of a group deviate.
func (c Case) deviatesIn(e verify.PlatformExplanation, g verify.SplitGroup) bool {
	n := 0
	for _, i := range g.Members {
		if c.deviates(e.Members[i]) {
			n++
		}
	}
	return 2*n > len(g.Members)
}

// Totals are the results of many cases.
type Totals struct {
	Cases, First, AmongThree int
	Calibration              []Band
}

// Band is the cases whose first cause has a confidence within bounds.
type Band struct {
	From, To   int // percent; To is not within, but 100 is
	Cases      int
	Right      int
	Confidence float64 // the mean of their confidences
}

// bands are the bounds between bands, in percent. The words for confidences change at the same numbers.
var bands = []int{0, 30, 60, 80, 95, 101}

// Sum adds results up.
func Sum(results []Result) Totals {
	t := Totals{Cases: len(results)}
	for i := range len(bands) - 1 {
		t.Calibration = append(t.Calibration, Band{From: bands[i], To: bands[i+1]})
	}
	for _, r := range results {
		if r.First() {
			t.First++
		}
		if r.AmongThree() {
			t.AmongThree++
		}
		if len(r.Ranking) == 0 {
			continue
		}
		p := r.Ranking[0].Confidence.Percent()
		for i := range t.Calibration {
			if b := &t.Calibration[i]; b.From <= p && p < b.To {
				b.Cases++
				b.Confidence += float64(r.Ranking[0].Confidence)
				if r.First() {
					b.Right++
				}
			}
		}
	}
	for i := range t.Calibration {
		if b := &t.Calibration[i]; b.Cases > 0 {
			b.Confidence /= float64(b.Cases)
		}
	}
	return t
}

// Write prints a line per case, then the totals.
func Write(w io.Writer, results []Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-44s %-4s %-4s %-18s %s\n", "case", "rank", "<=3", "label", "ranking")
	for _, r := range results {
		rank, among := "-", "no"
		if r.Rank > 0 {
			rank = fmt.Sprint(r.Rank)
		}
		if r.AmongThree() {
			among = "yes"
		}
		var ranking []string
		for _, k := range r.Ranking[:min(len(r.Ranking), 4)] {
			ranking = append(ranking, fmt.Sprintf("%s %d%%", k.ID, k.Confidence.Percent()))
		}
		fmt.Fprintf(&b, "%-44s %-4s %-4s %-18s %s\n", r.Case.ID, rank, among, r.Case.Label, strings.Join(ranking, ", "))
		if !r.First() {
			fmt.Fprintf(&b, "    acceptable: %v\n", r.Case.Acceptable)
		}
	}
	t := Sum(results)
	fmt.Fprintf(&b, "\n%d cases: %d at rank 1, %d among the first three\n", t.Cases, t.First, t.AmongThree)
	for _, band := range t.Calibration {
		if band.Cases > 0 {
			fmt.Fprintf(&b, "confidence %3d to %3d %%: %d cases, mean %.0f %%, right %d\n", band.From, min(band.To, 100), band.Cases, 100*band.Confidence, band.Right)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
