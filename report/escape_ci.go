package report

import (
	"strings"
	"unicode"
)

// logLine makes a line of a report safe in the log of a CI system, which obeys certain lines of what a program prints: GitHub's
// runner those that begin with "::" after white space, or hold "##[" anywhere; Azure Pipelines and TeamCity "##vso[" and
// "##teamcity[". A colon or hash sign that could begin one becomes an escape like those of [Quote]. Nothing gverify says
// of its own accord looks like that, so other lines stay as they are.
func logLine(line string) string {
	line = strings.ReplaceAll(line, "##", `#\x23`) // two texts, quoted apart, may have come together
	lines := strings.Split(line, "\n")
	for i, l := range lines {
		text := strings.TrimLeftFunc(l, unicode.IsSpace)
		if strings.HasPrefix(text, "::") {
			lines[i] = l[:len(l)-len(text)] + `\x3a` + text[1:]
		}
	}
	return strings.Join(lines, "\n")
}

// githubData makes text the message of a GitHub workflow command. The command is one line; its message keeps its lines.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(QuoteLines(s))
}

// githubProperty makes text the value of a property of a GitHub workflow command, such as its title, which is one line.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(Quote(s))
}

// QuoteLines is [Quote] for text of several lines, none of which a CI system takes for a command.
func QuoteLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Quote(line)
	}
	return logLine(strings.Join(lines, "\n"))
}
