package infra

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Workflows use actions by commit, and state their permissions.
func TestWorkflowsArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository, ".github/workflows/*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	uses := regexp.MustCompile(`uses: *(.*)`)
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range uses.FindAllStringSubmatch(string(text), -1) {
			if !pinned.MatchString(use[1]) {
				t.Errorf("%s: %s: name the commit, and the version in a comment after it", file, use[1])
			}
		}
		if !strings.Contains(string(text), "\npermissions:\n  contents: read\n") {
			t.Errorf("%s: write permissions: contents: read at the top, and more only in the job that needs it", file)
		}
		if n := strings.Count(string(text), "run: make package") + strings.Count(string(text), "run: .ci/run"); strings.Count(string(text), "fetch-depth: 0") != n {
			t.Errorf("%s: check out the whole history (fetch-depth: 0) where make package or .ci/run builds the zip, and only there: tags decide the version in the zip", file)
		}
		if strings.Contains(string(text), "secrets.") {
			t.Errorf("%s uses a secret: log in with the workflow's own token", file)
		}
	}
}
