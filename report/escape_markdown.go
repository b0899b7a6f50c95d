package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths, in characters, at which text from a repository is cut. What was cut is always said.
const (
	maxCell = 40   // a name in a table that must stay readable
	maxName = 120  // a path, a word
	maxText = 1500 // a sentence
)

// markdownCode makes text from a repository a code span: the one place where GitHub, GitLab and CommonMark look for no
// mentions, references, links, HTML or emphasis. It serves in a table cell too. A long text is cut, and the rest counted.
func markdownCode(s string) string { return markdownCodeAtMost(s, maxName) }

// markdownCodeAtMost is markdownCode cut to a number of characters.
func markdownCodeAtMost(s string, most int) string {
	s, more := clip(s, most)
	return codeSpan(Quote(s)) + omittedCharacters(more)
}

// codeSpan wraps quoted text. A backtick would end the span and a pipe the table cell: they become escapes like those of
// [Quote], because neither can be escaped inside a code span in a way that all readers of Markdown agree on.
func codeSpan(s string) string {
	if strings.Trim(s, " ") == "" {
		return "` `"
	}
	return "`" + strings.NewReplacer("`", `\x60`, "|", `\x7c`).Replace(s) + "`"
}

// markdownText makes a sentence that may hold text from a repository harmless in a paragraph, a list item or a table cell. Plain
// words, numbers and dates stay as they are; every other word (file names, digests, anything with a sign that Markdown,
// GitHub or GitLab might take for markup, a mention, a reference or a link) becomes a code span.
func markdownText(s string) string { return markdownAtMost(s, maxText) }

// markdownAtMost is markdownText cut to a number of characters.
func markdownAtMost(s string, most int) string {
	s, more := clip(s, most)
	var b strings.Builder
	for i, word := range strings.Fields(Quote(s)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(markdownWord(word, i == 0))
	}
	return b.String() + omittedCharacters(more)
}

// markdownWord leaves a plain word as it is and makes a code span of another, without the punctuation around it.
func markdownWord(word string, first bool) string {
	core := strings.TrimLeft(word, `("`)
	before := word[:len(word)-len(core)]
	after := core[len(strings.TrimRight(core, `.,;:!?)"'…`)):]
	core = core[:len(core)-len(after)]
	switch {
	case word == "—" || word == "–" || core == "" && !first:
		return word
	case core == "" || first && before+after != "" && strings.Trim(core, "0123456789") == "": // "1." would begin a list
		return codeSpan(word)
	case plainWord(core):
		return before + core + after
	}
	core, more := clip(core, maxName)
	return before + codeSpan(core) + omittedCharacters(more) + after
}

// plainWord reports whether a word is letters, with single hyphens or apostrophes between them, or a number, a version or a
// date, or letters and digits such as win32 and 22.0rc1; and nothing that readers turn into a link: "www.", "GH-1", or what
// looks like a commit.
func plainWord(s string) bool {
	letters, digits, hex, joined := 0, 0, 0, false
	var last rune = '-' // so that no sign comes first
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case r >= '0' && r <= '9':
			digits++
		case r == '-' || r == '\'' || r == '’' || r == '.' || r == ',':
			if !unicode.IsLetter(last) && !unicode.IsDigit(last) {
				return false
			}
			if letters > 0 && (r == '.' || r == ',') {
				return false
			}
			joined = joined || r != '.'
		default:
			return false
		}
		if strings.ContainsRune("0123456789abcdefABCDEF", r) {
			hex++
		}
		last = r
	}
	if letters > 0 && digits > 0 && joined || !unicode.IsLetter(last) && !unicode.IsDigit(last) {
		return false
	}
	return utf8.RuneCountInString(s) <= maxName/2 && (hex < 7 || hex < utf8.RuneCountInString(s))
}

// markdownNames is a list of names as code spans, at most so many of them, and how many more there are.
func markdownNames(names []string, most int) string {
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(markdownCode(name))
	}
	return b.String()
}

// clip cuts a text to so many characters and returns how many are missing. Bytes that are no UTF-8 count as one each.
func clip(s string, most int) (string, int) {
	if len(s) <= most {
		return s, 0
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
		n++
	}
	return s, 0
}

// omittedCharacters says how many characters were cut, and nothing where none was.
func omittedCharacters(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("… (%s omitted)", count(n, "more character"))
}
