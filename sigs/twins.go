package sigs

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// twins notes names of signers and of release directories that a reader or a file system takes for one.
func (l *lister) twins() {
	signers, releases := map[string]string{}, map[string]string{} // name: a path at which it stands
	places := map[string][]string{}                               // release without its v: directories
	for _, d := range l.out.Directories {
		releases[d.Release] = d.Path
		key := plainRelease(d.Release)
		places[key] = append(places[key], d.Path)
		for _, f := range d.Files {
			if signers[f.Signer] == "" {
				signers[f.Signer] = path.Dir(f.Path)
			}
		}
	}
	l.twinNames("signer", "signer names", signers)
	l.twinNames("release", "release directories", releases)
	for _, key := range sortedNames(places) {
		if dirs := places[key]; len(dirs) > 1 {
			slices.Sort(dirs)
			l.note(Note, "release-twice", dirs[1], fmt.Sprintf("several directories are of the release %s: %s; all are read", key, strings.Join(dirs, ", ")), "")
		}
	}
}

// plainRelease is a release directory's name in one spelling: without v, with dashes, its candidate written rc1.
func plainRelease(name string) string {
	version, platform, ok := SplitRelease(name)
	if !ok || isInfix(name) {
		return dropV(name)
	}
	if platform != "" {
		platform = "-" + platform
	}
	for _, mark := range []string{"rc", "beta", "alpha"} {
		version = strings.NewReplacer("-"+mark+".", mark, "-"+mark, mark, "_"+mark, mark).Replace(version)
	}
	return version + platform
}

// twinNames notes names whose skeletons are equal: by case alone, or by other letters that look alike.
func (l *lister) twinNames(code, what string, names map[string]string) {
	bySkeleton := map[string][]string{}
	for _, name := range sortedNames(names) {
		key := skeleton(name)
		bySkeleton[key] = append(bySkeleton[key], name)
	}
	for _, key := range sortedNames(bySkeleton) {
		same := bySkeleton[key]
		if len(same) < 2 {
			continue
		}
		where := names[same[len(same)-1]]
		if slices.IndexFunc(same, func(s string) bool { return !strings.EqualFold(s, same[0]) }) < 0 {
			l.note(Note, code+"-case-twins", where, fmt.Sprintf("the %s %s differ by upper and lower case only", what, quotedList(same)), "go by the fingerprints, not by the names")
		} else {
			l.note(Alarm, code+"-look-alikes", where, fmt.Sprintf("the %s %s look alike, but are spelled with different characters (%s)", what, quotedList(same), asciiList(same)),
				"somebody may want to be taken for somebody else: go by the fingerprints, not by the names")
		}
	}
}

// LookAlike reports whether an eye or a file system may take two names for one: they differ in upper and lower case, in accents, in
// letters of other alphabets that look alike, or in what is not shown. A name is like itself.
func LookAlike(a, b string) bool { return skeleton(a) == skeleton(b) }

func sortedNames[V any](set map[string]V) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " and ")
}

func asciiList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%+q", n)
	}
	return strings.Join(quoted, ", ")
}

// skeleton maps a name to what an eye makes of it: lower case, without accents, invisible characters and dots or spaces at its
// end, letters of other alphabets replaced by those they look like. It covers what signers' names are made of (Latin, and
// the Cyrillic, Greek and full-width letters that pass for it), not all of Unicode.
func skeleton(name string) string {
	var out strings.Builder
	for _, r := range name {
		switch {
		case r < 0x80:
			out.WriteRune(unicode.ToLower(r))
			continue
		case isInvisible(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			continue
		case 0xff01 <= r && r <= 0xff5e: // full-width forms of ASCII
			out.WriteRune(unicode.ToLower(r - 0xfee0))
			continue
		}
		r = unicode.ToLower(r)
		if plain, ok := lookAlikes[r]; ok {
			out.WriteString(plain)
		} else {
			out.WriteRune(r)
		}
	}
	return strings.TrimRight(out.String(), ". ")
}

// lookAlikes maps lower-case letters to the ASCII they are read as.
var lookAlikes = func() map[rune]string {
	table := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe"}
	for plain, letters := range map[string]string{
		"a": "àáâãäåāăąǎаαɑ", "b": "ƀЬь", "c": "çćĉċčсϲ", "d": "ďđԁ", "e": "èéêëēĕėęěеєε", "f": "ƒ", "g": "ĝğġģɡ", "h": "ĥħһ",
		"i": "ìíîïĩīĭįıіιї", "j": "ĵј", "k": "ķкκ", "l": "ĺļľŀłӏ", "m": "м", "n": "ñńņňŉη", "o": "òóôõöøōŏőоο", "p": "рρ",
		"q": "ԛ", "r": "ŕŗřг", "s": "śŝşšſѕ", "t": "ţťŧтτ", "u": "ùúûüũūŭůűųυ", "v": "ѵν", "w": "ŵԝω", "x": "хχ", "y": "ýÿŷуγ", "z": "źżžᴢ",
		"-": "‐‑‒–—−", "_": "＿", ".": "․。",
	} {
		for _, r := range letters {
			table[unicode.ToLower(r)] = plain
		}
	}
	return table
}()
