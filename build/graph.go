package build

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// Stage is one descriptor of a release. Stages form a graph: a signed platform takes the unsigned build's output as a file.
type Stage struct {
	Platform   string // "win-unsigned", as the project calls it
	Path       string // of the descriptor in the source
	Descriptor Descriptor
	From       map[string]string // by input file: the platform of the stage it comes out of
}

// unsignedMark stands in the names of files that a signing stage takes from another build.
const unsignedMark = "-unsigned."

// Order links stages by the files one takes from another, and puts every stage behind those it needs. Stages that need each
// other are an error. A file that no stage given makes is left to the user.
func Order(stages []Stage) ([]Stage, error) {
	linked := slices.Clone(stages)
	for i, s := range linked {
		linked[i].From = map[string]string{}
		for _, file := range s.Descriptor.Files {
			if maker, ok := makerOf(file, s.Platform, stages); ok {
				linked[i].From[file] = maker
			}
		}
	}
	var out []Stage
	for len(linked) > 0 {
		i := slices.IndexFunc(linked, func(s Stage) bool {
			return !slices.ContainsFunc(slices.Collect(maps.Values(s.From)), func(maker string) bool {
				return slices.ContainsFunc(linked, func(o Stage) bool { return o.Platform == maker })
			})
		})
		if i < 0 {
			return nil, fmt.Errorf("%s and others need each other's output", linked[0].Platform)
		}
		out = append(out, linked[i])
		linked = slices.Delete(linked, i, i+1)
	}
	return out, nil
}

// makerOf finds the stage that makes a file: "bitcoin-win-unsigned.tar.gz" comes from "win-unsigned", or from "win" where the
// project calls it that.
func makerOf(file, platform string, stages []Stage) (string, bool) {
	stem, _, ok := strings.Cut(file, unsignedMark)
	if !ok {
		return "", false
	}
	for _, s := range stages {
		system, _, _ := strings.Cut(s.Platform, "-")
		if s.Platform != platform && !strings.HasSuffix(s.Platform, "-signed") && system != "" && (stem == system || strings.HasSuffix(stem, "-"+system)) {
			return s.Platform, true
		}
	}
	return "", false
}

// MatchOutput finds the file of a finished build that another stage takes under a name without a version:
// "bitcoin-win-unsigned.tar.gz" is "bitcoin-0.15.2-win-unsigned.tar.gz". None, or several, is an error.
func MatchOutput(input string, out sigs.Manifest) (sigs.Entry, error) {
	stem, ending, ok := strings.Cut(input, unsignedMark)
	name, system := stem, ""
	if i := strings.LastIndexByte(stem, '-'); i >= 0 {
		name, system = stem[:i], stem[i+1:]
	}
	var found []sigs.Entry
	for _, e := range out {
		if e.Path == input {
			return e, nil
		}
		if ok && strings.HasPrefix(e.Path, name+"-") && strings.HasSuffix(e.Path, "-"+system+unsignedMark+ending) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return sigs.Entry{}, fmt.Errorf("%d files of the build could be %s, want one", len(found), input)
	}
	return found[0], nil
}
