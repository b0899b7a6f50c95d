package verify

import "time"

// Environment is when a build environment was put together, judged by its packages. All times are approximate: they are those
// of the commits that first showed a package.
type Environment struct {
	After, Before time.Time // the window; a zero end is open
	Mixed         bool      // its packages contradict each other: never upgraded as a whole. After and Before are not set
	AfterBy       Witness   // the package that sets the bound
	BeforeBy      Witness
}

// Known reports whether the environment could be dated at all.
func (e Environment) Known() bool { return e.Mixed || !e.After.IsZero() || !e.Before.IsZero() }

// Witness is a package that dates an environment.
type Witness struct {
	Suite, Package, Version string
	Successor               string // for the upper bound: the newer version that it lacks
	Seen                    time.Time
}
