package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed are the modules that may be part of what ships. A new one needs a
// reason, and a line here.
var allowed = []string{
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging",
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to",
	"github.com/Azure/azure-sdk-for-go/sdk/internal/uuid",
	"github.com/mattn/go-colorable",
	"github.com/mattn/go-isatty",
	"github.com/rs/zerolog",
	"github.com/rs/zerolog/internal/json",
	"golang.org/x/sys/unix",
}

// inward are the packages of ours that a package may import. The way is one:
// bridge, function, eventgrid, acs, conversation, outputs.
var inward = map[string][]string{
	"handler":                 {"acs", "advancedmessage", "bridge", "conversation", "eventgrid", "status"},
	"handler/advancedmessage": {"acs", "bridge", "conversation", "eventgrid", "lenient", "outputs", "quoted"},
	"handler/status":          {"acs", "bridge", "conversation", "eventgrid", "lenient", "outputs", "quoted"},
	"handler/bridge":          {"lenient", "quoted"},
	"handler/eventgrid":       {"lenient"},
	"handler/acs":             {"conversation", "lenient"},
	"handler/conversation":    nil,
	"handler/outputs":         {"conversation", "eventgrid", "lenient", "quoted"},
	"handler/lenient":         nil,
	"handler/quoted":          nil,

	"handler/quoted/quotedtest": {"quoted"},
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, args...)...)
	command.Dir = repository
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	text, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestWhatShips(t *testing.T) {
	found := list(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./handler")
	found = slices.DeleteFunc(found, func(path string) bool { return strings.HasPrefix(path, "whatsapp-functions/handler") })
	slices.Sort(found)
	for _, path := range found {
		if !slices.Contains(allowed, path) {
			t.Errorf("%s ships, and is not allowed to", path)
		}
	}
	for _, path := range allowed {
		if !slices.Contains(found, path) {
			t.Errorf("%s is allowed to ship, and does not: remove it from the list", path)
		}
	}
}

func TestOneWayThrough(t *testing.T) {
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./handler/...") {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], "whatsapp-functions/")
		may, known := inward[name]
		if !known {
			t.Errorf("package %s is new: say what it may import", name)
		}
		for _, path := range fields[1:] {
			if ours, ok := strings.CutPrefix(path, "whatsapp-functions/handler/"); ok && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s", name, ours)
			}
		}
	}
	for _, line := range list(t, "-deps", "./devhost") {
		if strings.HasPrefix(line, "whatsapp-functions/handler") {
			t.Errorf("devhost imports %s: the two check each other", line)
		}
	}
}
