// Package score compares explanations with mismatches whose cause is known.
//
// It is for those who change how causes are weighed. It reads no repository: who uses it brings the assertions.
package score

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gverify/gverify/verify"
)

// Case is a mismatch with a known cause. The JSON names are those of the files of labelled cases.
type Case struct {
	ID         string           `json:"id"`
	Repo       string           `json:"repo"`    // name of the repository it is from
	Release    string           `json:"release"` // directory
	Label      verify.CauseID   `json:"label"`   // what the history shows
	Acceptable []verify.CauseID `json:"acceptable_labels"`
	Certainty  string           `json:"label_confidence"`
	Kind       string           `json:"kind"`      // "conflict": groups; "structural": one assertion among others
	Artifacts  []string         `json:"artifacts"` // that are in conflict
	Clusters   []Cluster        `json:"clusters"`
	Deviating  []Assertion      `json:"deviating"`
	Others     []Assertion      `json:"others"`
}

// Cluster is a group of a conflict.
type Cluster struct {
	Deviating  bool        `json:"deviating"`
	Assertions []Assertion `json:"assertions"`
}

// Assertion names a file of a repository's history.
type Assertion struct {
	Signer   string `json:"signer"`
	Path     string `json:"path"`
	Blob     string `json:"blob"` // empty: the file could not be read by whoever made the case; the signer's files of the release
	Replaced bool   `json:"replaced_or_removed"`
}

// ReadCases reads a file of labelled cases.
func ReadCases(data []byte) ([]Case, error) {
	var cases []Case
	if err := json.Unmarshal(data, &cases); err != nil {
		return nil, fmt.Errorf("not a list of cases: %w", err)
	}
	for i, c := range cases {
		if c.ID == "" || len(c.Acceptable) == 0 || len(c.Clusters) == 0 && len(c.Deviating) == 0 {
			return nil, fmt.Errorf("case %d (%q) lacks an id, acceptable_labels, or clusters or deviating", i+1, c.ID)
		}
	}
	return cases, nil
}

// Assertions returns all assertions of a case: who is asked.
func (c Case) Assertions() []Assertion {
	var out []Assertion
	for _, cluster := range c.Clusters {
		out = append(out, cluster.Assertions...)
	}
	return append(append(out, c.Deviating...), c.Others...)
}

// deviates reports whether an observation is one whose cause is asked for.
func (c Case) deviates(o verify.Observation) bool {
	is := func(a Assertion) bool {
		if a.Blob != "" {
			return a.Blob == o.Blob
		}
		return a.Signer == o.Signer
	}
	if slices.ContainsFunc(c.Deviating, is) {
		return true
	}
	return slices.ContainsFunc(c.Clusters, func(cluster Cluster) bool {
		return cluster.Deviating && slices.ContainsFunc(cluster.Assertions, is)
	})
}

// accepts reports whether a cause is one that a tool can know to be right. Two names stand for tools that changed.
func (c Case) accepts(id verify.CauseID) bool {
	if slices.Contains(c.Acceptable, id) {
		return true
	}
	drift := []verify.CauseID{verify.PackageDrift, verify.Toolchain}
	return slices.Contains(drift, id) && slices.ContainsFunc(c.Acceptable, func(a verify.CauseID) bool { return slices.Contains(drift, a) })
}
