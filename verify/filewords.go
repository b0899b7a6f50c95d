package verify

import (
	"fmt"
	"slices"
)

// grounds says in a sentence why a file has its verdict.
func (v FileVerdict) grounds(f File, places []place) string {
	if i := slices.IndexFunc(places, func(p place) bool { return p.refused != "" }); i >= 0 {
		return places[i].refused
	}
	switch v.Standing {
	case Contradicted:
		return v.contradiction(f)
	case Renamed:
		return fmt.Sprintf("nobody attests a file of this name; its bytes are those of %s: %s", listNames(v.Paths), v.support())
	}
	if f.Name == "" {
		return fmt.Sprintf("its bytes are those of %s: %s", listNames(v.Paths), v.support())
	}
	return v.support()
}

// support says who attests the bytes, and who attests others.
func (v FileVerdict) support() string {
	made := func(g GroupVerdict) string {
		if len(g.Voters) > 0 {
			return plural(len(g.Voters), "voting signer", "voting signers")
		}
		return plural(g.size(), "signer whose voice does not count", "signers whose voice does not count")
	}
	same := made(v.Same) + " made the same bytes"
	switch {
	case v.Outcome == Disputed:
		return fmt.Sprintf("%s, and %s made others", same, join(eachGroup(v.Against, made)))
	case v.Outcome == Agreed && len(v.Against) > 0 && len(v.Against[0].Voters) > 0:
		return fmt.Sprintf("%s, %s made others; the policy lets the majority decide", same, join(eachGroup(v.Against, made)))
	case v.Outcome == Insufficient && len(v.Same.Voters) > 0:
		return same + ", too few for the policy"
	}
	return same
}

// contradiction says who attests other bytes under the file's name.
func (v FileVerdict) contradiction(f File) string {
	voters, others := map[string]bool{}, map[string]bool{}
	for _, g := range v.Against {
		for _, name := range g.Voters {
			voters[name] = true
		}
		for _, name := range slices.Concat(g.Others, g.Claims) {
			others[name] = true
		}
	}
	who := plural(len(voters), "voting signer", "voting signers")
	if len(voters) == 0 {
		who = plural(len(others), "signer whose voice does not count", "signers whose voice does not count")
	}
	text := who + " made other bytes " + v.under(f)
	if n := v.Same.size(); n > 0 {
		text += fmt.Sprintf("; these bytes come from %s whose voice does not count", plural(n, "signer", "signers"))
	} else if len(v.Elsewhere) > 0 {
		text += "; these bytes are those of " + listNames(v.Elsewhere)
	} else {
		text += ", and nobody made these"
	}
	return text
}

func eachGroup(groups []GroupVerdict, say func(GroupVerdict) string) []string {
	var out []string
	for _, g := range groups {
		if len(g.Voters) > 0 {
			out = append(out, say(g))
		}
	}
	return out
}
