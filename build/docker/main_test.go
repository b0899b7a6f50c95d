package docker

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
)

// runs are the engine connections of this test process: what they made is removed at its end.
var runs struct {
	sync.Mutex
	ids []string
}

// Images are shared by the tests of one process and gone after it, unless GVERIFY_TEST_KEEP is set to have the next one start
// quicker.
func TestMain(m *testing.M) {
	code := m.Run()
	if len(runs.ids) > 0 && os.Getenv("GVERIFY_TEST_KEEP") == "" {
		if err := removeImages(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "images of the tests are left:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

func removeImages(ctx context.Context) error {
	e, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer e.Close()
	for range 3 { // children before parents
		for _, id := range runs.ids {
			images, err := e.api.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelRun+"="+id))})
			if err != nil {
				return err
			}
			for _, i := range images {
				if _, err := e.api.ImageRemove(ctx, i.ID, image.RemoveOptions{Force: true}); err != nil {
					continue // its child is another image of the list
				}
			}
		}
	}
	return nil
}
