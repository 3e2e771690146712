package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed are the packages of other modules that the handler may contain. A new
// one needs a reason.
var allowed = []string{
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging",
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to",
	"github.com/Azure/azure-sdk-for-go/sdk/internal/uuid",
	"github.com/mattn/go-colorable",
	"github.com/mattn/go-isatty",
	"github.com/rs/zerolog",
	"github.com/rs/zerolog/internal/json",
	"golang.org/x/sys/unix",
	"golang.org/x/text/cases",
	"golang.org/x/text/internal",
	"golang.org/x/text/internal/language",
	"golang.org/x/text/internal/language/compact",
	"golang.org/x/text/internal/tag",
	"golang.org/x/text/language",
	"golang.org/x/text/transform",
	"golang.org/x/text/unicode/norm",
}

// imports are the packages of the handler that each of them may import. An event
// passes bridge, functions, eventgrid, a provider, conversation and record. So
// bridge knows nothing of WhatsApp, nothing after a provider knows it, and
// conversation imports nothing.
var imports = map[string][]string{
	"handler":              {"conversation", "functions", "meta", "worker"},
	"handler/worker":       {"bridge"},
	"handler/functions":    {"acs", "bridge", "conversation", "eventgrid", "lenient", "meta", "quoted", "record"},
	"handler/bridge":       {"lenient", "quoted"},
	"handler/eventgrid":    {"lenient"},
	"handler/acs":          {"conversation", "lenient", "whatsapp"},
	"handler/meta":         {"conversation", "lenient", "whatsapp"},
	"handler/whatsapp":     {"conversation"},
	"handler/conversation": nil,
	"handler/record":       {"conversation", "eventgrid", "lenient", "quoted"},
	"handler/lenient":      nil,
	"handler/quoted":       nil,
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

func TestDependencies(t *testing.T) {
	found := list(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./handler")
	found = slices.DeleteFunc(found, func(path string) bool { return strings.HasPrefix(path, "whatsapp-functions/handler") })
	slices.Sort(found)
	for _, path := range found {
		if !slices.Contains(allowed, path) {
			t.Errorf("the handler contains %s, which is not allowed", path)
		}
	}
	for _, path := range allowed {
		if !slices.Contains(found, path) {
			t.Errorf("the handler does not contain %s: remove it from the list", path)
		}
	}
}

func TestImports(t *testing.T) {
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./handler/...") {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], "whatsapp-functions/")
		may, known := imports[name]
		if !known {
			t.Errorf("package %s is new: list what it may import", name)
		}
		for _, path := range fields[1:] {
			if other, ok := strings.CutPrefix(path, "whatsapp-functions/handler/"); ok && !slices.Contains(may, other) {
				t.Errorf("%s imports %s", name, other)
			}
		}
	}
	for _, line := range list(t, "-deps", "./media") {
		other, ok := strings.CutPrefix(line, "whatsapp-functions/handler/")
		if ok && !slices.Contains([]string{"bridge", "lenient", "quoted", "worker"}, other) {
			t.Errorf("media imports %s: the two apps share the protocol of custom handlers, and no knowledge of messages", line)
		}
	}
	for _, line := range list(t, "-deps", "./devhost") {
		if strings.HasPrefix(line, "whatsapp-functions/handler") || strings.HasPrefix(line, "whatsapp-functions/media") {
			t.Errorf("devhost imports %s: devhost and the apps must not share code, because each checks the other", line)
		}
	}
}
