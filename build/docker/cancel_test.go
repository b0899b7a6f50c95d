package docker

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gverify/gverify/build"
)

// A build that is cancelled in its script has stopped and is gone when Run returns.
func TestCancelledBuildIsGone(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := Options{Output: t.TempDir(), Sources: b.store, OpenBase: b.open, CacheDir: b.cache, Phase: func(_ string, p build.Phase) {
		if p == build.PhaseScript {
			time.AfterFunc(2*time.Second, cancel)
		}
	}}
	began := time.Now()
	_, err := b.engine.Runner(o).Run(ctx, b.plan(t, job{descriptor: descriptor("sleep 1000")}), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v after %s", err, time.Since(began))
	}
	if left := b.containers(t); left > 0 {
		t.Errorf("%d containers are left", left)
	}
}

// A container ends with the connection of whoever started it, as it does when gverify is killed.
func TestContainerEndsWithItsLifeline(t *testing.T) {
	b := newBench(t)
	image, err := (&run{engine: b.engine, options: Options{OpenBase: b.open}}).baseImage(t.Context(), build.Environment{Base: b.base, Suite: "bookworm", Architecture: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	box, err := b.engine.open(t.Context(), boxOptions{image: image, user: "root", limits: build.DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	if inspected, err := b.engine.api.ContainerInspect(t.Context(), box.id); err != nil || !inspected.State.Running {
		t.Fatalf("the container does not run: %v", err)
	}
	box.lifeline.Close()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		inspected, err := b.engine.api.ContainerInspect(t.Context(), box.id)
		if err != nil {
			t.Fatal(err)
		}
		if !inspected.State.Running {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the container still runs")
		}
	}
}
