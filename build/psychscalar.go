package build

import (
	"regexp"
	"strings"
	"time"
)

// The forms in which Ruby reads something else than a text: Psych's ScalarScanner#tokenize, in its order.
var (
	textStart = regexp.MustCompile(`(?m)^[^\d.:\-]?[\p{L}\p{M}_\s!@#$%\^&*(){}<>|/\\~;=]+`)
	shortText = regexp.MustCompile(`(?mi)^[^ytonf~]`)
	word      = regexp.MustCompile(`(?mi)^(null|yes|true|on|no|false|off)$`)
	timestamp = regexp.MustCompile(`(?m)^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$`)
	dateLike  = regexp.MustCompile(`(?m)^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$`)
	special   = regexp.MustCompile(`(?mi)^(?:\+?\.inf|-\.inf|\.nan)$`)
	symbol    = regexp.MustCompile(`(?m)^:.`)
	base60    = regexp.MustCompile(`(?m)^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}(?:\.[0-9_]*)?$`)
	float     = regexp.MustCompile(`(?m)^(?:[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][-+][0-9]+)?)$`)
	point     = regexp.MustCompile(`\A[-+]?\.\n?\z`)
	integer   = regexp.MustCompile(`(?m)^(?:[-+]?0b[0-1_,]+|[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_,]+)$`)
)

// readsAsText reports whether Ruby would read the bare word as a text.
func readsAsText(s string) bool {
	switch {
	case s == "":
		return false
	case textStart.MatchString(s) || strings.Contains(s, "\n"):
		return len([]rune(s)) > 5 || shortText.MatchString(s) || s != "~" && !word.MatchString(s)
	case timestamp.MatchString(s):
		return false
	case dateLike.MatchString(s):
		_, err := time.Parse("2006-1-2", s)
		return err != nil
	case special.MatchString(s), symbol.MatchString(s), base60.MatchString(s):
		return false
	case float.MatchString(s):
		return point.MatchString(s)
	}
	return !integer.MatchString(s)
}
