package platform

import (
	"encoding/json/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/internal/testkit"
)

func TestUnknownSettings(t *testing.T) {
	folder := testkit.AppFolder(t, testkit.Write(SettingsFile, `["HANDLER_LOG_LEVEL","HANDLER_OPT_OUT_WORDS","META_APP_SECRETS","META_VERIFY_TOKEN"]`))
	a, err := app.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	a.Settings["HANDLER_OPTOUT_WORDS"] = "STOP"
	got, err := checkSettings(a, []string{"HANDLER_LOGLEVEL=debug", "HANDLER_LOG_LEVEL=debug", "META_SECRETS=x", "PATH_X=1", "HOME=/"})
	want := []string{
		"the setting HANDLER_LOGLEVEL is unknown and has no effect: did you mean HANDLER_LOG_LEVEL?",
		"the setting HANDLER_OPTOUT_WORDS is unknown and has no effect: did you mean HANDLER_OPT_OUT_WORDS?",
		"the setting META_SECRETS is unknown and has no effect: did you mean META_APP_SECRETS?",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// The list and the README name the same settings.
func TestListOfSettings(t *testing.T) {
	var listed, documented []string
	content, err := os.ReadFile(filepath.Join("../..", SettingsFile))
	if err == nil {
		err = json.Unmarshal(content, &listed)
	}
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile("(?m)^\\| `([A-Z]+_[A-Z_]+)` \\| [^|]*\\|").FindAllSubmatch(readme, -1) {
		if name := string(found[1]); !regexp.MustCompile("^FUNCTIONS_").MatchString(name) {
			documented = append(documented, name)
		}
	}
	if diff := cmp.Diff(documented, listed); diff != "" {
		t.Errorf("README.md and %s differ: %s", SettingsFile, diff)
	}
}
