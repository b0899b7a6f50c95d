package build

import "strings"

// steps lists the commands of a unit in gbuild's order, and every package they install by name.
func (d Descriptor) steps(e Environment, u Unit, sudo Sudo, network bool) ([]Step, []string) {
	s := stepper{user: e.User}
	s.root("the packages every build finds, the locale, the user", "base", e.User)
	s.packages = append(s.packages, basePackages...)
	if sudo.Allowed {
		s.root("the descriptor asks for sudo, and you allowed it", append([]string{"sudo", e.User}, sudo.Commands...)...)
	}
	if len(d.Multiarch) > 0 {
		s.root("multiarch", append([]string{"architecture"}, d.Multiarch...)...)
	}
	s.root("read the archive's package lists", "update")
	if len(d.Packages) > 0 {
		s.install("the descriptor's packages", d.Packages)
	}
	s.repositories(d.Repositories)
	for _, a := range d.Alternatives {
		s.root("alternatives", "alternative", a.Package, a.Path)
	}
	s.root("bring everything to its newest version", "upgrade")
	s.root("record the digest of every package", manifestCommand)

	dirs := []string{"mkdir", "-p", "build", "out", "inst"}
	if d.EnableCache {
		dirs = append(dirs, "cache/common", "cache/"+d.Name)
	}
	s.add(Step{Phase: PhaseInputs, Args: dirs, Why: "the script's directories; inputs are copied to build/"})
	if u.Fetch != nil {
		s.add(Step{Phase: PhaseFetch, Network: true, Args: []string{"bash"}, Stdin: FetchInput, Why: "download what the script wants into the common cache, and nothing else"})
	}
	s.add(Step{Phase: PhaseScript, Network: network, Args: []string{"setarch", e.Personality, "bash", "-x"}, Stdin: ScriptInput, Why: "the descriptor's script"})
	return s.steps, s.packages
}

// stepper collects steps.
type stepper struct {
	user     string
	steps    []Step
	packages []string
}

func (s *stepper) add(step Step) {
	if step.User == "" {
		step.User = s.user
	}
	s.steps = append(s.steps, step)
}

// root adds a command of the recipe.
func (s *stepper) root(why string, args ...string) {
	s.add(Step{Phase: PhasePrepare, User: "root", Network: true, Args: append([]string{"sh", "-s", "--"}, args...), Stdin: RecipeInput, Why: why})
}

func (s *stepper) install(why string, packages []string) {
	s.root(why, append([]string{"install"}, packages...)...)
	s.packages = append(s.packages, packages...)
}

// repositories adds them all, then installs from each, as gbuild does.
func (s *stepper) repositories(list []Repository) {
	if len(list) == 0 {
		return
	}
	s.install("to check the signatures of repositories", []string{repositoryPackage})
	for _, r := range list {
		args := []string{"repository", strings.TrimSpace(r.Source)}
		if r.Key != "" {
			args = append(args, r.Name, r.Key)
		}
		s.root("a repository of the descriptor's", args...)
	}
	s.root("read the package lists of the repositories", "update")
	for _, r := range list {
		s.root("packages from "+r.Distribution, append([]string{"install-from", r.Distribution}, r.Packages...)...)
		s.packages = append(s.packages, r.Packages...)
	}
}
