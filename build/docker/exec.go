package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// command is a process to run in a box. Args are handed to the kernel as they are.
type command struct {
	args   []string
	user   string
	env    []string
	dir    string
	stdin  io.Reader // nil: /dev/null
	stdout io.Writer // nil: discarded
	stderr io.Writer
}

// exec runs a command to its end and returns its exit status. An error means that it is not known how the command ended; when ctx
// was cancelled, that the command may still run: only closing the box stops it.
func (b *box) exec(ctx context.Context, c command) (int, error) {
	api := b.engine.api
	created, err := api.ContainerExecCreate(ctx, b.id, container.ExecOptions{
		Cmd: c.args, User: c.user, Env: c.env, WorkingDir: c.dir, AttachStdin: c.stdin != nil, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", c.args[0], err)
	}
	stream, err := api.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{})
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", c.args[0], err)
	}
	stopWatching := context.AfterFunc(ctx, func() { stream.Close() }) // reads on the connection know no context
	defer stopWatching()
	defer stream.Close()

	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if c.stdin != nil {
			_, _ = io.Copy(stream.Conn, c.stdin) // a command that reads no further shows in its status
			_ = stream.CloseWrite()
		}
	}()
	_, err = stdcopy.StdCopy(orDiscard(c.stdout), orDiscard(c.stderr), stream.Reader)
	stream.Close()
	<-sent
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("run %s: the output ended: %w", c.args[0], err)
	}
	return b.status(ctx, created.ID, c.args[0])
}

// status asks how a command ended whose output has.
func (b *box) status(ctx context.Context, id, name string) (int, error) {
	for {
		inspected, err := b.engine.api.ContainerExecInspect(ctx, id)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if err != nil {
			return 0, fmt.Errorf("run %s: how it ended is not known: %w", name, err)
		}
		// A container that ended under a command has ended the command too, whatever status is noted for it.
		if state, err := b.engine.api.ContainerInspect(ctx, b.id); err != nil || !state.State.Running {
			return 0, fmt.Errorf("run %s: the container ended under it", name)
		}
		if !inspected.Running {
			return inspected.ExitCode, nil
		}
		select { // the output was closed by the command itself, or its end is about to be noted
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// maxAnswer is how much a short command may print.
const maxAnswer = 8 << 20

// answer runs a command that must succeed, and returns what it printed.
func (b *box) answer(ctx context.Context, c command) ([]byte, error) {
	var out, complaint bytes.Buffer
	c.stdout, c.stderr = &limitedWriter{w: &out, left: maxAnswer}, &limitedWriter{w: &complaint, left: 4096}
	status, err := b.exec(ctx, c)
	if err != nil {
		return nil, err
	}
	if status != 0 {
		return nil, fmt.Errorf("%s ended with status %d: %s", c.args[0], status, bytes.TrimSpace(complaint.Bytes()))
	}
	if out.Len() == maxAnswer {
		return nil, fmt.Errorf("%s printed more than %d bytes", c.args[0], maxAnswer)
	}
	return out.Bytes(), nil
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// errFull is what a limitedWriter's owner may look for.
var errFull = errors.New("more than is kept")

// limitedWriter passes on so many bytes and drops the rest: what a build prints must not fill a disk or the memory.
type limitedWriter struct {
	w    io.Writer
	left int64
	full error // set once something was dropped
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	keep := p[:min(int64(len(p)), l.left)]
	if len(keep) > 0 {
		if _, err := l.w.Write(keep); err != nil {
			return 0, err
		}
		l.left -= int64(len(keep))
	}
	if len(keep) < len(p) {
		l.full = errFull
	}
	return len(p), nil
}
