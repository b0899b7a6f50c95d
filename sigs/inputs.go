package sigs

import "strings"

// gitMark begins a commit in an in_manifest.
const gitMark = "git:"

// parseInputs reads an in_manifest: the digests of the descriptor and of input files, then the commits of the remotes as
// "git:<40 hex digits> <dir>". gitian-builder ends these lines without a newline (lib "gbuild"), so two remotes stand glued:
// "git:<40 hex> signaturegit:<40 hex> signapple" is split before each. The commit may be missing: "git: bitcoin".
func parseInputs(text string) (Manifest, []Commit, []string) {
	if !strings.Contains(text, gitMark) {
		m, noise := parseTolerant(text, isName)
		return m, nil, noise
	}
	var commits []Commit
	var files strings.Builder // the same lines, the commits left out, so that the numbers of noise stay right
	for rest := text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		for _, part := range splitCommits(line) {
			if c, ok := parseCommit(part); ok && len(commits) < maxNoise {
				commits = append(commits, c)
			} else {
				files.WriteString(part)
			}
		}
		files.WriteByte('\n')
	}
	m, noise := parseTolerant(files.String(), isName)
	return m, commits, noise
}

// splitCommits splits a line before every "git:<40 hex digits> ".
func splitCommits(line string) []string {
	var parts []string
	for at := 1; at < len(line); {
		i := strings.Index(line[at:], gitMark)
		if i < 0 {
			break
		}
		at += i
		if beginsCommit(line[at:]) {
			parts = append(parts, line[:at])
			line, at = line[at:], 1
			continue
		}
		at++
	}
	return append(parts, line)
}

// beginsCommit reports whether s begins with "git:<40 hex digits> ".
func beginsCommit(s string) bool {
	rest, ok := strings.CutPrefix(s, gitMark)
	return ok && len(rest) > 40 && isCommit(rest[:40]) && rest[40] == ' '
}

// parseCommit reads "git:<40 hex digits> <dir>" or, where the signer's file has no commit, "git: <dir>".
func parseCommit(s string) (Commit, bool) {
	rest, ok := strings.CutPrefix(s, gitMark)
	if !ok {
		return Commit{}, false
	}
	hash, dir, ok := strings.Cut(rest, " ")
	if !ok || dir == "" || hash != "" && !isCommit(hash) || strings.TrimSpace(dir) != dir {
		return Commit{}, false
	}
	return Commit{Dir: strings.Clone(dir), Hash: strings.Clone(hash)}, true
}
