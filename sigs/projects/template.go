package projects

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// template is a path with places for names.
type template struct {
	text string
	re   *regexp.Regexp
}

var token = regexp.MustCompile(`\{[^{}/]*\}`)

// names are the tokens that stand for any part of a name. None begins with a dot or a dash: such names are hidden, or options.
const names = `[^/.\-][^/]*`

func templates(texts []string) ([]template, error) {
	var out []template
	for _, text := range texts {
		if !fs.ValidPath(text) || strings.ContainsAny(token.ReplaceAllString(text, ""), "{}") {
			return nil, fmt.Errorf("%q is no path template, want one such as {release}/{signer}/{name}-build.assert", text)
		}
		var b strings.Builder
		b.WriteString("^")
		rest := text
		for _, at := range token.FindAllStringIndex(text, -1) {
			b.WriteString(regexp.QuoteMeta(text[len(text)-len(rest) : at[0]]))
			rest = text[at[1]:]
			switch word := text[at[0]+1 : at[1]-1]; word {
			case "release", "version", "signer":
				b.WriteString("(?P<" + word + ">" + names + ")")
			case "name":
				b.WriteString(names)
			default:
				if !strings.Contains(word, "|") {
					return nil, fmt.Errorf("%q: {%s} is not known, want {release}, {version}, {signer}, {name} or {a|b}", text, word)
				}
				var words []string
				for _, w := range strings.Split(word, "|") {
					words = append(words, regexp.QuoteMeta(w))
				}
				b.WriteString("(?:" + strings.Join(words, "|") + ")")
			}
		}
		b.WriteString(regexp.QuoteMeta(rest) + "$")
		re, err := regexp.Compile(b.String())
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		out = append(out, template{text, re})
	}
	return out, nil
}

// match reads a path; the release of its place is the whole name of the directory that carries the version.
func (t template) match(name string) (Place, bool) {
	found := t.re.FindStringSubmatchIndex(name)
	if found == nil {
		return Place{}, false
	}
	var p Place
	for i, group := range t.re.SubexpNames() {
		if group == "" {
			continue
		}
		text := name[found[2*i]:found[2*i+1]]
		version, platform, ok := sigs.SplitRelease(text)
		switch {
		case group == "signer":
			p.Signer = text
			continue
		case !ok:
			return Place{}, false
		case group == "version" && (platform != "" || version != text || version != strings.ToLower(version)):
			return Place{}, false
		}
		start := strings.LastIndexByte(name[:found[2*i]], '/') + 1
		p.Release, _, _ = strings.Cut(name[start:], "/")
	}
	return p, true
}
