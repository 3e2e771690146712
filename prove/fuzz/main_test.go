package main

import (
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

func TestUsage(t *testing.T) {
	for arguments, want := range map[string]int{"--only (": 2, "--bad": 2, "argument": 2, "--together 0": 2, "-h": 0} {
		if got := run(t.Context(), strings.Fields(arguments), t.Output(), t.Output()); got != want {
			t.Errorf("fuzz %s: exit code %d, want %d", arguments, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Chdir(testkit.Root(t))
	all, err := find(t.Context())
	if err != nil || len(all) < 8 {
		t.Fatal(all, err)
	}
	for _, f := range all {
		if !strings.HasPrefix(f.pkg, "./") || !strings.HasPrefix(f.name, "Fuzz") {
			t.Errorf("%+v", f)
		}
	}
}
