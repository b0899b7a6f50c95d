package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

func newProjectsCommand(w world) *cobra.Command {
	var o output
	cmd := &cobra.Command{
		Use:   "projects",
		Short: "The projects gverify knows, and where their attestations are",
		Long:  "Lists the projects gverify knows, the built-in ones and those of the configuration file.\n\n" + toolExitHelp,
		Args:  exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			if err := o.validate("text", "json"); err != nil {
				return err
			}
			return runProjects(o, w)
		},
	}
	o.flags(cmd, "text or json")
	cmd.Flags().Lookup("quiet").Usage = "print the names only, one on a line"
	return cmd
}

func runProjects(o output, w world) error {
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return err
	}
	list := projectList{Schema: projectsSchema, Projects: []listedProject{}}
	var rows [][]string
	for _, name := range set.Names() {
		p, _ := set.Find(name)
		listed := listedProject{Name: name, Title: p.Title, Trusted: len(p.Pins), Threshold: p.Threshold, Repositories: []listedRepository{}}
		for i, r := range p.Repositories {
			listed.Repositories = append(listed.Repositories, listedRepository{set.Rewrite(r.URL), r.From, r.Until})
			first := []string{name, p.Title, trusted(p)}
			if i > 0 {
				first = []string{"", "", ""}
			}
			rows = append(rows, append(first, versionRange(r), set.Rewrite(r.URL)))
		}
		list.Projects = append(list.Projects, listed)
	}
	return o.table(w, []string{"project", "name", "trusted signers", "versions", "attestations"}, rows, list)
}

// trusted says how many people's votes a preset counts.
func trusted(p projects.Project) string {
	if len(p.Pins) == 0 {
		return "none published"
	}
	return fmt.Sprintf("%d, %d must agree", len(p.Pins), p.Threshold)
}

func versionRange(r projects.Repository) string {
	switch {
	case r.From == "" && r.Until == "":
		return "all"
	case r.From == "":
		return "before " + r.Until
	case r.Until == "":
		return "from " + r.From
	}
	return r.From + " to before " + r.Until
}

// Names of the versions of the JSON that projects and releases write. Fields may be added; what is there keeps its meaning.
const (
	projectsSchema = "gverify.projects/v1"
	releasesSchema = "gverify.releases/v1"
)

type projectList struct {
	Schema   string          `json:"schema"`
	Projects []listedProject `json:"projects"`
}

type listedProject struct {
	Name         string             `json:"name"`
	Title        string             `json:"title"`
	Trusted      int                `json:"trusted_signers"`
	Threshold    int                `json:"threshold"` // how many of them must agree; 0 where none are published
	Repositories []listedRepository `json:"repositories"`
}

// listedRepository has the attestations of the versions from one to before another; an empty one is no limit.
type listedRepository struct {
	URL   string `json:"url"`
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

type releaseList struct {
	Schema   string          `json:"schema"`
	Project  string          `json:"project"`
	Releases []listedRelease `json:"releases"`
}

type listedRelease struct {
	Version   string   `json:"version"`
	Signers   int      `json:"signers"`
	Platforms []string `json:"platforms"`
}

// table writes rows as aligned text, their first cells alone where the user wants it quiet, or the same as JSON.
func (o output) table(w world, header []string, rows [][]string, document any) error {
	return writeOutput(w, o.file, func(out io.Writer) error {
		switch {
		case o.format == "json":
			e := json.NewEncoder(out)
			e.SetIndent("", "  ")
			return e.Encode(document)
		case !o.quiet:
			return report.Table(out, header, rows, o.render(w))
		}
		for _, row := range rows {
			if row[0] == "" { // goes on with the row before it
				continue
			}
			if _, err := fmt.Fprintln(out, report.Quote(row[0])); err != nil {
				return err
			}
		}
		return nil
	})
}

// releasesOptions are the flags of gverify releases.
type releasesOptions struct {
	project, sigs, revision string
	offline                 bool
	output
}

func newReleasesCommand(w world) *cobra.Command {
	var o releasesOptions
	cmd := &cobra.Command{
		Use:   "releases",
		Short: "The releases a project has attestations for",
		Long:  "Lists the releases in the project's attestation repositories. That one is listed says nothing of its verdict.\n\n" + toolExitHelp,
		Args:  exactArgs(0, "no arguments; the project goes with --project"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			if err := o.validate("text", "json"); err != nil {
				return err
			}
			return runReleases(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.project, "project", projects.Default, "whose releases; gverify projects lists them")
	f.StringVar(&o.sigs, "sigs", "", "attestation repository to use instead of the project's")
	f.StringVar(&o.revision, "revision", "", "commit, tag or branch of the repository given with --sigs")
	f.BoolVar(&o.offline, "offline", false, "never use the network")
	o.output.flags(cmd, "text or json")
	f.Lookup("quiet").Usage = "print the versions only, one on a line"
	return cmd
}

func runReleases(ctx context.Context, o releasesOptions, w world) error {
	if o.revision != "" && o.sigs == "" {
		return withHint(usagef("--revision needs --sigs: a project may have several repositories"), "gverify projects lists them")
	}
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return err
	}
	project, ok := set.Find(o.project)
	if !ok {
		return withHint(usagef("unknown project %q", o.project), "known: %s", strings.Join(set.Names(), ", "))
	}
	locations := []string{o.sigs}
	if o.sigs == "" {
		locations = nil
		for _, r := range project.Repositories {
			locations = append(locations, r.URL)
		}
	}
	from := opener{dirs: dirs, rewrite: set.Rewrite, offline: o.offline, progress: w.progress(o.quiet), now: w.now}
	list := releaseList{Schema: releasesSchema, Project: project.Name, Releases: []listedRelease{}}
	for _, location := range locations {
		more, err := releasesOf(ctx, from, location, o.revision)
		if err != nil {
			return err
		}
		list.Releases = append(list.Releases, more...)
	}
	var rows [][]string
	for _, r := range list.Releases {
		rows = append(rows, []string{r.Version, strconv.Itoa(r.Signers), strings.Join(r.Platforms, " ")})
	}
	if len(rows) == 0 {
		return withHint(fmt.Errorf("no releases in %s", strings.Join(locations, ", ")), "an attestation repository has directories such as 0.15.2-linux/SIGNER or 29.0/SIGNER")
	}
	return o.output.table(w, []string{"version", "signers", "platforms"}, rows, list)
}

// releasesOf lists the releases of one repository.
func releasesOf(ctx context.Context, from opener, location, revision string) ([]listedRelease, error) {
	src, err := openSource(ctx, from, location, revision)
	if err != nil {
		return nil, err
	}
	defer src.close()
	listing, err := sigs.List(src.fsys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.location, err)
	}
	var out []listedRelease
	for _, v := range listing.Versions() {
		out = append(out, listedRelease{v.Version, v.Signers, append([]string{}, v.Platforms...)})
	}
	return out, nil
}
