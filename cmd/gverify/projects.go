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
	var rows [][]string
	for _, name := range set.Names() {
		p, _ := set.Find(name)
		for i, r := range p.Repositories {
			first := []string{name, p.Title, trusted(p)}
			if i > 0 {
				first = []string{"", "", ""}
			}
			rows = append(rows, append(first, versionRange(r), set.Rewrite(r.URL)))
		}
	}
	return o.table(w, []string{"project", "name", "trusted signers", "versions", "attestations"}, rows)
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

// table writes rows as aligned text or as a JSON list of objects keyed by the header.
func (o output) table(w world, header []string, rows [][]string) error {
	return writeOutput(w, o.file, func(out io.Writer) error {
		if o.format != "json" {
			return report.Table(out, header, rows, o.render(w))
		}
		list := make([]map[string]string, 0, len(rows))
		for _, row := range rows {
			object := map[string]string{}
			for i, key := range header {
				object[strings.ReplaceAll(key, " ", "_")] = row[i]
			}
			list = append(list, object)
		}
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(list)
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
	var rows [][]string
	for _, location := range locations {
		more, err := releaseRows(ctx, from, location, o.revision)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	if len(rows) == 0 {
		return withHint(fmt.Errorf("no releases in %s", strings.Join(locations, ", ")), "an attestation repository has directories such as 0.15.2-linux/SIGNER or 29.0/SIGNER")
	}
	return o.output.table(w, []string{"version", "signers", "platforms"}, rows)
}

func releaseRows(ctx context.Context, from opener, location, revision string) ([][]string, error) {
	src, err := openSource(ctx, from, location, revision)
	if err != nil {
		return nil, err
	}
	defer src.close()
	listing, err := sigs.List(src.fsys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.location, err)
	}
	var rows [][]string
	for _, v := range listing.Versions() {
		rows = append(rows, []string{v.Version, strconv.Itoa(v.Signers), strings.Join(v.Platforms, " ")})
	}
	return rows, nil
}
