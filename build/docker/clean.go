package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
)

// Leftover is something of ours in the engine.
type Leftover struct {
	Kind string // "container" or "image"
	ID   string
	Name string // what a user calls it
	Size int64  // bytes; 0 where it is not known
	Busy bool   // a container that runs: the gverify that started it is alive
}

// containers are all of ours.
func (e *Engine) containers(ctx context.Context) ([]container.Summary, error) {
	ours, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelKind+"="+kindContainer))})
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	return ours, nil
}

// settling is how long a container may be there before it runs.
const settling = time.Minute

// Leftovers lists everything of ours, containers first, then images in an order in which they can be removed.
func (e *Engine) Leftovers(ctx context.Context, now time.Time) ([]Leftover, error) {
	var all []Leftover
	containers, err := e.containers(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range containers {
		young := c.State == "created" && now.Sub(time.Unix(c.Created, 0)) < settling
		all = append(all, Leftover{Kind: "container", ID: c.ID, Busy: c.State == "running" || c.State == "paused" || young,
			Name: fmt.Sprintf("%.12s (%s, %s)", c.ID, c.Labels[labelName], c.Labels[labelPhase])})
	}
	images, err := e.api.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelKind))})
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	slices.SortFunc(images, func(a, b image.Summary) int { return int(b.Created - a.Created) }) // a child is younger than its parent
	for _, i := range images {
		name := fmt.Sprintf("%.19s", i.ID)
		if len(i.RepoTags) > 0 {
			name = strings.Join(i.RepoTags, ", ")
		}
		all = append(all, Leftover{Kind: "image", ID: i.ID, Name: name, Size: i.Size})
	}
	return all, nil
}

// Remove removes one. What is gone already is no error.
func (e *Engine) Remove(ctx context.Context, l Leftover) error {
	var err error
	switch l.Kind {
	case "container":
		err = e.api.ContainerRemove(ctx, l.ID, container.RemoveOptions{Force: true, RemoveVolumes: true})
	case "image":
		_, err = e.api.ImageRemove(ctx, l.ID, image.RemoveOptions{Force: true, PruneChildren: true})
	}
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("%s %s: %w", l.Kind, l.Name, err)
	}
	return nil
}
