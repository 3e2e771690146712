package docs

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMediaSettings checks that docs/media.md has every variable that the media app
// reads, and no other.
func TestMediaSettings(t *testing.T) {
	names := func(file string, pattern *regexp.Regexp) []string {
		found := map[string]bool{}
		for _, match := range pattern.FindAllStringSubmatch(read(t, filepath.Join(repository, file)), -1) {
			found[match[1]] = true
		}
		return slices.Sorted(maps.Keys(found))
	}
	want := names("media/config.go", regexp.MustCompile(`"((?:MEDIA|ConversationStorage_)_\w+)"`))
	got := names("docs/media.md", regexp.MustCompile("(?m)^\\| `((?:MEDIA|ConversationStorage_)_\\w+)`"))
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 9 {
		t.Errorf("media/config.go (-), docs/media.md (+):\n%s", diff)
	}
}
