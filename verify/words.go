package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxNamed is how many names a sentence lists before it only counts the rest.
const maxNamed = 6

func itoa(n int) string { return strconv.Itoa(n) }

// plural counts: "1 file", "3 files".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// listNames joins names: "a, b and c", at most maxNamed of them: "a, b, c, d, e, f and 3 more".
func listNames(names []string) string {
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	case n <= maxNamed:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names[:maxNamed], ", ") + " and " + itoa(len(names)-maxNamed) + " more"
}

// countFiles counts files and names a few: "8 files (a, b, c …)".
func countFiles(files []string) string {
	const few = 3
	switch n := len(files); {
	case n == 1:
		return files[0]
	case n <= few:
		return itoa(n) + " files (" + strings.Join(files, ", ") + ")"
	default:
		return itoa(n) + " files (" + strings.Join(files[:few], ", ") + " …)"
	}
}

// span writes a range of counts: "6", "6 to 9".
func span(counts []int) string {
	low, high := slices.Min(counts), slices.Max(counts)
	if low == high {
		return itoa(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// size is how many names stand behind a group, voting or not.
func (g GroupVerdict) size() int { return len(g.Voters) + len(g.Others) + len(g.Claims) }

// artifactGrounds says in a sentence why an artifact has its outcome.
func artifactGrounds(a ArtifactVerdict, set bool, lacking string) string {
	voters := 0
	if len(a.Groups) > 0 {
		voters = len(a.Groups[0].Voters)
	}
	switch {
	case set:
		return "set aside: the build directory is never emptied, and an earlier build for another platform or version left it there"
	case voters == 0 && a.Counts:
		return "the voting signers who list it give it several hashes each, so they have no voice on it"
	case voters == 0:
		return "nobody whose voice counts says what it is"
	case a.Outcome == Agreed && parties(a) > 1:
		return partition(a.Groups) + "; the policy lets the majority decide"
	case a.Outcome == Agreed:
		return sameFile(a.Groups[0])
	case a.Outcome == Disputed:
		return partition(a.Groups)
	}
	return sameFile(a.Groups[0]) + "; " + lacking
}

func parties(a ArtifactVerdict) int {
	n := 0
	for _, g := range a.Groups {
		if len(g.Voters) > 0 {
			n++
		}
	}
	return n
}

func sameFile(g GroupVerdict) string {
	if len(g.Voters) == 1 {
		return "1 voting signer made it"
	}
	return itoa(len(g.Voters)) + " voting signers made the same file"
}

// partition says who made what: "14 signers made 1a2b3c4d…, 2 made 5e6f7a8b… and 2 made 9c0d1e2f… (8, 1 and 1 of them voting)".
func partition(groups []GroupVerdict) string {
	var made, voting []string
	for i, g := range groups {
		if i == maxNamed {
			made = append(made, plural(len(groups)-i, "more form exists", "more forms exist"))
			break
		}
		who := itoa(g.size())
		if i == 0 {
			who = plural(g.size(), "signer", "signers")
		}
		made = append(made, who+" made "+g.Digest.String()[:8]+"…")
		voting = append(voting, itoa(len(g.Voters)))
	}
	return join(made) + " (" + join(voting) + " of them voting)"
}

func join(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// platformGrounds says why a platform has its outcome.
func platformGrounds(p PlatformVerdict) string {
	if len(p.Voters) == 0 {
		return "nobody whose voice counts has signed it"
	}
	var counts []int
	var counted, wanting []ArtifactVerdict
	for _, a := range p.Artifacts {
		if !a.Counts {
			continue
		}
		counted = append(counted, a)
		if a.Outcome == p.Outcome {
			wanting = append(wanting, a)
			counts = append(counts, len(a.Groups[0].Voters))
		}
	}
	switch {
	case len(counted) == 0:
		return "the voting signers share no file"
	case len(wanting) == 0:
		return "undecided"
	case p.Outcome == Agreed:
		return span(counts) + " voting signers made the same " + plural(len(wanting), "file", "files")
	case len(counted) == 1:
		return wanting[0].Grounds
	case p.Outcome == Disputed:
		return fmt.Sprintf("%s disputed: of %s, %s", partOf(len(wanting), len(counted), "is", "are"), wanting[0].Path, wanting[0].Grounds)
	}
	return fmt.Sprintf("%s too few voting signers: of %s, %s", partOf(len(wanting), len(counted), "has", "have"), wanting[0].Path, wanting[0].Grounds)
}

// partOf writes "1 of 9 files is", "3 of 9 files are", "all 9 files are".
func partOf(n, of int, one, many string) string {
	switch n {
	case of:
		return fmt.Sprintf("all %d files %s", of, many)
	case 1:
		return fmt.Sprintf("1 of %d files %s", of, one)
	}
	return fmt.Sprintf("%d of %d files %s", n, of, many)
}

// releaseGrounds says why the platforms that count give the outcome.
func releaseGrounds(o Outcome, asked []PlatformVerdict) string {
	if o == Agreed {
		var counts []int
		for _, p := range asked {
			for _, a := range p.Artifacts {
				if a.Counts {
					counts = append(counts, len(a.Groups[0].Voters))
				}
			}
		}
		if len(asked) == 1 {
			return "on " + asked[0].called() + " " + asked[0].Grounds
		}
		return fmt.Sprintf("on each of %d platforms %s voting signers made the same files", len(asked), span(counts))
	}
	var names, parts []string
	grounds := ""
	for _, p := range asked {
		if p.Outcome != o {
			continue
		}
		names = append(names, p.called())
		if disputed, counted := p.count(o); disputed > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d files on %s", disputed, counted, p.called()))
		}
		if grounds == "" {
			grounds = p.Grounds
		}
	}
	if o == Disputed && len(parts) > 0 {
		return "signers whose voice counts made different files: " + join(parts) // what each of them made is said per platform
	}
	verb := map[Outcome]string{Disputed: "disputed", Insufficient: "not signed by enough", Undecided: "undecided"}[o]
	if len(names) == 1 {
		return fmt.Sprintf("%s is %s: %s", names[0], verb, grounds)
	}
	return fmt.Sprintf("%s are %s: on %s, %s", listNames(names), verb, names[0], grounds)
}

// count returns how many of the platform's counted artifacts have an outcome, and how many are counted.
func (p PlatformVerdict) count(o Outcome) (n, counted int) {
	for _, a := range p.Artifacts {
		if a.Counts {
			counted++
			if a.Outcome == o {
				n++
			}
		}
	}
	return n, counted
}

// called is the platform's name, or its directory's where it has none.
func (p PlatformVerdict) called() string {
	if p.Name == "" {
		return p.Release
	}
	return p.Name
}
