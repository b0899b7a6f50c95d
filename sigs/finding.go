package sigs

// Severity says how much a [Finding] matters to its reader. It never changes an outcome.
type Severity string

const (
	Note    Severity = "note"    // worth knowing
	Warning Severity = "warning" // something is not as it should be
	Alarm   Severity = "alarm"   // somebody may be attacking, or evidence contradicts evidence
)

// Finding is something noticed about the evidence: data, never a Go error. Texts quote repository content unescaped; every
// renderer escapes them for its format.
type Finding struct {
	Code     string   `json:"code"` // stable, lower case with dashes: "bad-signature"
	Severity Severity `json:"severity"`
	Path     string   `json:"path,omitempty"`     // file in the repository it is about
	Release  string   `json:"release,omitempty"`  // release directory
	Platform string   `json:"platform,omitempty"` // platform
	Signer   string   `json:"signer,omitempty"`   // directory name or pinned name of the signer
	Text     string   `json:"text"`               // what was found, and why it matters, one or two sentences
	Next     string   `json:"next,omitempty"`     // what the reader can do about it
}
