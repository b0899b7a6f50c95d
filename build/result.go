package build

import (
	"fmt"
	"time"

	"github.com/gverify/gverify/sigs"
)

// Result is what a build took in and gave out: the content of res.yml, and what else is worth knowing.
type Result struct {
	Name  string        // the descriptor's
	Out   sigs.Manifest // files of out/, in C byte order
	In    In
	Base  []sigs.Base // one per unit, in the plan's order: Environment.Name and the package files
	Cache Cache

	// Not in res.yml:
	Fetched  []sigs.Entry   // files the fetch phase added to the common cache
	Phases   []Timing       // in order
	Findings []sigs.Finding // sudo, script network, odd files
}

// In is what went in, in the order of in_manifest: descriptor, files as the descriptor lists them, remotes likewise.
type In struct {
	Files   []sigs.Entry // the descriptor first
	Commits []sigs.Commit
}

// Cache is what the caches held after the build. Both are empty where the descriptor has no enable_cache.
type Cache struct {
	Common  sigs.Manifest
	Package sigs.Manifest
}

// Timing is how long one phase of one unit took.
type Timing struct {
	Unit  string // Environment.Name
	Phase Phase
	Took  time.Duration
	Note  string // "reused": the environment was there already
}

// FailedError is a build that ended, but not well.
type FailedError struct {
	Unit   string // Environment.Name
	Phase  Phase
	Status int    // exit status of the command
	Why    string // "killed: out of memory", "took longer than 24h0m0s"; empty: see the log
	Log    string // file with the phase's output, empty where none was kept
}

func (e *FailedError) Error() string {
	text := fmt.Sprintf("%s: the %s phase ended with status %d", e.Unit, e.Phase, e.Status)
	if e.Why != "" {
		text = fmt.Sprintf("%s: the %s phase was stopped: %s", e.Unit, e.Phase, e.Why)
	}
	return text
}
