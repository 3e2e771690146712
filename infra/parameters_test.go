package infra

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/deploy.md explains every parameter, and each default that is a literal.
func TestParametersAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "docs/deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (.*?) \\| .* \\|$").FindAllStringSubmatch(string(page), -1) {
		documented[row[1]] = row[2]
	}
	var parameters, rows []string
	for _, d := range readProject(t, repository).bicep[mainFile].Declarations {
		if d.Kind != "parameter" {
			continue
		}
		parameters = append(parameters, d.Name)
		var literal string
		switch value := d.Value.(type) {
		case string:
			literal = value
		case float64, bool:
			literal = source(value)
		}
		if literal != "" && documented[d.Name] != "`"+literal+"`" {
			t.Errorf("docs/deploy.md has the default %s for %s, not %s", documented[d.Name], d.Name, literal)
		}
	}
	for name := range documented {
		rows = append(rows, name)
	}
	slices.Sort(parameters)
	slices.Sort(rows)
	if diff := cmp.Diff(parameters, rows); diff != "" {
		t.Errorf("infra/main.bicep (-), docs/deploy.md (+):\n%s", diff)
	}
}
