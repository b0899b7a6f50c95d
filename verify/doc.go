// Package verify decides whether independent builders agree.
//
// It is arithmetic on values: it opens no file, makes no connection, reads no clock, and the same statements and policy
// always give the same [Verdict].
package verify
