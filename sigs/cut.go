package sigs

import (
	"bytes"
	"strings"
)

// cutting is an assertion file whose long texts were taken out, so that the YAML parser sees some hundred bytes instead of
// some ten thousand. The parser's answer stays the one that counts: it reads the skeleton with all its checks.
type cutting struct {
	skeleton []byte
	texts    map[int]string // by the skeleton's line, from 1, on which the text's header stands
}

// placeholder stands in the skeleton for a text.
const placeholder = "x"

// cut takes the manifests out of a file, if it begins the way gitian's tools and Psych write it. It reads lines of known
// shape only, and from the first other line on everything is left as it is: what stands before a cut is thus always
// understood, and the value of what is cut is certain. A test compares it with the plain parser on all real files, and a
// fuzz test on everything else.
func cut(data []byte) cutting {
	c := cutter{rest: data, out: make([]byte, 0, 1024), texts: map[int]string{}}
	c.run()
	return cutting{append(c.out, c.rest...), c.texts}
}

// cutter goes through a file line by line. Everything before rest is understood and stands in out.
type cutter struct {
	rest  []byte
	out   []byte
	lines int // complete lines in out
	texts map[int]string
}

func (c *cutter) run() {
	line, ok := c.peek()
	if !ok || !bytes.HasPrefix(line, []byte("--- !")) {
		return
	}
	switch string(line) {
	case "--- !!omap", "--- !omap", "--- !omap ":
	default:
		return
	}
	c.keep(line)
	deepest := 0 // column up to which the next entry may begin
	for {
		line, ok := c.peek()
		if !ok {
			return
		}
		indent, key, value := splitEntry(line)
		if key == "" || indent > deepest {
			return
		}
		switch {
		case value == "!!omap" || value == "!omap" || value == "!omap ":
			c.keep(line)
			deepest = indent + 8
			continue
		case value == "|" || value == "|-":
			ok = c.block(line, indent, value == "|")
		case strings.HasPrefix(value, "! '"):
			ok = c.quoted(line, indent, len(line)-len(value)+3)
		case strings.HasPrefix(value, "'"):
			ok = c.quoted(line, indent, len(line)-len(value)+1)
		case isSimple(value):
			ok = c.followedByEntry(c.rest[len(line)+1:], indent)
			if ok {
				c.keep(line)
			}
		default:
			return
		}
		if !ok {
			return
		}
		deepest = indent
	}
}

// peek returns the next line without its newline; a line that has none is not understood.
func (c *cutter) peek() ([]byte, bool) {
	i := bytes.IndexByte(c.rest, '\n')
	if i < 0 {
		return nil, false
	}
	return c.rest[:i], true
}

// keep copies a line to the skeleton.
func (c *cutter) keep(line []byte) {
	c.out = append(append(c.out, line...), '\n')
	c.rest = c.rest[len(line)+1:]
	c.lines++
}

// splitEntry reads "- key: value" with its indentation; key is empty where the line is no such entry.
func splitEntry(line []byte) (indent int, key, value string) {
	for indent < len(line) && line[indent] == ' ' {
		indent++
	}
	entry, ok := bytes.CutPrefix(line[indent:], []byte("- "))
	if !ok {
		return 0, "", ""
	}
	i := 0
	for i < len(entry) && isKeyByte(entry[i]) {
		i++
	}
	switch {
	case i == 0 || i == len(entry) || entry[i] != ':' || !isLetter(entry[0]) || i > 100:
		return 0, "", ""
	case i+1 == len(entry):
		return indent, string(entry[:i]), ""
	case entry[i+1] != ' ':
		return 0, "", ""
	}
	return indent, string(entry[:i]), string(entry[i+2:])
}

func isKeyByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '-' }

// isSimple reports whether a value ends on its line: nothing, ” or a plain word.
func isSimple(value string) bool {
	if value == "" || value == "''" {
		return true
	}
	for i := range len(value) {
		if c := value[i]; !isKeyByte(c) && c != '.' {
			return false
		}
	}
	return isLetter(value[0]) || isDigit(value[0])
}

// followedByEntry reports whether nothing follows, or an entry that begins no further right than the one before it: then no
// line can belong to that one any more.
func (c *cutter) followedByEntry(rest []byte, indent int) bool {
	for i := range min(len(rest), indent+1) {
		if rest[i] != ' ' {
			return rest[i] == '-' && i+1 < len(rest) && rest[i+1] == ' '
		}
	}
	return len(rest) == 0
}

// block cuts a literal block scalar: lines of printable ASCII, all indented alike, empty ones only at the end.
func (c *cutter) block(header []byte, indent int, newline bool) bool {
	body := c.rest[len(header)+1:]
	depth := 0
	for depth < len(body) && body[depth] == ' ' {
		depth++
	}
	if depth < indent+3 || depth > indent+8 { // an entry's text stands right of its key
		return false
	}
	rest, lines := body, 0
	for len(rest) > depth && isBlank(rest[:depth]) && rest[depth] != ' ' && rest[depth] != '\n' {
		end := bytes.IndexByte(rest, '\n')
		if end <= depth || !isPrintable(rest[depth:end]) {
			return false
		}
		rest = rest[end+1:]
		lines++
	}
	body = body[:len(body)-len(rest)]
	for len(rest) > 0 && rest[0] == '\n' { // | and |- both drop empty lines at the end
		rest = rest[1:]
	}
	if lines == 0 || !c.followedByEntry(rest, indent) {
		return false
	}
	text := make([]byte, 0, len(body)-lines*depth)
	for line := range bytes.Lines(body) {
		text = append(text, line[depth:]...)
	}
	if !newline {
		text = text[:len(text)-1]
	}
	c.replace(header, string(text), append(bytes.Repeat([]byte(" "), depth), placeholder...))
	c.rest = rest
	return true
}

// quoted cuts a single-quoted scalar whose every line break is written as an empty line: 'a, empty line, b, empty line, '.
func (c *cutter) quoted(header []byte, indent, start int) bool {
	line := header[start:]
	if !isQuotable(line) {
		return false // among them the texts that end on their first line
	}
	rest := c.rest[len(header)+1:]
	text := append(make([]byte, 0, len(line)+bytes.IndexByte(rest, '\'')+1), line...)
	for {
		if len(rest) == 0 || rest[0] != '\n' {
			return false
		}
		rest = rest[1:]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return false
		}
		trimmed := bytes.TrimLeft(rest[:end], " ")
		full, last := bytes.CutSuffix(trimmed, []byte("'"))
		if !last && (len(trimmed) == end || !isQuotable(trimmed)) || last && len(full) > 0 && (len(trimmed) == end || !isQuotable(full)) {
			return false
		}
		text = append(append(text, '\n'), full...)
		rest = rest[end+1:]
		if last {
			break
		}
	}
	if !c.followedByEntry(rest, indent) {
		return false
	}
	c.replace(append(bytes.Clone(header[:start]), placeholder+"'"...), string(text), nil)
	c.rest = rest
	return true
}

// replace writes a header and its placeholder to the skeleton and remembers the text.
func (c *cutter) replace(header []byte, text string, body []byte) {
	c.out = append(append(c.out, header...), '\n')
	c.lines++
	c.texts[c.lines] = text
	if body != nil {
		c.out = append(append(c.out, body...), '\n')
		c.lines++
	}
}

func isBlank(s []byte) bool { return len(bytes.TrimLeft(s, " ")) == 0 }

func isPrintable(s []byte) bool {
	for _, c := range s {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// isQuotable reports whether a line stands for itself inside single quotes: printable, no quote, no space at its ends.
func isQuotable(s []byte) bool {
	return len(s) > 0 && s[0] != ' ' && s[len(s)-1] != ' ' && bytes.IndexByte(s, '\'') < 0 && isPrintable(s)
}
