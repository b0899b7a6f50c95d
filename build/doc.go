// Package build turns a Gitian descriptor into a plan, and what a build gave into the files Gitian's users know.
//
//	ParseDescriptor(bytes) → Descriptor → .Plan(Request) → Plan → Runner.Run → Result → WriteResult, WriteAssertion
//
// It does no work itself: it starts no container, opens no connection, reads no clock and no file. A [Plan] says everything that
// would be done, so that it can be read before it is; a [Runner] does it. Where behaviour copies gitian-builder, the comments
// name its file (bin/gbuild, bin/gsign).
package build
