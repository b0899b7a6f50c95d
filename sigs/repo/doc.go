// Package repo reads attestation repositories in git: as an fs.FS at one commit.
//
// Repositories named by URL are cloned bare into a cache and fetched on later runs; local ones are read in place and never
// written to. Nothing is ever checked out, no hook is run, no symbolic link and no submodule is followed. Every object is
// checked against its id before any of it is given out, whatever git or a remote says about it.
//
// The package says whether a remote's history was rolled back or rewritten; it never decides whom to believe.
package repo
