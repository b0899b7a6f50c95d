package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote makes text from a repository harmless on a terminal: controls, escape sequences, bidirectional and invisible characters
// and bytes that are no UTF-8 become visible escapes such as \u202e. So does the second of two hash signs, with which commands
// to CI systems begin wherever they stand in a line; see also [QuoteLines].
func Quote(s string) string {
	clean := !strings.Contains(s, "##")
	for _, r := range s {
		if r == utf8.RuneError || !visible(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '#' && i > 0 && s[i-1] == '#':
			b.WriteString(`\x23`)
		case visible(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// visible reports whether a character takes a place on the screen and does nothing else.
func visible(r rune) bool {
	return r == ' ' || unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Me, r) && !unicode.Is(unicode.Hangul, r) || hangulSyllable(r)
}

// hangulSyllable is text; the jamo fillers of the same script are invisible.
func hangulSyllable(r rune) bool { return r >= 0xac00 && r <= 0xd7a3 }

// cell is quoted text cut to a width in columns.
func cell(s string, columns int) string {
	if len(s) > 8*columns+64 {
		s = s[:8*columns+64]
		for len(s) > 0 && !utf8.ValidString(s[len(s)-1:]) && s[len(s)-1]&0xc0 == 0x80 {
			s = s[:len(s)-1]
		}
	}
	s = Quote(s)
	if width(s) <= columns {
		return s
	}
	var b strings.Builder
	used := 0
	for _, r := range s {
		if used += runeWidth(r); used > columns-1 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is the columns of a character: two for East Asian wide ones.
func runeWidth(r rune) int {
	switch {
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

func pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(columns-width(s), 0))
}

// Table writes rows in aligned columns under a header.
func Table(w io.Writer, header []string, rows [][]string, o Options) error {
	const widest = 60
	columns := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, text := range row {
			columns[i] = max(columns[i], width(cell(text, widest)))
		}
	}
	var b strings.Builder
	for n, row := range append([][]string{header}, rows...) {
		for i, text := range row {
			if i == len(row)-1 {
				b.WriteString(Quote(text))
				break
			}
			b.WriteString(pad(cell(text, widest), columns[i]) + "  ")
		}
		line := logLine(strings.TrimRight(b.String(), " "))
		b.Reset()
		if n == 0 {
			line = o.paint(bold, line)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
