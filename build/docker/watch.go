package docker

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gverify/gverify/build"
)

// stopped is why a phase was ended by us and not by itself.
type stopped struct{ why string }

func (s *stopped) Error() string { return s.why }

// guard returns a context that ends when the phase takes too long or writes too much, with a *[stopped] as its cause. Call done
// when the phase is over.
func (b *box) guard(ctx context.Context, limit time.Duration, disk int64) (guarded context.Context, done func()) {
	timed, cancelTime := context.WithTimeoutCause(ctx, limit, &stopped{fmt.Sprintf("it took longer than %s", limit)})
	guarded, cancel := context.WithCancelCause(timed)
	joined := make(chan struct{})
	go func() {
		defer close(joined)
		b.watchDisk(guarded, disk, cancel)
	}()
	return guarded, func() {
		cancel(nil)
		cancelTime()
		<-joined
	}
}

// watchDisk looks at what the container has written, and at what is left on the engine's disk, as often as that costs little.
func (b *box) watchDisk(ctx context.Context, limit int64, cancel context.CancelCauseFunc) {
	pause := time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		began := time.Now()
		written, err := b.written(ctx)
		if err == nil && written > limit {
			cancel(&stopped{fmt.Sprintf("it wrote more than %d MiB", limit>>20)})
			return
		}
		if free, inodes, err := b.free(ctx); err == nil && (free < leastFree/2 || inodes < leastInodes) {
			cancel(&stopped{fmt.Sprintf("the engine's disk is nearly full: %d MiB and %d files are left", free>>20, inodes)})
			return
		}
		pause = min(max(time.Second, 4*time.Since(began)), 10*time.Second)
	}
}

// leastInodes is how many files the engine's disk must still have room for.
const leastInodes = 50_000

// written returns the bytes a container's files take besides its image's.
func (b *box) written(ctx context.Context) (int64, error) {
	inspected, _, err := b.engine.api.ContainerInspectWithRaw(ctx, b.id, true)
	if err != nil || inspected.SizeRw == nil {
		return 0, err
	}
	return *inspected.SizeRw, nil
}

// free returns the bytes and files the disk below the container has room for.
func (b *box) free(ctx context.Context) (bytes, inodes int64, err error) {
	out, err := b.answer(ctx, command{args: []string{"stat", "-f", "-c", "%a %S %d %c", "/"}, user: "root"})
	if err != nil {
		return 0, 0, err
	}
	var blocks, size, total int64
	if _, err := fmt.Sscan(string(out), &blocks, &size, &inodes, &total); err != nil {
		return 0, 0, err
	}
	if total == 0 { // a file system that counts no inodes
		inodes = 1 << 40
	}
	return blocks * size, inodes, nil
}

// outOfMemory returns how many processes of the box the kernel killed for want of memory. Docker's own word for it is about the
// first process only.
func (b *box) outOfMemory(ctx context.Context) int {
	for _, name := range []string{"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"} {
		out, err := b.answer(ctx, command{args: []string{"cat", name}, user: "root"})
		if err != nil {
			continue
		}
		for line := range bytes.Lines(out) {
			if count, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "oom_kill "); ok {
				n, _ := strconv.Atoi(count)
				return n
			}
		}
	}
	return 0
}

// explain says why a command of a phase ended badly, as far as is known.
func (b *box) explain(ctx context.Context, status int, limits build.Limits) string {
	if n := b.outOfMemory(ctx); n > 0 {
		return fmt.Sprintf("out of memory: with %d MiB for all, %d processes were killed", limits.Memory, n)
	}
	if status == 137 {
		return "a process was killed"
	}
	return ""
}
