package infra

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commands returns a PATH with make, the programs that it needs, and a fake of
// each name. A fake appends its arguments to the file called.
func commands(t *testing.T, fakes ...string) (path, called string) {
	t.Helper()
	folder := t.TempDir()
	called = filepath.Join(folder, "called")
	for _, name := range []string{"make", "sh", "env", "go", "git", "grep", "gcc", "cc", "cat", "echo"} {
		real, err := exec.LookPath(name)
		if err != nil || slices.Contains(fakes, name) {
			continue
		}
		if err := os.Symlink(real, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range fakes {
		script := fmt.Sprintf("#!/bin/sh\necho %s \"$@\" >>'%s'\n", name, called)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return folder, called
}

// makes runs make in the repository.
func makes(t *testing.T, path string, args ...string) (output string, err error) {
	t.Helper()
	command := exec.Command(filepath.Join(path, "make"), args...)
	command.Dir = repository
	command.Env = append(os.Environ(), "PATH="+path, "MAKEFLAGS=", "APP=", "RG=", "ACS=", "TOPIC=", "ZIP=", "SOURCES=acs", "TOPIC_RG=", "CONFIRM=", "MEDIA=", "MEDIA_ZIP=")
	text, err := command.CombinedOutput()
	return string(text), err
}

// A command names everything that it lacks, and does nothing.
func TestCommandsNameWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		fakes []string
		args  []string
		want  string
	}{
		"deploy, no variable":           {[]string{"az"}, []string{"deploy"}, "not set: APP RG. Run: make deploy APP=... RG=..."},
		"deploy, no group":              {[]string{"az"}, []string{"deploy", "APP=a"}, "not set: RG. Run: make deploy RG=..."},
		"deploy, no az":                 {nil, []string{"deploy", "APP=a", "RG=g"}, "az is not installed: https://aka.ms/azure-cli"},
		"deploy, one of two zips":       {[]string{"az"}, []string{"deploy", "APP=a", "RG=g", "ZIP=a.zip", "MEDIA=true"}, "not set: MEDIA_ZIP. Run: make deploy MEDIA_ZIP=..."},
		"subscribe, no resource":        {[]string{"az"}, []string{"subscribe", "APP=a", "RG=g"}, "not set: ACS. Run: make subscribe ACS=..."},
		"deploy subscribe, no variable": {[]string{"az"}, []string{"deploy", "subscribe"}, "not set: ACS APP RG. Run: make deploy subscribe ACS=... APP=... RG=..."},
		"logs, no variable":             {[]string{"az"}, []string{"logs"}, "not set: APP RG. Run: make logs APP=... RG=..."},
		"smoke, no app":                 {[]string{"az"}, []string{"smoke", "RG=g"}, "not set: APP. Run: make smoke APP=..."},
		"start, no func":                {nil, []string{"start"}, "func is not installed: Azure Functions Core Tools"},
		"bicep, no az":                  {nil, []string{"bicep"}, "az is not installed"},
	} {
		t.Run(name, func(t *testing.T) {
			path, called := commands(t, test.fakes...)
			output, err := makes(t, path, test.args...)
			if err == nil || !strings.Contains(output, test.want) {
				t.Errorf("%v, without %q:\n%s", err, test.want, output)
			}
			if text, err := os.ReadFile(called); err == nil {
				t.Errorf("a program was called: %s", text)
			}
		})
	}
}

// The compiler only warns of a misspelt property, which Azure then ignores or
// refuses.
func TestMakeBicepFailsOnWarnings(t *testing.T) {
	for name, test := range map[string]struct {
		output string
		fails  bool
	}{
		"nothing":                    {"", false},
		"a misspelt property":        {"WARNING: /app/infra/main.bicep(239,9) : Warning BCP089: The property \"maximumInstancesCount\" is not allowed", true},
		"an unknown API version":     {"WARNING: /app/infra/main.bicep(198,15) : Warning BCP081: Resource type \"Microsoft.Web/serverfarms@2099-01-01\" does not have types available.", true},
		"a rule of the linter":       {"WARNING: /app/infra/main.bicep(4,7) : Warning no-unused-params: Parameter \"app\" is declared but never used.", true},
		"a notice about a new Bicep": {"WARNING: A new Bicep release is available: v0.50.1. Upgrade now by running \"az bicep upgrade\".", false},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := commands(t)
			script := "#!/bin/sh\ncat >&2 <<'EOF'\n" + test.output + "\nEOF\n"
			if err := os.WriteFile(filepath.Join(path, "az"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			output, err := makes(t, path, "bicep")
			if (err != nil) != test.fails || !strings.Contains(output, test.output) {
				t.Errorf("%v: %s", err, output)
			}
		})
	}
}

func TestCommandsCallAz(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"deploy a built zip": {
			[]string{"deploy", "APP=chat", "RG=group", "ZIP=built/app.zip"},
			[]string{`az functionapp deployment source config-zip --resource-group group --name chat --src built/app.zip --output none`},
		},
		"deploy the zips of both apps": {
			[]string{"deploy", "APP=chat", "RG=group", "ZIP=built/app.zip", "MEDIA_ZIP=built/media.zip", "MEDIA=true"},
			[]string{`az functionapp deployment .* --name chat --src built/app.zip --output none`, `az functionapp deployment .* --name chat-media --src built/media.zip --output none`},
		},
		"deploy without the media app": {
			[]string{"deploy", "APP=chat", "RG=group", "ZIP=built/app.zip", "MEDIA_ZIP=built/media.zip", "MEDIA=false"},
			[]string{`az functionapp deployment .* --name chat --src built/app.zip --output none`},
		},
		"package": {
			[]string{"package"},
			[]string{`go run ./release --arch amd64`, `go run ./release --arch amd64 --media`},
		},
		"subscribe": {
			[]string{"subscribe", "APP=chat", "RG=group", "ACS=/subscriptions/s/acs"},
			[]string{`az deployment group create --resource-group group --template-file infra/events.bicep --output none --confirm-with-what-if --parameters app=chat communicationServices=/subscriptions/s/acs`},
		},
		"subscribe to an existing topic": {
			[]string{"subscribe", "APP=chat", "RG=group", "ACS=/acs", "TOPIC=sms"},
			[]string{`az deployment group create .* systemTopic=sms`},
		},
		"subscribe to a topic of another group, in a workflow": {
			[]string{"subscribe", "APP=chat", "RG=group", "ACS=/acs", "TOPIC=sms", "TOPIC_RG=shared", "CONFIRM=1"},
			[]string{`az deployment group create --resource-group group --template-file infra/events.bicep --output none --parameters app=chat communicationServices=/acs systemTopic=sms topicGroup=shared`},
		},
		"subscribe without ACS": {
			[]string{"subscribe", "SOURCES=meta"},
			nil,
		},
		"logs": {
			[]string{"logs", "APP=chat", "RG=group"},
			[]string{`az monitor app-insights query --resource-group group --apps chat --offset 1h .*`},
		},
		"smoke": {
			[]string{"smoke", "APP=chat", "RG=group"},
			[]string{`az functionapp show .*`, `az functionapp keys list .*`, `go run ./redeliver --check\s+--url https://`},
		},
		"smoke with Meta as a source": {
			[]string{"smoke", "APP=chat", "RG=group", "SOURCES=both"},
			[]string{`az .*`, `az .*`, `go run ./redeliver --check --check-webhook --url https://`},
		},
		"smoke with the media app": {
			[]string{"smoke", "APP=chat", "RG=group", "MEDIA=true"},
			[]string{`az .*`, `az .*`, `go run ./redeliver .*`, `az functionapp function show --resource-group group --name chat-media --function-name MediaTrigger .*`},
		},
		"bicep": {
			[]string{"bicep"},
			[]string{`az bicep build --file infra/main.bicep --stdout`, `az bicep build --file infra/events.bicep --stdout`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, called := commands(t, "az")
			if test.args[0] == "smoke" || test.args[0] == "package" {
				path, called = commands(t, "az", "go")
			}
			if output, err := makes(t, path, test.args...); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			text, err := os.ReadFile(called)
			if err != nil && len(test.want) > 0 {
				t.Fatal(err)
			}
			if want := regexp.MustCompile("^(go env CC\n)?" + strings.Join(test.want, "\n") + "\n?$"); !want.Match(text) {
				t.Errorf("called:\n%s", text)
			}
		})
	}
}
