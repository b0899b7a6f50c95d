package docker

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"

	"github.com/gverify/gverify/build"
)

// labelled returns the newest image with the label, or "".
func (e *Engine) labelled(ctx context.Context, kind, label, value string) (string, error) {
	images, err := e.api.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(
		filters.Arg("label", labelKind+"="+kind), filters.Arg("label", label+"="+value))})
	if err != nil {
		return "", fmt.Errorf("list images: %w", err)
	}
	id, newest := "", int64(0)
	for _, i := range images {
		if id == "" || i.Created > newest {
			id, newest = i.ID, i.Created
		}
	}
	return id, nil
}

// ImportBase makes an image of a root tarball whose hash is sum ("sha256:<64 hex>"), unless the engine has it. The image is named
// for suite and architecture, because old engines record every imported image as their own architecture.
func (e *Engine) ImportBase(ctx context.Context, suite, arch, sum string, root io.Reader) (string, error) {
	if id, err := e.labelled(ctx, kindBase, labelBase, sum); err != nil || id != "" {
		return id, err
	}
	var changes []string
	for k, v := range e.labels(kindBase, map[string]string{labelBase: sum, labelSuite: suite + "-" + arch}) {
		changes = append(changes, fmt.Sprintf("LABEL %s=%q", k, v))
	}
	hash := sha256.New()
	counted := io.TeeReader(root, hash)
	answer, err := e.api.ImageImport(ctx, image.ImportSource{Source: counted, SourceName: "-"},
		fmt.Sprintf("gverify/base:%s-%s-%.12s", suite, arch, strings.TrimPrefix(sum, "sha256:")), image.ImportOptions{Changes: changes})
	if err != nil {
		return "", fmt.Errorf("import the base: %w", err)
	}
	defer answer.Close()
	if err := readMessages(answer, nil); err != nil {
		return "", fmt.Errorf("import the base: %w", err)
	}
	id, err := e.labelled(ctx, kindBase, labelBase, sum)
	if err == nil && id == "" {
		err = fmt.Errorf("import the base: the engine took it and does not have it")
	}
	if err != nil {
		return "", err
	}
	if _, err = io.Copy(io.Discard, counted); err == nil && fmt.Sprintf("sha256:%x", hash.Sum(nil)) != sum {
		err = fmt.Errorf("import the base: the root tarball's hash is %x, not %s", hash.Sum(nil), sum)
	}
	if err != nil {
		_, _ = e.api.ImageRemove(context.WithoutCancel(ctx), id, image.RemoveOptions{Force: true})
		return "", err
	}
	return id, nil
}

// Pull fetches an image of a registry by its digest, for the platform asked, and returns its id.
func (e *Engine) Pull(ctx context.Context, name, digest, platform string, log io.Writer) (string, error) {
	ref := name + "@" + digest
	if tagged := strings.LastIndexByte(name, ':'); tagged > strings.LastIndexByte(name, '/') {
		ref = name[:tagged] + "@" + digest
	}
	if id, err := e.Find(ctx, ref); err == nil {
		return id, nil
	}
	answer, err := e.api.ImagePull(ctx, ref, image.PullOptions{Platform: platform})
	if err != nil {
		return "", fmt.Errorf("pull %s: %w", ref, err)
	}
	defer answer.Close()
	if err := readMessages(answer, log); err != nil {
		return "", fmt.Errorf("pull %s: %w", ref, err)
	}
	return e.Find(ctx, ref)
}

// Find returns the id of an image the engine has, by name or id.
func (e *Engine) Find(ctx context.Context, ref string) (string, error) {
	inspected, err := e.api.ImageInspect(ctx, ref)
	if cerrdefs.IsNotFound(err) {
		return "", &UnfitError{What: fmt.Sprintf("the engine has no image %s", ref), Next: "gverify base makes one; docker images lists what there is", Err: err}
	}
	if err != nil {
		return "", fmt.Errorf("image %s: %w", ref, err)
	}
	return inspected.ID, nil
}

// commit makes an image of the box's files.
func (b *box) commit(ctx context.Context, kind, tag string, labels map[string]string) (string, error) {
	config := &container.Config{Labels: b.engine.labels(kind, labels), Cmd: lifelineCommand}
	answer, err := b.engine.api.ContainerCommit(ctx, b.id, container.CommitOptions{Reference: tag, Comment: "made by gverify", Config: config, Pause: true})
	if err != nil {
		return "", fmt.Errorf("keep the container as an image: %w", err)
	}
	return answer.ID, nil
}

// readMessages reads an engine's stream of JSON messages to its end and returns the error in it, if any.
func readMessages(r io.Reader, log io.Writer) error {
	for d := json.NewDecoder(r); ; {
		var message struct{ Status, Error string }
		err := d.Decode(&message)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if message.Error != "" {
			return fmt.Errorf("%s", message.Error)
		}
		if log != nil && message.Status != "" {
			fmt.Fprintln(log, message.Status)
		}
	}
}

// baseImage returns the id of the image a unit starts from: in the engine already, pulled, or imported from the tarball.
func (r *run) baseImage(ctx context.Context, env build.Environment) (string, error) {
	base := env.Base
	switch {
	case base.ID != "":
		return r.engine.Find(ctx, base.ID)
	case base.Tarball != "":
		if id, err := r.engine.labelled(ctx, kindBase, labelBase, base.Tarball); err != nil || id != "" {
			return id, err
		}
		if r.options.OpenBase == nil {
			return "", noTarball(env)
		}
		root, err := r.options.OpenBase(base.Tarball)
		if err != nil {
			return "", fmt.Errorf("%w (%w)", noTarball(env), err)
		}
		defer root.Close()
		return r.engine.ImportBase(ctx, env.Suite, env.Architecture, base.Tarball, root)
	}
	return r.engine.Pull(ctx, base.Image, base.Digest, env.Platform, r.log)
}

func noTarball(env build.Environment) error {
	return &UnfitError{What: fmt.Sprintf("%s: neither the engine nor the cache has the root tarball %s", env.Name, env.Base.Tarball),
		Next: fmt.Sprintf("gverify base --suite %s --arch %s makes one; the same packages give the same hash", env.Suite, env.Architecture)}
}
