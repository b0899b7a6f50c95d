package sigs

// Format is the form of an assertion file.
type Format string

const (
	GitianFormat Format = "gitian" // gsign's YAML: out, in, base, cache, release, name, type
	ResultFormat Format = "result" // gbuild's res.yml: the same without release, name, type
	SumsFormat   Format = "sums"   // SHA256SUMS
)

// MaxAssertion is the largest assertion file that is read, in bytes. The largest real one has 581 KB.
const MaxAssertion = 4 << 20

// Assertion is the parsed content of an assertion file: what one signer says one build took in and gave out.
type Assertion struct {
	Format       Format
	Out          Manifest // decides
	In           Manifest // explains: descriptor and input files, without the git lines
	Commits      []Commit // explains: the git lines of in_manifest, in file order
	Bases        []Base   // explains: build environments
	CacheCommon  Manifest // explains: downloaded sources
	CachePackage Manifest // explains: built dependencies
	Noise        []string // what was set aside: lines of explaining manifests (in, cache) as "in_manifest: line 12: …", unknown keys

	Release string // "release:" as signed, empty where the format has none
	Name    string // "name:", the descriptor's name
	Type    string // "type:"
}
