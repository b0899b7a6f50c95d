package docker

import (
	"context"
	"fmt"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gverify/gverify/build"
)

// box is a running container of ours. It lives no longer than its lifeline.
type box struct {
	engine   *Engine
	id       string
	lifeline types.HijackedResponse
}

// boxOptions say what a container may do. The zero value is the hardened one: no network, no capability, no way to get one.
type boxOptions struct {
	image        string
	environment  build.Environment
	phase        build.Phase
	name         string // the build's, for the label
	user         string
	network      bool
	capabilities []string // given back after all were dropped
	privileges   bool     // setuid programs work: needed by sudo
	limits       build.Limits
	emulated     bool
}

// rootCapabilities are what apt and dpkg need as root.
var rootCapabilities = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETFCAP", "SYS_CHROOT", "MKNOD"}

// sudoCapabilities are what a script gets back that may use sudo.
var sudoCapabilities = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "AUDIT_WRITE"}

// lifelineCommand is a container's first process: it ends when the stream to it does.
var lifelineCommand = []string{"cat"}

// removalTimeout bounds a clean-up, which has a context of its own: the build's may have been cancelled.
const removalTimeout = time.Minute

// open creates and starts a container. close must be called, whatever happens.
func (e *Engine) open(ctx context.Context, o boxOptions) (*box, error) {
	config, host := e.configuration(o)
	var platform *ocispec.Platform
	if o.emulated {
		os, arch, _ := strings.Cut(o.environment.Platform, "/")
		platform = &ocispec.Platform{OS: os, Architecture: arch}
	}
	created, err := e.api.ContainerCreate(ctx, config, host, &network.NetworkingConfig{}, platform, "")
	if err != nil {
		return nil, fmt.Errorf("create a container of %s: %w", o.image, err)
	}
	b := &box{engine: e, id: created.ID}
	b.lifeline, err = e.api.ContainerAttach(ctx, b.id, container.AttachOptions{Stream: true, Stdin: true})
	if err == nil {
		err = e.api.ContainerStart(ctx, b.id, container.StartOptions{})
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("start a container of %s: %w", o.image, err)
	}
	return b, nil
}

// configuration spells out a container for the engine, with limits no higher than what it has.
func (e *Engine) configuration(o boxOptions) (*container.Config, *container.HostConfig) {
	config := &container.Config{
		Image: o.image, User: o.user, Hostname: o.environment.Hostname, WorkingDir: "/",
		Entrypoint: []string{}, Cmd: lifelineCommand, OpenStdin: true, StdinOnce: true, AttachStdin: true,
		Labels: e.labels(kindContainer, map[string]string{labelName: o.name, labelPhase: string(o.phase)}),
		// An image's own health check would run beside the build.
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}},
	}
	init, pids := true, int64(o.limits.Processes)
	host := &container.HostConfig{
		NetworkMode: "none", CapDrop: []string{"ALL"}, CapAdd: o.capabilities, Init: &init,
		SecurityOpt: []string{"no-new-privileges"},
		Tmpfs:       map[string]string{"/run": "rw,nosuid,nodev,noexec,size=16m"},
		LogConfig:   container.LogConfig{Type: "none"}, // what is printed comes to us by exec
		Resources: container.Resources{
			NanoCPUs:  int64(min(o.limits.Jobs, e.info.NCPU)) * 1e9,
			Memory:    min(int64(o.limits.Memory)<<20, e.info.MemTotal),
			PidsLimit: &pids,
			Ulimits: []*container.Ulimit{
				{Name: "core"},
				{Name: "nofile", Soft: 1024, Hard: 4096}, // Linux's own; an engine that may not raise limits has at least that
				{Name: "fsize", Soft: o.limits.Disk, Hard: o.limits.Disk},
			},
		},
	}
	host.MemorySwap = host.Memory
	if o.network {
		host.NetworkMode = "default"
	}
	if o.privileges {
		host.SecurityOpt = nil
	}
	if o.phase == build.PhasePrepare {
		host.Tmpfs = nil // what packages put there belongs to the image
	}
	return config, host
}

// close removes the container and whatever still runs in it.
func (b *box) close() {
	if b.lifeline.Conn != nil {
		b.lifeline.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), removalTimeout)
	defer cancel()
	for ctx.Err() == nil {
		err := b.engine.api.ContainerRemove(ctx, b.id, container.RemoveOptions{Force: true, RemoveVolumes: true})
		if err == nil || cerrdefs.IsNotFound(err) {
			return
		}
		if !cerrdefs.IsConflict(err) { // "removal already in progress" ends with not found
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// stop kills everything in the container and keeps its files.
func (b *box) stop(ctx context.Context) error {
	err := b.engine.api.ContainerKill(ctx, b.id, "KILL")
	if err != nil && !cerrdefs.IsConflict(err) { // conflict: it is not running
		return fmt.Errorf("stop the container: %w", err)
	}
	statuses, errs := b.engine.api.ContainerWait(ctx, b.id, container.WaitConditionNotRunning)
	select {
	case <-statuses:
		return nil
	case err := <-errs:
		return fmt.Errorf("stop the container: %w", err)
	}
}
