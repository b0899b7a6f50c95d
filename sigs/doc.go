// Package sigs reads attestations: what independent builders say they got when they built a release, and the signatures
// under which they say it.
//
// It finds attestations in a tree ([List], [Scan]), keeps what was signed apart from what was only claimed ([Check]) and
// parses assertions ([ParseAssertion], [ParseSums]). It never decides whom to believe: that is package verify, with a policy.
// It opens no network connection, reads no clock and knows no key format: a [Verifier] is given to it.
package sigs
