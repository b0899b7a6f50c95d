package report

import (
	"fmt"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// listSigners writes who signed the list, one line per signature.
func (w *writer) listSigners(l List) {
	how := "signed in " + cell(l.SignedIn, 120)
	switch {
	case l.ClearSigned:
		how = "clear-signed"
	case l.SignedIn == "":
		how = "not signed"
	}
	w.line("%s  %s, %s", w.o.paint(bold, "the list"), count(l.Entries, "file"), how)
	for _, s := range l.Signatures {
		w.line("  %s", w.listSigner(s))
	}
	w.line("  A signature here says who published the list. It is no build and no vote.")
	w.line("")
}

// listSigner says what one signature over a list is worth and whose it is.
func (w *writer) listSigner(s ListSignature) string {
	key := s.Primary
	if key == "" {
		key = s.Fingerprint
	}
	if key == "" {
		key = s.KeyID
	}
	who := "key " + Quote(key)
	if len(s.UserIDs) > 0 {
		who += " (calls itself " + cell(s.UserIDs[0], 60) + ")"
	}
	glyph, note := "✗", ""
	if s.Why != "" {
		note = ": " + cell(s.Why, 300)
	}
	switch {
	case s.Status == sigs.Good || s.Status == sigs.KeyExpiredSince || s.Status == sigs.KeySuperseded:
		glyph, note = "○", ", not pinned: nobody vouches whose key it is"
		switch {
		case s.Pin != "":
			glyph, note = "✓", ", pinned"
			who = cell(s.Pin, 60) + ", key " + Quote(key)
		case s.Release != "":
			glyph, note = "✓", ", which the project publishes as its release key"
			who = cell(s.Release, 80) + ", key " + Quote(key)
		}
	case s.Status == sigs.UnknownKey:
		glyph, note = "?", ": get this key and give it with --list-keys"
		if s.Release != "" {
			note = " (it says it is by " + cell(s.Release, 80) + ")" + note
		}
	case s.Status == sigs.Missing || s.Status == sigs.Malformed:
		return glyph + " " + w.o.paint(red, Quote(string(s.Status))) + note
	}
	for _, l := range s.Labels {
		note += "; " + Quote(string(l))
	}
	return fmt.Sprintf("%s %s  %s%s", glyph, w.o.paint(bold, Quote(string(s.Status))), who, note)
}

// joined writes the table of what the list, the builders, the user's build and the user's files say of each artifact.
func (w *writer) joined(c Check) {
	header := []string{"FILE", "LIST", "BUILDERS", "YOUR BUILD", "YOUR FILE", "VERDICT"}
	var rows [][]string
	for _, f := range c.Files {
		rows = append(rows, []string{f.Name, short(f.Listed), builders(f), builtCell(f), heldCell(f), fileWord(f)})
	}
	if w.err == nil {
		w.err = Table(w.w, header, rows, w.o)
	}
	w.line("")
}

func short(digest string) string {
	if digest == "" {
		return "not on it"
	}
	return digest[:min(8, len(digest))] + "…"
}

// builders says in a cell how many signers whose voice counts made these bytes, and others.
func builders(f CheckedFile) string {
	against := 0
	for _, g := range f.Against {
		against += len(g.Voters)
	}
	switch same := len(f.Voters); {
	case same > 0 && against > 0:
		return fmt.Sprintf("%d same, %d not", same, against)
	case against > 0:
		return fmt.Sprintf("%d made others", against)
	case same > 0:
		return fmt.Sprintf("%d same", same)
	case len(f.Others)+len(f.Claims) > 0:
		return "no vote"
	}
	return "nobody"
}

// builtCell compares the user's build with the bytes the row is about.
func builtCell(f CheckedFile) string {
	mine := f.Digest
	if mine == "" {
		mine = f.Listed
	}
	if len(f.Built) == 0 {
		return "-"
	}
	for _, d := range f.Built {
		if d != mine {
			return "others"
		}
	}
	return "same"
}

func heldCell(f CheckedFile) string {
	switch {
	case f.Digest == "":
		return "-"
	case f.Differs():
		return "not the listed"
	case f.Listed == "":
		return "here"
	}
	return "same"
}

// fileWord is a file's verdict in a word or two.
func fileWord(f CheckedFile) string {
	word := map[verify.Outcome]string{verify.Agreed: "AGREED", verify.Disputed: "DISPUTED", verify.Insufficient: "TOO FEW", verify.Undecided: "UNDECIDED"}[f.Outcome]
	switch {
	case f.Differs():
		return "NOT THE LISTED FILE"
	case f.Standing == verify.Contradicted:
		return "CONTRADICTED"
	case f.Standing == verify.Unattested:
		return "NOT ATTESTED"
	case f.Standing == verify.OfAnotherVersion:
		return "OF ANOTHER VERSION"
	case f.Standing == verify.Renamed:
		return "RENAMED, " + word
	}
	return word
}
