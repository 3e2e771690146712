package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/worker"
)

// README's table has a row for every variable that is read, with its default, and no
// other row.
func TestEveryVariableIsInTheReadme(t *testing.T) {
	var read []string
	lookup := func(name string) (string, bool) {
		if !slices.Contains(read, name) {
			read = append(read, name)
		}
		return "", false
	}
	if code := run(t.Context(), []string{"handler"}, lookup, io.Discard, io.Discard); code != 1 {
		t.Errorf("exit code %d without a port", code)
	}
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ").FindAllStringSubmatch(string(readme), -1) {
		rows = append(rows, row[1])
	}
	slices.Sort(read)
	slices.Sort(rows)
	if diff := cmp.Diff(read, rows); diff != "" {
		t.Errorf("the code reads (-) what README.md lists (+):\n%s", diff)
	}
	for variable, value := range map[string]string{
		worker.EnvLogLevel: "info",
		envMaxBody:         "16777216",
		envOptOut:          defaultOptOut,
	} {
		if row := "| `" + variable + "` | `" + value + "` |"; !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks %s", row)
		}
	}
}
