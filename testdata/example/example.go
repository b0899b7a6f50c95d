// Package example is a small attestation repository of an invented project with invented signers: what gverify demo shows
// without a network. The generator beside it made it; the secret keys were thrown away.
package example

import (
	"embed"
	"io/fs"
	"time"
)

//go:generate go run ./generate

//go:embed all:repository policy.yaml
var files embed.FS

// Version is the release in it.
const Version = "1.0"

// Day is when its keys are judged.
var Day = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// FS returns the repository.
func FS() fs.FS {
	sub, err := fs.Sub(files, "repository")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}

// Policy returns the policy file that pins its signers.
func Policy() []byte {
	data, err := files.ReadFile("policy.yaml")
	if err != nil {
		panic(err) // the file is embedded
	}
	return data
}

// Introduction says what the reader is about to see.
const Introduction = `Democoin is an invented project. Its release 1.0 was built by several people, each on a machine of their own,
and each signed the digests of the files that came out. gverify checked every signature and compared them:
`

// Explanation says what was planted.
const Explanation = `What you just saw:
  linux  Alice, Bob, Carol and Dave got the same files, byte for byte, and their signatures are good: agreed.
         Erin's file was changed after she signed it, so her signature is bad and her file is not believed.
  win    Alice, Bob and Carol got one result, Dave and Erin another. Nobody need be dishonest: gverify compared what they
         recorded of their builds and named the one thing that tells them apart. Until they agree, do not trust either file.
  osx    Alice's is the only signature that can be checked. Mallory signed too, but nobody published Mallory's key. One
         builder is no consensus: insufficient.
The whole release is as good as its worst platform. Now a real one:  gverify release 0.15.2
`
