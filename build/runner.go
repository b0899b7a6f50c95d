package build

import (
	"context"
	"io"
)

// Runner runs a plan. The real one uses Docker's API, tests use a fake that returns a manifest.
type Runner interface {
	// Run does everything the plan says, unit after unit, and returns what came out. The plan is [Plan.Check]ed first: one that
	// is not complete (a tag without a commit, a file without a digest, a base without a digest) is an error before anything
	// starts. What the phases print goes to log as it comes; nil discards it. Artifacts are left where the runner was told to
	// put them, never in the Result.
	//
	// A build that ends with an error status is a *[FailedError]. When ctx is cancelled, everything the run started has stopped
	// and is removed by the time Run returns.
	Run(ctx context.Context, p Plan, log io.Writer) (Result, error)
}
