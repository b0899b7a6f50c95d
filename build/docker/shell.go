package docker

import (
	"context"
	"fmt"
	"io"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"

	"github.com/gverify/gverify/build"
)

// ShellOptions say where a shell is opened and what it is connected to.
type ShellOptions struct {
	Name   string // the descriptor's; empty: the newest of all
	Failed bool   // as the last failed script left it, rather than as the packages were installed
	In     io.Reader
	Out    io.Writer
	Width  uint
	Height uint
}

// Shell opens a shell in an environment as the unprivileged user, hardened as the script phase is: no network, no capability. What
// is done there is thrown away with the container.
func (e *Engine) Shell(ctx context.Context, o ShellOptions) error {
	kind := kindEnvironment
	if o.Failed {
		kind = kindFailed
	}
	found, err := e.newest(ctx, kind, o.Name)
	if err != nil {
		return err
	}
	user := found.Labels[labelUser]
	if user == "" {
		return fmt.Errorf("%s does not say whose it is", found.ID)
	}
	b, err := e.open(ctx, boxOptions{image: found.ID, phase: build.PhaseScript, name: found.Labels[labelName], user: user, limits: build.DefaultLimits,
		environment: build.Environment{Hostname: "gitian"}})
	if err != nil {
		return err
	}
	defer b.close()
	created, err := e.api.ContainerExecCreate(ctx, b.id, container.ExecOptions{Cmd: []string{"bash"}, User: user, WorkingDir: "/home/" + user, Tty: true,
		Env: []string{"HOME=/home/" + user, "TERM=xterm", "TZ=UTC"}, AttachStdin: true, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return fmt.Errorf("open a shell: %w", err)
	}
	stream, err := e.api.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{Tty: true})
	if err != nil {
		return fmt.Errorf("open a shell: %w", err)
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, func() { stream.Close() })()
	if o.Width > 0 {
		_ = e.api.ContainerExecResize(ctx, created.ID, container.ResizeOptions{Width: o.Width, Height: o.Height})
	}
	go func() { // ends with the stream, or with the program where its input is a terminal
		_, _ = io.Copy(stream.Conn, o.In)
		_ = stream.CloseWrite()
	}()
	_, err = io.Copy(o.Out, stream.Reader)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// newest returns the newest image of a kind, of a descriptor where one is named.
func (e *Engine) newest(ctx context.Context, kind, name string) (image.Summary, error) {
	wanted := filters.NewArgs(filters.Arg("label", labelKind+"="+kind))
	if name != "" {
		wanted.Add("label", labelName+"="+name)
	}
	images, err := e.api.ImageList(ctx, image.ListOptions{Filters: wanted})
	if err != nil {
		return image.Summary{}, fmt.Errorf("list images: %w", err)
	}
	var newest image.Summary
	for _, i := range images {
		if newest.ID == "" || i.Created > newest.Created {
			newest = i
		}
	}
	switch {
	case newest.ID != "":
		return newest, nil
	case kind == kindFailed:
		return newest, &UnfitError{What: "no failed build was kept", Next: "gverify build --keep-failed keeps one"}
	}
	return newest, &UnfitError{What: "no environment is prepared", Next: "gverify build DESCRIPTOR prepares one"}
}
