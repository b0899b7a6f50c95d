package verify

// CauseID names a kind of cause. The names are stable: reports, vectors and labelled cases use them.
type CauseID string

const (
	CorruptFile      CauseID = "corrupt-file"      // the file is no assertion that can be read
	EmptyOutput      CauseID = "empty-output"      // the build gave nothing out
	WrongDirectory   CauseID = "wrong-directory"   // an assertion of another descriptor than its neighbours'
	OtherRelease     CauseID = "other-release"     // another release's outputs
	OtherLabel       CauseID = "label"             // an own build whose release: line names another version
	FormattingOnly   CauseID = "formatting-only"   // equal content, other bytes
	MissingArtifacts CauseID = "missing-artifacts" // files that everybody else lists
	LeftoverOutput   CauseID = "leftover-output"   // files that nobody else lists
	RenamedArtifacts CauseID = "renamed-artifacts" // the same files under another version's name
	OtherCommit      CauseID = "commit"            // another commit of a source repository
	OtherDescriptor  CauseID = "descriptor"        // another recipe
	InputFile        CauseID = "input-file"        // another input file
	UpstreamArtifact CauseID = "upstream-artifact" // an input that is another build's output, and differs there already
	StaleCache       CauseID = "stale-cache"       // dependencies built earlier, kept though they should not have been
	Toolchain        CauseID = "toolchain"         // the tools changed though no recorded package says so
	PackageDrift     CauseID = "package-drift"     // other versions of packages of the build environment
	PackageFile      CauseID = "package-file"      // a package of the same version with other contents
	PollutedBase     CauseID = "polluted-base"     // packages that nobody else has installed
	Nondeterminism   CauseID = "nondeterminism"    // the build gives other bytes each time
	HostEnvironment  CauseID = "host-environment"  // what kind of machine or container it ran in
	Undetermined     CauseID = "undetermined"      // nothing recorded explains it
)

// Cause is one ranked explanation of a split between two groups, or of one assertion that does not fit its neighbours. It is a
// lead, not a proof.
type Cause struct {
	ID         CauseID
	Confidence Confidence
	Title      string     // "compiler drift in B", without a full stop
	Artifacts  []string   // files it is about
	Evidence   []Evidence // strongest first; never empty
	Concerns   []string   // signers whose build it is about, sorted; both groups' where neither side is the odd one
	Advice     []Advice   // what to do, best first; never empty
	Claimed    bool       // it rests on assertions that are not verified
}

// Word is the cause's confidence in a word. What was recorded proves that a build started from another commit or file, or holds
// another release's output; that a newer package or an old cache made the difference is inferred, and never certain.
func (c Cause) Word() string {
	switch c.ID {
	case PackageDrift, PackageFile, Toolchain, StaleCache, PollutedBase, Nondeterminism, HostEnvironment, Undetermined, InputFile, OtherDescriptor:
		if c.Confidence.Percent() >= 95 {
			return "high"
		}
	}
	return c.Confidence.Word()
}

// Confidence is how much of the weight of everything that could explain a split a cause has. It is a number below 1 because
// what nobody recorded can always be the reason.
type Confidence float64

// Percent is the confidence as a whole number from 1 to 99.
func (c Confidence) Percent() int { return min(max(int(100*c+0.5), 1), 99) }

// Word is the confidence in a word: certain (from 95 %), high (80), likely (60), possible (30), low.
func (c Confidence) Word() string {
	switch p := c.Percent(); {
	case p >= 95:
		return "certain"
	case p >= 80:
		return "high"
	case p >= 60:
		return "likely"
	case p >= 30:
		return "possible"
	}
	return "low"
}

// EvidenceKind says what a piece of evidence is about.
type EvidenceKind string

const (
	CommitEvidence     EvidenceKind = "commit"            // Factor is the source directory
	DescriptorEvidence EvidenceKind = "descriptor"        // Factor is its file name
	InputEvidence      EvidenceKind = "input"             // Factor is the input's name
	PackageEvidence    EvidenceKind = "package"           // an update event: Factor is its best known package, Names are all
	DebEvidence        EvidenceKind = "package-file"      // Factor is a package of one version, A and B are the digests of its file
	ExtraEvidence      EvidenceKind = "extra-packages"    // Names are the packages only one side has
	MissingEvidence    EvidenceKind = "missing-packages"  // Names are the packages one side lacks
	SuiteEvidence      EvidenceKind = "suite"             // A and B are names of build environments
	CacheEvidence      EvidenceKind = "cached-dependency" // Names are dependencies with one build id and several contents
	BuildIDEvidence    EvidenceKind = "build-id"          // Names are dependencies whose build id changed though the recipe did not
	SourceEvidence     EvidenceKind = "cached-source"     // Factor is a downloaded source file
	NamesEvidence      EvidenceKind = "names"             // Names are artifacts on one side only
	ReleaseEvidence    EvidenceKind = "release"           // Factor is a release that holds these very outputs
	FileEvidence       EvidenceKind = "file"              // about an assertion file as such
	HostEvidence       EvidenceKind = "host"              // A and B are kinds of build hosts
	GroupsEvidence     EvidenceKind = "groups"            // how many groups there are and who stands alone
	HistoryEvidence    EvidenceKind = "history"           // what other releases or later assertions show
)

// Evidence is one observed difference, or one observation from elsewhere, that speaks for a cause.
type Evidence struct {
	Kind    EvidenceKind
	Factor  string   // what differs: "gcc-8", "bitcoin", "MacOSX10.11.sdk.tar.gz"
	Suite   string   // build environment of a package: "bionic-amd64"
	A, B    []string // values on each side, oldest version first; "" stands for absent
	Names   []string // all that belongs to it: the packages of an update event, dependencies, artifacts; best known first
	Who     []string // signers it was seen with, where it is not all of B
	Text    string   // one sentence or clause for the reader, without a full stop
	Doubt   string   // why it may not matter ("harmless in 0.17.1-linux"), empty: nothing known against it
	Weight  float64  // how much it speaks for its cause, comparable within one split only
	Claimed bool     // an assertion that is not verified is needed for it
}

// Remedy is a kind of advice.
type Remedy string

const (
	Rebuild       Remedy = "rebuild"        // build again with something put right
	RebuildPinned Remedy = "rebuild-pinned" // build again with the packages the other side had
	AskToRebuild  Remedy = "ask-to-rebuild" // ask the other side's signers to build again with newer packages
	SignAgain     Remedy = "sign-again"     // put a file right and sign it
	ExplainOther  Remedy = "explain-other"  // explain another release first
	Investigate   Remedy = "investigate"    // compare further
)

// Advice is one imperative sentence with an addressee.
type Advice struct {
	Remedy Remedy
	To     []string // signers who should do it, sorted; empty: the reader
	Do     string   // "update the base and rebuild", without a full stop
	Like   string   // signer whose environment to rebuild with, for RebuildPinned
	About  string   // release to explain, for ExplainOther
}

// Exoneration is a difference that cannot be the cause, and who shows it.
type Exoneration struct {
	Kind  EvidenceKind
	Names []string // "gcc-8", or packages of one update event
	Suite string
	By    []string // signers of one group who have both values between them, sorted
}
