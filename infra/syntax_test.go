package infra

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// syntax says where the syntax of Bicep files is wrong. It knows the grammar,
// and no types: those are for the compiler.
func syntax(t *testing.T, files ...string) (complaints string) {
	t.Helper()
	const script = "tools/bicep/syntax.mjs"
	if _, err := os.Stat(filepath.Join(repository, "tools/bicep/node_modules")); err != nil {
		testkit.Skip(t, "there is nothing to read Bicep with: make tools/bicep/node_modules")
	}
	text, err := exec.Command("node", append([]string{filepath.Join(repository, script)}, files...)...).CombinedOutput()
	if err != nil && len(text) == 0 {
		t.Fatal(err)
	}
	return string(text)
}

func TestBicepCanBeRead(t *testing.T) {
	files, err := filepath.Glob("*.bicep")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	if text := syntax(t, files...); text != "" {
		t.Error(text)
	}
}

func TestBrokenBicepIsFound(t *testing.T) {
	all := readTexts(t)
	folder := t.TempDir()
	edits := map[string]struct{ old, new string }{
		"a-word-misspelt":        {"resource plan ", "resourc plan "},
		"an-equals-sign":         {"  location: location\n", "  location = location\n"},
		"a-colon-forgotten":      {"  sku: {", "  sku {"},
		"a-text-that-goes-on":    {"kind: 'web'", "kind: 'web"},
		"a-brace-too-many":       {"\nresource plan ", "\n}\nresource plan "},
		"a-parameter-of-no-type": {"param app string", "param app"},
	}
	var files []string
	for name, edit := range edits {
		if !strings.Contains(all[mainFile], edit.old) {
			t.Fatalf("%s: there is no %q", name, edit.old)
		}
		file := filepath.Join(folder, name+".bicep")
		if err := os.WriteFile(file, []byte(strings.Replace(all[mainFile], edit.old, edit.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	text := syntax(t, files...)
	for name := range edits {
		if !strings.Contains(text, name+".bicep:") {
			t.Errorf("%s is not found: %s", name, text)
		}
	}
}
