package docker

import "maps"

// Labels mark what is ours. [Engine.Clean] looks at nothing without the first.
const (
	labelKind  = "org.gverify.kind"
	labelRun   = "org.gverify.run"   // the process that made it
	labelName  = "org.gverify.name"  // the descriptor's
	labelPhase = "org.gverify.phase" // of a container
	labelUser  = "org.gverify.user"  // of an environment: its unprivileged user
	labelKey   = "org.gverify.key"   // of an environment: hash of what it was made from
	labelBase  = "org.gverify.base"  // of a base: sha256 of its root tarball
	labelSuite = "org.gverify.suite" // of a base: "bookworm-amd64"
)

// Kinds of things we make.
const (
	kindContainer   = "container"
	kindBase        = "base"
	kindFoundation  = "foundation" // what all environments of a distribution start from
	kindEnvironment = "environment"
	kindFailed      = "failed" // a container that a script failed in, kept as an image for gverify shell --failed
)

func (e *Engine) labels(kind string, more map[string]string) map[string]string {
	all := map[string]string{labelKind: kind, labelRun: e.run}
	maps.Copy(all, more)
	return all
}
