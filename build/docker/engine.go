package docker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/system"
	"github.com/docker/docker/client"

	"github.com/gverify/gverify/build"
)

// Engine is a connection to a Docker engine that answered and runs Linux containers.
type Engine struct {
	api  *client.Client
	info system.Info
	run  string // marks what this process makes
}

// UnfitError says in one line why an engine can't be used, and what to do about it.
type UnfitError struct {
	What string
	Next string
	Err  error // what the engine or the system said; may be nil
}

func (e *UnfitError) Error() string { return e.What }
func (e *UnfitError) Unwrap() error { return e.Err }

// connectTimeout bounds the first question to an engine, so that one that hangs is noticed.
const connectTimeout = 20 * time.Second

// Connect finds the engine DOCKER_HOST and its companions name, the local one without, and asks it who it is. What stands in the
// way is an *[UnfitError].
func Connect(ctx context.Context) (*Engine, error) {
	if u, err := url.Parse(os.Getenv(client.EnvOverrideHost)); err == nil && u.Scheme == "ssh" {
		return nil, &UnfitError{What: "DOCKER_HOST is an ssh address, which gverify can't use itself",
			Next: "forward the engine's socket and name that: ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock " + strings.TrimPrefix(u.String(), "ssh://") + " & export DOCKER_HOST=unix:///tmp/engine.sock"}
	}
	api, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, &UnfitError{What: "DOCKER_HOST and its companions don't describe an engine: " + err.Error(),
			Next: "check DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH", Err: err}
	}
	asking, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	info, err := api.Info(asking)
	if err != nil {
		api.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unreachable(api.DaemonHost(), err)
	}
	if info.OSType != "linux" {
		api.Close()
		return nil, &UnfitError{What: fmt.Sprintf("the Docker engine at %s runs %s containers, builds need Linux ones", api.DaemonHost(), info.OSType),
			Next: "switch Docker Desktop to Linux containers"}
	}
	var id [6]byte
	if _, err := rand.Read(id[:]); err != nil {
		api.Close()
		return nil, err
	}
	return &Engine{api: api, info: info, run: hex.EncodeToString(id[:])}, nil
}

// Close ends the connection. Containers that still run stop with it.
func (e *Engine) Close() error { return e.api.Close() }

// String names the engine for a report: its version and where it was found.
func (e *Engine) String() string {
	return fmt.Sprintf("Docker %s (API %s, %s, %d processors) at %s", e.info.ServerVersion, e.api.ClientVersion(), e.info.Architecture, e.info.NCPU, e.api.DaemonHost())
}

// unreachable turns the client's words about a connection into one line and a way out.
func unreachable(host string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "permission denied"):
		return &UnfitError{What: fmt.Sprintf("no permission to use the Docker engine at %s", host),
			Next: "join the group docker (sudo usermod -aG docker $USER, then log in again): its members can become root on this machine", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &UnfitError{What: fmt.Sprintf("the Docker engine at %s does not answer", host), Next: "restart it, or name another with DOCKER_HOST", Err: err}
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist), client.IsErrConnectionFailed(err):
		return &UnfitError{What: fmt.Sprintf("no Docker engine answers at %s", host),
			Next: "start it (sudo systemctl start docker, or Docker Desktop), or name another with DOCKER_HOST; docker context ls shows what there is", Err: err}
	}
	return &UnfitError{What: fmt.Sprintf("the Docker engine at %s: %v", host, err), Next: "docker version may say more", Err: err}
}

// machines are the words for one architecture: the engine's (of uname) and Docker's platform.
var machines = map[string][]string{
	"x86_64":  {"linux/amd64", "linux/386"},
	"amd64":   {"linux/amd64", "linux/386"},
	"aarch64": {"linux/arm64"},
	"arm64":   {"linux/arm64"},
}

// runs reports whether the engine's processor runs the platform itself. An engine of an architecture not in the table runs only
// what is named like it.
func (e *Engine) runs(platform string) bool {
	if known, ok := machines[e.info.Architecture]; ok {
		return slices.Contains(known, platform)
	}
	return platform == "linux/"+e.info.Architecture
}

// fitFor refuses, before anything starts, a plan that this engine can't carry out.
func (e *Engine) fitFor(p build.Plan, emulate bool) error {
	for _, unit := range p.Units {
		if platform := unit.Environment.Platform; !emulate && !e.runs(platform) {
			return &UnfitError{What: fmt.Sprintf("%s needs %s, this Docker engine is %s", unit.Environment.Name, platform, e.info.Architecture),
				Next: "name an engine of that architecture with DOCKER_HOST, or use --emulate where the engine has an emulator (slow, and recorded in the report)"}
		}
	}
	return e.roomFor(p)
}

// leastFree is what must be free on the engine's disk for a build to start, and to go on: 2 GiB.
const leastFree = 2 << 30

// roomFor refuses a plan when the engine is on this machine and its disk is nearly full. An engine elsewhere is asked by the
// containers themselves (see watch).
func (e *Engine) roomFor(build.Plan) error {
	if !strings.HasPrefix(e.api.DaemonHost(), "unix://") {
		return nil
	}
	free, err := freeBytes(e.info.DockerRootDir)
	if err != nil || free >= leastFree {
		return nil
	}
	return &UnfitError{What: fmt.Sprintf("no disk space: %s has %d MiB free, a build needs at least %d MiB", e.info.DockerRootDir, free>>20, leastFree>>20),
		Next: "gverify clean removes what gverify left in the engine"}
}
