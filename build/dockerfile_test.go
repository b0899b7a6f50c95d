package build

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The builder target of the project's Dockerfile runs the recipe, in the order of a plan, and nothing else as root.
func TestBuilderTarget(t *testing.T) {
	data, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, builder, ok := strings.Cut(string(data), " AS builder\n")
	if !ok {
		t.Fatal("no builder target")
	}
	builder, _, _ = strings.Cut(builder, "\nFROM ")
	if !strings.Contains(builder, "\nCOPY build/prepare.sh /prepare.sh\n") {
		t.Error("it does not copy the recipe")
	}
	var commands []string
	for _, m := range regexp.MustCompile(`(?m)^RUN (.*)$`).FindAllStringSubmatch(builder, -1) {
		call := regexp.MustCompile(`sh /prepare\.sh ([a-z-]+)`).FindStringSubmatch(m[1])
		if call == nil || strings.ContainsAny(strings.TrimPrefix(m[1], `[ -z "$PACKAGES" ] || `), ";&|") {
			t.Errorf("root runs something else than the recipe: %s", m[1])
			continue
		}
		commands = append(commands, call[1])
	}
	if want := []string{"base", "install", "upgrade", "manifest"}; !slices.Equal(commands, want) {
		t.Errorf("root's commands are %q, want %q", commands, want)
	}
	if i := strings.Index(builder, "\nUSER "); i < strings.LastIndex(builder, "\nRUN ") {
		t.Error("the user is not the unprivileged one at the end")
	}
}
