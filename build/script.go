package build

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strings"
)

// recipe is the root part of every environment.
//
//go:embed prepare.sh
var recipe string

// Recipe returns the shell script that makes a build environment from a bare distribution: the file a user audits. The runner
// feeds it to sh, the builder target of the project's Dockerfile copies it.
func Recipe() Script { return script(recipe) }

func script(text string) Script { return Script{Text: text, Digest: sha256.Sum256([]byte(text))} }

// header is how every script of the unprivileged user begins.
const header = `#!/bin/bash
set -e
export LANG='en_US.UTF-8'
export LC_ALL='en_US.UTF-8'
umask 002
`

// buildScript is what gbuild sends to bash's standard input ("var/build-script" in bin/gbuild), line by line in its order. Only
// OUTDIR, LANG and LC_ALL are exported: exporting the others can change what comes out.
func (d Descriptor) buildScript(arch string, l Limits, referenceTime string) string {
	var b strings.Builder
	b.WriteString(header)
	b.WriteString("export OUTDIR=$HOME/out\n")
	fmt.Fprintf(&b, "GBUILD_BITS=%s\n", architectures[arch].bits)
	if d.EnableCache {
		b.WriteString("GBUILD_CACHE_ENABLED=1\n")
		fmt.Fprintf(&b, "GBUILD_PACKAGE_CACHE=$HOME/cache/%s\n", d.Name)
		b.WriteString("GBUILD_COMMON_CACHE=$HOME/cache/common\n")
	}
	fmt.Fprintf(&b, "MAKEOPTS=(-j%d)\nNUM_PROCS=%d\nNUM_MEM=%d\n\n", l.Jobs, l.Jobs, l.Memory)
	b.WriteString(d.cleanRemotes())
	date, clock, _ := strings.Cut(referenceTime, " ")
	fmt.Fprintf(&b, "\nREFERENCE_DATETIME='%s'\nREFERENCE_DATE='%s'\nREFERENCE_TIME='%s'\n\ncd build\n", referenceTime, date, clock)
	b.WriteString(d.Script)
	if !strings.HasSuffix(d.Script, "\n") {
		b.WriteByte('\n')
	}
	return b.String()
}

// cleanRemotes puts every checkout into the state of its commit.
func (d Descriptor) cleanRemotes() string {
	var b strings.Builder
	for _, r := range d.Remotes {
		fmt.Fprintf(&b, "(cd build/%s && git reset -q --hard && git clean -q -f -d)\n", r.Dir)
	}
	return b.String()
}

// dependsDirs are where trees in the manner of Bitcoin's keep what they build first.
var dependsDirs = []string{"depends", "contrib/depends"}

// fetchScript fills the common cache: with the command given, else with "make download" of every depends directory.
func (d Descriptor) fetchScript(command string) string {
	var b strings.Builder
	b.WriteString(header)
	b.WriteString("export SOURCES_PATH=$HOME/cache/common\n\n")
	b.WriteString(d.cleanRemotes())
	b.WriteString("\ncd build\n")
	if command != "" {
		return b.String() + command + "\n"
	}
	for _, r := range d.Remotes {
		for _, dir := range dependsDirs {
			at := r.Dir + "/" + dir
			fmt.Fprintf(&b, "if [ -f %s/Makefile ]; then make -C %s download; fi\n", at, at)
		}
	}
	return b.String()
}
