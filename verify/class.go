package verify

// ArtifactClass is what step of a build a set of artifacts comes from, judged by their names alone.
type ArtifactClass string

const (
	SourceClass      ArtifactClass = "src"
	DebugClass       ArtifactClass = "debug"
	ImageClass       ArtifactClass = "dmg"
	InstallerClass   ArtifactClass = "installer"
	NativeLinuxClass ArtifactClass = "native-linux"
	CrossLinuxClass  ArtifactClass = "cross-linux"
	WindowsClass     ArtifactClass = "win"
	MacClass         ArtifactClass = "osx"
	MixedClass       ArtifactClass = "mixed"
)
