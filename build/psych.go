package build

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// omap is an ordered map as Ruby's YAML::Omap: the keys of a res.yml in their order.
type omap []pair

// pair is one entry: a text, nothing at all, or another ordered map.
type pair struct {
	key   string
	text  string
	null  bool
	inner *omap
}

// psych writes an ordered map as Ruby's Psych does (4.0 with libyaml 0.2.5, in Debian 12), byte for byte: that is what gbuild and
// gsign write, and what their users compare. It knows what stands in a res.yml: texts, null, and ordered maps of them. Keys are
// single short lines of UTF-8. (libyaml folds at U+2028 and U+2029; here they are escaped.)
func psych(m omap) string {
	var e emitter
	e.b.WriteString("--- ")
	e.column = 4
	e.omap(m, 0)
	if !strings.HasSuffix(e.b.String(), "\n") {
		e.b.WriteByte('\n')
	}
	if e.open {
		e.b.WriteString("...\n")
	}
	return e.b.String()
}

const (
	lineWidth  = 80 // libyaml's best_width: text is folded at spaces beyond it
	indentStep = 2
)

// emitter is the part of libyaml's emitter (src/emitter.c) that such documents need.
type emitter struct {
	b      strings.Builder
	column int
	open   bool // the last block text ends with empty lines, which the end of the document must not swallow
}

func (e *emitter) put(s string) {
	e.b.WriteString(s)
	e.column += utf8.RuneCountInString(s)
}

func (e *emitter) newline(indent int) {
	e.b.WriteByte('\n')
	e.b.WriteString(strings.Repeat(" ", indent))
	e.column = indent
}

// omap writes the tag, then a sequence of one-entry maps.
func (e *emitter) omap(m omap, indent int) {
	e.put("!!omap")
	if len(m) == 0 {
		e.put(" []")
		return
	}
	for _, p := range m {
		e.lineAt(indent)
		e.put("- ")
		e.key(p.key)
		e.put(":")
		switch {
		case p.inner != nil:
			e.put(" ")
			e.omap(*p.inner, indent+indentStep)
		case !p.null:
			e.put(" ")
			e.scalar(p.text, indent+2*indentStep)
		}
	}
}

// lineAt begins a line, unless a literal text has just ended one.
func (e *emitter) lineAt(indent int) {
	if text := e.b.String(); strings.HasSuffix(text, "\n") {
		e.b.WriteString(strings.Repeat(" ", indent))
		e.column = indent
		return
	}
	e.newline(indent)
}

func (e *emitter) key(s string) {
	switch a := analyze(s); {
	case wanted(s) == doubleQuoted || a.multiline || !a.single:
		e.double(s, 0, false)
	case wanted(s) == singleQuoted || !a.plain:
		e.single(s, 0, false)
	default:
		e.put(s)
	}
}

type style int

const (
	plain style = iota
	singleQuoted
	doubleQuoted
	literal
)

// scalar writes a text in the style Psych wants, or where that cannot hold it in the next one that can.
func (e *emitter) scalar(s string, indent int) {
	a, want := analyze(s), wanted(s)
	if want == literal && !a.block {
		want = doubleQuoted
	}
	if want == plain && (!a.plain || a.multiline) {
		want = singleQuoted
	}
	if want == singleQuoted && !a.single {
		want = doubleQuoted
	}
	switch want {
	case literal:
		e.literal(s, indent)
	case doubleQuoted:
		e.double(s, indent, true)
	case singleQuoted:
		e.single(s, indent, true)
	default:
		e.plain(s, indent)
	}
}

// literal is a block scalar: "|" with its chomping and, where the text begins with white space, its indentation.
func (e *emitter) literal(s string, indent int) {
	e.put("|")
	if s[0] == ' ' || s[0] == '\n' {
		e.put("2")
	}
	e.open = false
	switch {
	case !strings.HasSuffix(s, "\n"):
		e.put("-")
	case s == "\n" || strings.HasSuffix(s, "\n\n"):
		e.put("+")
		e.open = true
	}
	e.b.WriteByte('\n')
	for line := range strings.Lines(s) {
		if line != "\n" {
			e.b.WriteString(strings.Repeat(" ", indent))
		}
		e.b.WriteString(line)
	}
	e.column = 0
	if !strings.HasSuffix(s, "\n") {
		e.column = indent
	}
}

func (e *emitter) plain(s string, indent int) {
	for i := range len(s) {
		if s[i] == ' ' && e.column > lineWidth && i > 0 && s[i-1] != ' ' && s[i+1] != ' ' {
			e.newline(indent)
			continue
		}
		e.putByte(s[i])
	}
}

// putByte writes one byte of UTF-8 text; those that continue a character take no column.
func (e *emitter) putByte(c byte) {
	e.b.WriteByte(c)
	if utf8.RuneStart(c) {
		e.column++
	}
}

// single writes quotes around; a newline within becomes an empty line.
func (e *emitter) single(s string, indent int, breaks bool) {
	if s == "<<" { // a text, not a merge key
		e.put("!!str ")
	}
	e.put("'")
	broken, spaces := false, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' && breaks && !spaces && e.column > lineWidth && i > 0 && i < len(s)-1 && s[i+1] != ' ':
			e.newline(indent)
			spaces = true
			continue
		case c == ' ':
			e.put(" ")
			spaces = true
			continue
		case c == '\n':
			if !broken {
				e.b.WriteByte('\n')
			}
			e.b.WriteByte('\n')
			e.column, broken = 0, true
			continue
		}
		if broken {
			e.b.WriteString(strings.Repeat(" ", indent))
			e.column = indent
		}
		if c == '\'' {
			e.put("'")
		}
		e.putByte(c)
		broken, spaces = false, false
	}
	if broken {
		e.b.WriteString(strings.Repeat(" ", indent))
		e.column = indent
	}
	e.put("'")
}

var escapes = map[rune]string{
	0: `\0`, '\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`, 0x1b: `\e`, '"': `\"`, '\\': `\\`,
	0x85: `\N`, 0xa0: `\_`, 0x2028: `\L`, 0x2029: `\P`,
}

// double writes escapes.
func (e *emitter) double(s string, indent int, breaks bool) {
	e.put(`"`)
	spaces := false
	for i, r := range s {
		switch {
		case r == ' ' && breaks && !spaces && e.column > lineWidth && i > 0 && i < len(s)-1:
			e.newline(indent)
			if s[i+1] == ' ' {
				e.put(`\`)
			}
			spaces = true
		case r == ' ':
			e.put(" ")
			spaces = true
		case printable(r) && r != '\n' && !isBreak(r) && r != '"' && r != '\\':
			e.put(string(r))
			spaces = false
		default:
			e.put(escape(r))
			spaces = false
		}
	}
	e.put(`"`)
}

func escape(r rune) string {
	if short, ok := escapes[r]; ok {
		return short
	}
	const digits = "0123456789ABCDEF"
	mark, n := `\U`, 8
	switch {
	case r <= 0xff:
		mark, n = `\x`, 2
	case r <= 0xffff:
		mark, n = `\u`, 4
	}
	var hex strings.Builder
	for shift := 4 * (n - 1); shift >= 0; shift -= 4 {
		hex.WriteByte(digits[r>>shift&15])
	}
	return mark + hex.String()
}

// printable is libyaml's IS_PRINTABLE: what lies beyond the basic plane is not.
func printable(r rune) bool {
	return r == '\n' || r >= ' ' && r <= '~' || r >= 0xa0 && r <= 0xfffd && r != 0xfeff && !(r >= 0xd800 && r < 0xe000)
}

func isBreak(r rune) bool { return r == '\r' || r == '\n' || r == 0x85 || r == 0x2028 || r == 0x2029 }

// analysis is which styles can hold a text: yaml_emitter_analyze_scalar.
type analysis struct {
	multiline            bool
	plain, single, block bool
}

func analyze(s string) analysis {
	if s == "" {
		return analysis{plain: true, single: true}
	}
	a := analysis{plain: !strings.HasPrefix(s, "---") && !strings.HasPrefix(s, "..."), single: true, block: true}
	before := ' ' // a space, a break, or something else
	for i, r := range s {
		next, last := followed(s, i, r)
		switch {
		case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", r),
			(i == 0 && (r == '?' || r == '-') || r == ':') && next,
			r == '#' && (before == ' ' || isBreak(before)):
			a.plain = false
		}
		switch {
		case r == ' ':
			if i == 0 || last {
				a.plain = false
			}
			if last {
				a.block = false
			}
			if i > 0 && isBreak(before) {
				a.plain, a.single = false, false
			}
		case isBreak(r):
			a.multiline, a.plain = true, false
			if i > 0 && before == ' ' {
				a.single, a.block = false, false
			}
		}
		if !printable(r) || r == 0x2028 || r == 0x2029 {
			a.plain, a.single, a.block = false, false, false
		}
		before = r
	}
	return a
}

// followed reports whether white space or the end stands behind the character at i, and whether it is the last.
func followed(s string, i int, r rune) (blank, last bool) {
	rest := s[i+utf8.RuneLen(r):]
	if rest == "" {
		return true, true
	}
	next, _ := utf8.DecodeRuneInString(rest)
	return next == ' ' || next == '\t' || isBreak(next), false
}

// wanted is the style Psych asks for: YAMLTree#visit_String. What it does not see as a text without quotes gets some.
func wanted(s string) style {
	switch {
	case innerNewline(s):
		return literal
	case s == "<<":
		return singleQuoted
	case s == "y" || s == "n":
		return doubleQuoted
	case beginsOddly(s):
		return doubleQuoted
	case !readsAsText(s) || octalLike.MatchString(s):
		return singleQuoted
	}
	return plain
}

var octalLike = regexp.MustCompile(`\A0[0-7]*[89]`)

// innerNewline reports a newline that is not the text's last character.
func innerNewline(s string) bool {
	i := strings.IndexByte(s, '\n')
	if i < 0 {
		return false
	}
	rest := s[i+1:]
	return rest != "" && rest != "\n"
}

// beginsOddly is /^[^[:word:]][^"]*$/: a line that begins with no letter, digit or underscore, and has no quote behind that.
func beginsOddly(s string) bool {
	for line := s; line != ""; {
		first, size := utf8.DecodeRuneInString(line)
		rest := line[size:]
		end := strings.IndexAny(rest, "\"\n")
		if !isWord(first) && (end < 0 || rest[end] == '\n') {
			return true
		}
		i := strings.IndexByte(line, '\n')
		if i < 0 {
			return false
		}
		line = line[i+1:]
	}
	return false
}

// isWord is Ruby's [[:word:]]: letters, marks, decimal digits, connecting punctuation.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Pc)
}
