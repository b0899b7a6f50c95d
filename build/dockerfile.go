package build

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteDockerfile writes the plan's environments as a Dockerfile, one target per unit: the same root commands, for whoever wants
// to audit or make them with docker build. It needs the recipe beside it, in a file called prepare.sh.
func (p Plan) WriteDockerfile(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# The build environments of %s, as gverify would make them. Beside this file it wants prepare.sh:\n#\n", p.Name)
	fmt.Fprintf(&b, "#   gverify build --plan --format recipe … > prepare.sh     (sha256 %s)\n", p.Recipe.Digest)
	for _, u := range p.Units {
		if err := u.dockerfile(&b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (u Unit) dockerfile(b *strings.Builder) error {
	e := u.Environment
	fmt.Fprintf(b, "\n# %s\n", e.Name)
	stage := "env-" + strings.ToLower(e.Name)
	fmt.Fprintf(b, "#   docker build --target %s -t %s .\n", stage, stage)
	fmt.Fprintf(b, "#   docker run --rm -i --network none --cap-drop ALL --security-opt no-new-privileges %s \\\n#     setarch %s bash -x < script   (sha256 of the script: %s)\n",
		stage, e.Personality, u.Script.Digest)
	switch {
	case e.Base.Digest != "":
		fmt.Fprintf(b, "FROM --platform=%s %s@%s AS %s\n", e.Platform, untagged(e.Base.Image), e.Base.Digest, stage)
	case e.Base.Tarball != "":
		fmt.Fprintf(b, "FROM scratch AS %s\n# the root tarball with %s\nADD root-%s.tar /\n", stage, e.Base.Tarball, e.Architecture)
	case e.Base.ID != "":
		fmt.Fprintf(b, "FROM %s AS %s\n", e.Base.ID, stage)
	default:
		fmt.Fprintf(b, "# a tag: it can mean another image tomorrow\nFROM --platform=%s %s AS %s\n", e.Platform, e.Base.Image, stage)
	}
	b.WriteString("COPY prepare.sh /prepare.sh\n")
	for _, s := range u.Steps {
		if s.Phase != PhasePrepare {
			continue
		}
		args, err := json.Marshal(append([]string{"sh", "/prepare.sh"}, s.Args[3:]...))
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "# %s\nRUN %s\n", s.Why, args)
	}
	b.WriteString("RUN [\"rm\",\"/prepare.sh\"]\n")
	for _, v := range e.Env {
		fmt.Fprintf(b, "ENV %s\n", v)
	}
	fmt.Fprintf(b, "USER %s\nWORKDIR %s\n", e.User, e.Home)
	return nil
}

// untagged is an image reference without its tag.
func untagged(image string) string {
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i]
	}
	return image
}
