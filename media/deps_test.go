package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// imports are the packages of this repository that each package may import. So the
// app shares with the handler only what knows nothing of WhatsApp, the providers do
// not know each other, and none of them knows where files are stored.
var imports = map[string][]string{
	"media":           {"handler/bridge", "handler/worker", "media/acs", "media/download", "media/meta", "media/store", "media/transfer"},
	"media/transfer":  {"handler/bridge", "media/download", "media/meta", "media/request", "media/store"},
	"media/store":     {"media/httperror", "media/request"},
	"media/meta":      {"handler/lenient", "media/download", "media/request"},
	"media/acs":       {"media/download", "media/request"},
	"media/download":  {"media/httperror", "media/request"},
	"media/httperror": nil,
	"media/request":   {"handler/lenient", "handler/quoted"},
}

func TestImports(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./media/...")
	list.Dir = testkit.Root(t)
	text, err := list.Output()
	testkit.Must(t, err)
	found := 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(strings.ReplaceAll(line, "whatsapp-functions/", ""))
		may, known := imports[fields[0]]
		if !known {
			t.Errorf("package %s is new: list what it may import", fields[0])
		}
		found++
		for _, path := range fields[1:] {
			if (strings.HasPrefix(path, "handler/") || strings.HasPrefix(path, "media/") || strings.HasPrefix(path, "devhost")) && !slices.Contains(may, path) {
				t.Errorf("%s imports %s", fields[0], path)
			}
		}
	}
	if found != len(imports) {
		t.Errorf("%d packages, want %d", found, len(imports))
	}
}
