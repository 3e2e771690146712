package infra

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commands makes a PATH with make and what it needs, and with a fake of each of
// the names: it writes its arguments to the file that is returned.
func commands(t *testing.T, fakes ...string) (path, called string) {
	t.Helper()
	folder := t.TempDir()
	called = filepath.Join(folder, "called")
	for _, name := range []string{"make", "sh", "env", "go", "git", "grep", "gcc", "cc"} {
		real, err := exec.LookPath(name)
		if err != nil {
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

func makes(t *testing.T, path string, args ...string) (output string, err error) {
	t.Helper()
	command := exec.Command(filepath.Join(path, "make"), args...)
	command.Dir = repository
	command.Env = append(os.Environ(), "PATH="+path, "MAKEFLAGS=", "APP=", "RG=", "ACS=", "TOPIC=", "ZIP=")
	text, err := command.CombinedOutput()
	return string(text), err
}

// Who lacks something is told what, before anything is done.
func TestCommandsSayWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		fakes []string
		args  []string
		want  string
	}{
		"deploy, no app":         {[]string{"az"}, []string{"deploy"}, "APP is not set: make deploy APP=..."},
		"deploy, no group":       {[]string{"az"}, []string{"deploy", "APP=a"}, "RG is not set: make deploy RG=..."},
		"deploy, no az":          {nil, []string{"deploy", "APP=a", "RG=g"}, "az is not installed: https://aka.ms/azure-cli"},
		"subscribe, no resource": {[]string{"az"}, []string{"subscribe", "APP=a", "RG=g"}, "ACS is not set: make subscribe ACS=..."},
		"logs, no app":           {[]string{"az"}, []string{"logs"}, "APP is not set: make logs APP=..."},
		"smoke, no app":          {[]string{"az"}, []string{"smoke"}, "APP is not set"},
		"start, no func":         {nil, []string{"start"}, "func is not installed: Azure Functions Core Tools"},
		"bicep, no az":           {nil, []string{"bicep"}, "az is not installed"},
	} {
		t.Run(name, func(t *testing.T) {
			path, called := commands(t, test.fakes...)
			output, err := makes(t, path, test.args...)
			if err == nil || !strings.Contains(output, test.want) {
				t.Errorf("%v, without %q:\n%s", err, test.want, output)
			}
			if text, err := os.ReadFile(called); err == nil {
				t.Errorf("called all the same: %s", text)
			}
		})
	}
}

func TestCommandsCallAz(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"deploy a zip that is built": {
			[]string{"deploy", "APP=chat", "RG=group", "ZIP=built/app.zip"},
			[]string{`az functionapp deployment source config-zip --resource-group group --name chat --src built/app.zip --output none`},
		},
		"subscribe": {
			[]string{"subscribe", "APP=chat", "RG=group", "ACS=/subscriptions/s/acs"},
			[]string{`az deployment group create --resource-group group --template-file infra/events.bicep --output none --parameters app=chat communicationServices=/subscriptions/s/acs`},
		},
		"subscribe to a topic that is there": {
			[]string{"subscribe", "APP=chat", "RG=group", "ACS=/acs", "TOPIC=sms"},
			[]string{`az deployment group create .* systemTopic=sms`},
		},
		"logs": {
			[]string{"logs", "APP=chat", "RG=group"},
			[]string{`az monitor app-insights query --resource-group group --apps chat --offset 1h .*`},
		},
		"bicep": {
			[]string{"bicep"},
			[]string{`az bicep build --file infra/main.bicep --stdout`, `az bicep build --file infra/events.bicep --stdout`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, called := commands(t, "az")
			if output, err := makes(t, path, test.args...); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			text, err := os.ReadFile(called)
			if err != nil {
				t.Fatal(err)
			}
			if want := regexp.MustCompile("^" + strings.Join(test.want, "\n") + "\n$"); !want.Match(text) {
				t.Errorf("called:\n%s", text)
			}
		})
	}
}
