package docs

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

var (
	// call is a call of devhost: its command and arguments.
	call    = regexp.MustCompile("\\bdevhost ([a-z]+)([^`|;)\n]*)")
	option  = regexp.MustCompile(`(?:^|[ \x60])(--[a-z][a-z-]*)`)
	command = regexp.MustCompile(`(?m)^  ([a-z]+)  `)
)

// TestFlagsExist checks that devhost has the flags that the pages use.
func TestFlagsExist(t *testing.T) {
	commands, all := map[string]string{}, ""
	for _, match := range command.FindAllStringSubmatch(help(t), -1) {
		commands[match[1]] = help(t, match[1])
		all += commands[match[1]]
	}
	calls := 0
	for _, p := range pages(t) {
		for _, match := range call.FindAllStringSubmatch(strings.ReplaceAll(p.text, "\\\n", " "), -1) {
			if flags, exists := commands[match[1]]; exists {
				calls++
				requireFlags(t, p.name+": devhost "+match[1], match[2], flags)
			}
		}
		if p.name == "docs/devhost.md" {
			requireFlags(t, p.name, p.text, all)
		}
	}
	if calls < 10 {
		t.Errorf("the pages call devhost only %d times", calls)
	}
}

func requireFlags(t *testing.T, where, text, help string) {
	t.Helper()
	for _, match := range option.FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(match[1] + `[^a-z-]`).MatchString(help) {
			t.Errorf("%s has no flag %s", where, match[1])
		}
	}
}

func help(t *testing.T, arguments ...string) string {
	t.Helper()
	text, err := exec.Command(testkit.Program(t, "devhost"), append(arguments, "--help")...).CombinedOutput()
	if err != nil {
		t.Fatalf("devhost %s --help: %v\n%s", arguments, err, text)
	}
	return string(text)
}
