package build

import (
	"time"

	"github.com/gverify/gverify/sigs"
)

// PlanSchema names the format of a saved plan. [ReadPlan] refuses every other.
const PlanSchema = "gverify.plan/v1"

// Plan is everything a build would do, in order, and everything it would take in. It is a value: making one does no work. A
// complete plan gives the same bytes wherever it is run.
type Plan struct {
	Schema     string     `json:"schema"`     // [PlanSchema]
	Name       string     `json:"name"`       // the descriptor's: res.yml, caches and logs are named after it
	Descriptor sigs.Entry `json:"descriptor"` // "<name>-desc.yml" and the digest of the descriptor's bytes, as in_manifest has it
	Inputs     Inputs     `json:"inputs"`
	Recipe     Script     `json:"recipe"` // the shell script of the prepare phase ([Recipe]); its steps are the units' Steps
	Units      []Unit     `json:"units"`  // suites × architectures in the descriptor's order; they share out/ and the caches
	Caches     bool       `json:"caches"` // enable_cache: $HOME/cache/common and $HOME/cache/<name> are kept between builds
	Sudo       Sudo       `json:"sudo"`
	Limits     Limits     `json:"limits"`

	Findings []sigs.Finding `json:"findings"` // what the user should know before he runs it
}

// Inputs are what goes into the container besides packages.
type Inputs struct {
	Files   []File   `json:"files"`   // in the descriptor's order, the order of in_manifest; copied to build/
	Remotes []Source `json:"remotes"` // in the descriptor's order; cloned to build/<dir>, tags included
}

// File is an input file. The runner looks for its name where the user says inputs are, and refuses one of another digest.
type File struct {
	Name   string       `json:"name"`
	Digest *sigs.Digest `json:"sha256"`         // nil: not known, the plan is not complete
	From   string       `json:"from,omitempty"` // the unit of a graph whose output it is: a descriptor's name
}

// Source is a git repository at a commit.
type Source struct {
	Dir    string `json:"dir"`
	URL    string `json:"url"`    // https, http, ssh, git or git@host:path; or a path where the user named a checkout of his
	Ref    string `json:"ref"`    // as asked: tag, branch or commit
	Commit string `json:"commit"` // 40 hexadecimal digits; empty: not looked up, the plan is not complete
	// AuthorDate is the commit's author date in UTC, "2006-01-02 15:04:05"; needed of the last remote where the descriptor has no
	// reference_datetime.
	AuthorDate string `json:"author_date,omitempty"`
}

// Unit is one pass of a build: one suite on one architecture. Each has containers of its own.
type Unit struct {
	Environment Environment `json:"environment"`
	Steps       []Step      `json:"steps"`           // in order
	Fetch       *Script     `json:"fetch,omitempty"` // fills the common cache with network; nil: no fetch phase
	Script      Script      `json:"script"`          // exactly what bash gets on standard input
}

// Environment is what a unit runs in.
type Environment struct {
	Name         string   `json:"name"` // key in base_manifests: "<suite or image digest>-<arch>"
	Distro       string   `json:"distro"`
	Suite        string   `json:"suite"`
	Architecture string   `json:"architecture"` // Debian's word: amd64, i386
	Platform     string   `json:"platform"`     // Docker's word: linux/amd64
	Personality  string   `json:"personality"`  // what setarch is given: x86_64, i386
	Base         Base     `json:"base"`
	Packages     []string `json:"packages"` // all that are installed by name, recipe's and descriptor's, in order
	User         string   `json:"user"`     // unprivileged, named after the distro
	Home         string   `json:"home"`     // /home/<user>; the script starts in it
	Hostname     string   `json:"hostname"`
	Env          []string `json:"env"` // NAME=value of fetch and script phase, before the script's own exports
}

// Base is the root file system a unit starts from: an image of a registry by digest, a root tarball by hash, or an image the
// engine has by its id. At least one of Digest, Tarball and ID is set in a complete plan.
type Base struct {
	Image   string `json:"image,omitempty"`   // reference as a user writes it: "debian:bookworm"
	Digest  string `json:"digest,omitempty"`  // of the image in its registry: "sha256:<64 hex>"
	Tarball string `json:"tarball,omitempty"` // hash of a root tarball: "sha256:<64 hex>"
	ID      string `json:"id,omitempty"`      // of an image of the engine's: "sha256:<64 hex>"
}

// Pinned reports whether the base is named by its content.
func (b Base) Pinned() bool { return b.Digest != "" || b.Tarball != "" || b.ID != "" }

// Phase is a stretch of a unit that has one container, one user and one answer to the question of network.
type Phase string

const (
	PhasePrepare Phase = "prepare" // root, network: packages are installed, then the container becomes an image
	PhaseInputs  Phase = "inputs"  // files and repositories are copied in
	PhaseFetch   Phase = "fetch"   // user, network: only fills the common cache
	PhaseScript  Phase = "script"  // user, no network: the descriptor's script
	PhaseCollect Phase = "collect" // out/ and the caches are copied out and hashed
)

// Phases are all phases in order.
var Phases = []Phase{PhasePrepare, PhaseInputs, PhaseFetch, PhaseScript, PhaseCollect}

// Input names what a step reads on standard input.
type Input string

const (
	NoInput     Input = ""
	RecipeInput Input = "recipe" // Plan.Recipe; Args are "sh", "-s", "--", and the recipe's own
	FetchInput  Input = "fetch"  // Unit.Fetch
	ScriptInput Input = "script" // Unit.Script
)

// Step is one command in the container. Args are handed to the kernel as they are: no shell reads them.
type Step struct {
	Phase   Phase    `json:"phase"`
	User    string   `json:"user"` // "root" or the environment's
	Network bool     `json:"network"`
	Args    []string `json:"args"`
	Stdin   Input    `json:"stdin,omitempty"`
	Why     string   `json:"why"` // for the reader of a plan
}

// Manifest reports whether the step prints the unit's base manifest, sha256sum lines, on standard output.
func (s Step) Manifest() bool {
	return s.Stdin == RecipeInput && s.Args[len(s.Args)-1] == manifestCommand
}

// manifestCommand is the recipe's command that prints the packages' digests.
const manifestCommand = "manifest"

// Script is a text for a shell's standard input, with its digest.
type Script struct {
	Text   string      `json:"text"`
	Digest sigs.Digest `json:"sha256"`
}

// Sudo says whether the script may become root.
type Sudo struct {
	Asked    bool     `json:"asked"`    // the descriptor has sudo: true
	Allowed  bool     `json:"allowed"`  // the user said --allow-sudo
	Commands []string `json:"commands"` // and for these commands only; none: all
}

// Limits bound what a build may use. Zero fields take the value of [DefaultLimits].
type Limits struct {
	Jobs      int           `json:"jobs"`       // -jN in MAKEOPTS
	Memory    int           `json:"memory"`     // MiB, all of the container
	Processes int           `json:"processes"`  // at once
	Disk      int64         `json:"disk"`       // bytes the build may write
	OutBytes  int64         `json:"out_bytes"`  // bytes of out/
	OutFiles  int           `json:"out_files"`  // files of out/
	CacheSize int64         `json:"cache_size"` // bytes of each cache
	Prepare   time.Duration `json:"prepare"`    // nanoseconds; time the prepare phase may take
	Fetch     time.Duration `json:"fetch"`
	Script    time.Duration `json:"script"`
}

// DefaultLimits are generous for the largest real builds.
var DefaultLimits = Limits{
	Jobs: 2, Memory: 2000, Processes: 4096,
	Disk: 64 << 30, OutBytes: 8 << 30, OutFiles: 10_000, CacheSize: 16 << 30,
	Prepare: 2 * time.Hour, Fetch: 4 * time.Hour, Script: 24 * time.Hour,
}

// Request is what the user, or a project's preset, adds to a descriptor.
type Request struct {
	Commits map[string]string      // by remote's directory: tag, branch or commit, as --commit dir=ref
	URLs    map[string]string      // by remote's directory, as --url dir=url-or-checkout; only here paths and file:// are accepted
	Sources map[string]Source      // by remote's directory: Commit and AuthorDate as looked up; absent: not looked up
	Files   map[string]sigs.Digest // by name: digests of input files, absent: not there (yet)
	From    map[string]string      // by file name: the descriptor whose output it is

	Base         func(suite, arch string) Base // nil: the distro's own image, by name only
	Jobs, Memory int
	Limits       Limits // Jobs and Memory above win

	Sudo         bool
	SudoCommands []string
	// Fetch is the command line of the fetch phase, run in build/ with SOURCES_PATH set to the common cache. Empty: the default for
	// trees with a depends directory. "-": no fetch phase.
	Fetch         string
	ScriptNetwork bool // the script phase keeps the network: the last resort, recorded
}
