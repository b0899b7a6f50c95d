package repo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// location is where a repository is, as the user named it.
type location struct {
	url     string   // what go-git is given, with credentials; empty for a local path
	path    string   // local path; empty for a URL
	shown   string   // for messages: without user name and password
	secrets []string // what must not appear in a message
}

func (l location) remote() bool { return l.url != "" }

// scpLike is user@host:path, as ssh users write it. A single letter before the colon is a Windows drive.
var scpLike = regexp.MustCompile(`^(?:([^@/\\:]+)@)?([^@/\\:]{2,}):(.+)$`)

// parseLocation tells URLs from paths. What exists as a file is a path, unless it has a scheme.
func parseLocation(s string) (location, error) {
	if s == "" {
		return location{}, errors.New("no repository is named")
	}
	if strings.Contains(s, "://") {
		return parseURL(s)
	}
	if m := scpLike.FindStringSubmatch(s); m != nil {
		if _, err := os.Lstat(s); err != nil {
			if strings.HasPrefix(m[2], "-") || strings.HasPrefix(m[3], "-") {
				return location{}, fmt.Errorf("%q: host and path of a repository cannot start with a dash", s)
			}
			if host, _, _ := strings.Cut(m[3], "/"); m[1] == "" && strings.Contains(host, "@") { // "user:password@host:path"
				return location{}, errors.New("repository of another machine is malformed: want user@host:path, without a password, or a URL")
			}
			return location{url: s, shown: m[2] + ":" + m[3]}, nil
		}
	}
	return location{path: s, shown: s}, nil
}

func parseURL(s string) (location, error) {
	u, err := url.Parse(s)
	if err != nil {
		// The error quotes the URL or a part of it, which may be a password with a character that has to be escaped.
		return location{}, errors.New("URL of a repository is malformed: escape special characters in user name and password (%23 for #, " +
			"%2F for /, %3F for ?, %25 for %), and write the port as a number")
	}
	if u.Opaque != "" { // "user:password@host://path"
		return location{}, errors.New("URL of a repository is malformed: it has to start with https://, http://, ssh:// or file://")
	}
	l := location{url: s}
	if u.User != nil {
		l.secrets = append(l.secrets, u.User.String()+"@")
		if password, ok := u.User.Password(); ok && password != "" {
			l.secrets = append(l.secrets, password, url.PathEscape(password), url.QueryEscape(password))
		}
	}
	clean := *u
	clean.User = nil
	l.shown = clean.String()
	switch u.Scheme {
	case "https", "http", "ssh":
		if u.Hostname() == "" || strings.HasPrefix(u.Host, "-") {
			return location{}, fmt.Errorf("%s: URL names no host", l.shown)
		}
	case "file":
		if u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/") {
			return location{}, fmt.Errorf("%s: file URL needs an absolute path of this machine: file:///path", l.shown)
		}
		l.url = "file://" + u.Path
	default:
		return location{}, fmt.Errorf("%s: scheme %q is not supported: want https, http, ssh or file", l.shown, u.Scheme)
	}
	return l, nil
}

// key is a readable and unique directory name. The password plays no part: changing it does not need another clone.
func (l location) key() string {
	identity := l.url
	if u, err := url.Parse(l.url); err == nil && u.User != nil && u.Host != "" {
		u.User = url.User(u.User.Username())
		identity = u.String()
	}
	sum := sha256.Sum256([]byte(identity))
	parts := strings.FieldsFunc(strings.TrimSuffix(l.shown, ".git"), func(c rune) bool {
		return c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
	if len(parts) > 1 && strings.Contains(l.shown, "://") {
		parts = parts[1:]
	}
	name := strings.Join(parts, "_")
	if len(name) > 60 {
		name = name[len(name)-60:]
	}
	return strings.TrimLeft(name, "._-") + "-" + hex.EncodeToString(sum[:8])
}

// userInfo is the user name, with or without a password or what a library shows instead of it, in a URL.
var userInfo = regexp.MustCompile(`://[^/?#@\s"]*@`)

// clean returns err with every secret taken out of its text.
func (l location) clean(err error) error {
	text := userInfo.ReplaceAllString(err.Error(), "://")
	for _, s := range l.secrets {
		text = strings.ReplaceAll(text, s, "")
	}
	if text == err.Error() {
		return err
	}
	return &cleaned{text, err}
}

// cleaned is an error whose text had secrets in it. Its cause can be asked about but not printed.
type cleaned struct {
	text string
	err  error
}

func (e *cleaned) Error() string        { return e.text }
func (e *cleaned) Is(target error) bool { return errors.Is(e.err, target) }

// lockFile and so on are the files beside a clone.
func (l location) lockFile(cache string) string { return filepath.Join(cache, l.key()+".lock") }
func (l location) clone(cache string) string    { return filepath.Join(cache, l.key()+".git") }
func (l location) temporary() string            { return l.key() + ".tmp-" }
