package repo

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// commit is the part of a commit object that is used.
type commit struct {
	Commit
	tree    plumbing.Hash
	parents []plumbing.Hash
}

// parseCommit reads a commit object: "tree", "parent", "author" and "committer" lines, in this order.
func parseCommit(id plumbing.Hash, data []byte) (commit, error) {
	c := commit{Commit: Commit{Hash: id.String()}}
	header, _, _ := bytes.Cut(data, []byte("\n\n"))
	var ok bool
	if c.tree, ok = idField(header, "tree "); !ok {
		return commit{}, fmt.Errorf("commit %s names no tree", id)
	}
	for line := range bytes.Lines(header) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if parent, ok := idField(line, "parent "); ok {
			c.parents = append(c.parents, parent)
		}
		if person, ok := bytes.CutPrefix(line, []byte("author ")); ok && c.Authored.IsZero() {
			c.Authored, _ = personTime(person) // one that cannot be read is none: nothing but a build asks for it
		}
		if person, ok := bytes.CutPrefix(line, []byte("committer ")); ok {
			when, err := personTime(person)
			if err != nil {
				return commit{}, fmt.Errorf("commit %s: committer: %w", id, err)
			}
			c.Time = when
			return c, nil
		}
	}
	return commit{}, fmt.Errorf("commit %s has no committer", id)
}

// idField reads "<key><40 digits>" at the start of a line.
func idField(data []byte, key string) (plumbing.Hash, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(key))
	if !ok || len(rest) < 40 || !plumbing.IsHash(string(rest[:40])) || len(rest) > 40 && rest[40] != '\n' {
		return plumbing.ZeroHash, false
	}
	return plumbing.NewHash(string(rest[:40])), true
}

// personTime reads the time of "name <address> 1500000000 +0200".
func personTime(person []byte) (time.Time, error) {
	_, after, ok := strings.Cut(string(person[bytes.LastIndexByte(person, '>')+1:]), " ")
	seconds, _, _ := strings.Cut(after, " ")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !ok || err != nil || n < 0 || n > 1<<40 {
		return time.Time{}, errors.New("time cannot be read")
	}
	return time.Unix(n, 0).UTC(), nil
}
