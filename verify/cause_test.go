package verify_test

import (
	"testing"

	"github.com/gverify/gverify/verify"
)

// What is inferred is never called certain, however sure; what was recorded may be.
func TestCauseWord(t *testing.T) {
	for _, c := range []struct {
		cause verify.Cause
		want  string
	}{
		{verify.Cause{ID: verify.PackageDrift, Confidence: 0.99}, "high"},
		{verify.Cause{ID: verify.StaleCache, Confidence: 0.95}, "high"},
		{verify.Cause{ID: verify.PollutedBase, Confidence: 0.61}, "likely"},
		{verify.Cause{ID: verify.UpstreamArtifact, Confidence: 0.95}, "certain"},
		{verify.Cause{ID: verify.OtherCommit, Confidence: 0.97}, "certain"},
		{verify.Cause{ID: verify.OtherRelease, Confidence: 0.85}, "high"},
		{verify.Cause{}, "low"},
	} {
		if got := c.cause.Word(); got != c.want {
			t.Errorf("%s at %d %%: %q, want %q", c.cause.ID, c.cause.Confidence.Percent(), got, c.want)
		}
	}
}
