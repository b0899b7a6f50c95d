// Package dsse signs verdicts, and checks signed ones: in-toto statements in DSSE envelopes.
//
// Reading goes in one direction: an [Envelope] is untrusted bytes, [Verify] makes it a [Verified] payload, and only that has a
// [Statement]. Keys are told apart by the digest of the key itself; the key ids in an envelope are unsigned and never looked at.
// Nothing is sent to a transparency log, and no certificate is asked for: a signature is worth what its key is worth to you.
//
// Specifications: DSSE 1.0 (secure-systems-lab/dsse), in-toto Statement v1, SLSA verification summary v1.
package dsse
